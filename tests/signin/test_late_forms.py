"""A form of the admin that comes after its session ended: nothing is saved behind anybody's back, nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from articles.models import Page
from crampinfo.editorial.models import Topic
from crampinfo.editorial.roles import Role
from tests.signin.people import account, send_password, signed_in, words

pytestmark = pytest.mark.django_db
ADD = "/admin/editorial/topic/add/"
WRITTEN = {
    "name": 'Night "cramps" <b>',
    "slug": "night",
    "language": "en-gb",
    "description": "Two\r\nlines & more",
    "more": ["a", "b"],
    "_save": "",
}
HOME = {"Origin": "http://testserver"}


def browser() -> Client:
    """An editor's browser that checks form tokens as a real one is checked."""
    client = Client(enforce_csrf_checks=True)
    client.cookies = signed_in(account(Role.EDITOR)).cookies
    return client


def token(client: Client) -> str:
    """The token of a form of the admin."""
    page = BeautifulSoup(client.get(ADD).content, "html.parser")
    return str(
        page.select_one("main input[name=csrfmiddlewaretoken], #content input[name=csrfmiddlewaretoken]")["value"]
    )


def kept(answer: Any) -> dict[str, list[str]]:
    """What the page would send again."""
    form = BeautifulSoup(answer.content, "html.parser").select_one("main form")
    assert form is not None
    found: dict[str, list[str]] = {}
    for field in form.select("input[type=hidden]"):
        found.setdefault(str(field["name"]), []).append(str(field.get("value", "")))
    return found


def test_a_form_after_the_session_ended_is_kept_on_the_page_and_can_be_sent_again() -> None:
    client = browser()
    sent = {**WRITTEN, "csrfmiddlewaretoken": token(client)}
    client.post("/accounts/logout/", {"csrfmiddlewaretoken": sent["csrfmiddlewaretoken"]})

    late = client.post(f"{ADD}?_changelist_filters=q%3Dx", sent, headers=HOME)
    assert late.status_code == 403
    assert "You had been signed out when you pressed the button." in words(late)
    assert "Sign in again in a new tab:" in words(late)
    fields = kept(late)
    assert fields.pop("csrfmiddlewaretoken") != [sent["csrfmiddlewaretoken"]]
    assert fields == {name: value if isinstance(value, list) else [value] for name, value in WRITTEN.items()}
    assert f'action="{ADD}?_changelist_filters=q%3Dx"' in late.content.decode()
    assert not Topic.objects.filter(slug="night").exists()

    # In the new tab they sign in, which renews the token; back in this one they press the button.
    login = BeautifulSoup(client.get("/accounts/login/").content, "html.parser").select_one("form input")
    send_password(client, csrfmiddlewaretoken=str(login["value"]))
    again = client.post(ADD, kept(late), headers=HOME)
    assert "You have signed in again since this form was opened." in words(again)
    assert not Topic.objects.filter(slug="night").exists()
    done = client.post(ADD, kept(again), headers=HOME)
    assert done.status_code == 302
    assert Topic.objects.get(slug="night").name == WRITTEN["name"]


def test_a_form_of_another_site_is_never_offered_again() -> None:
    """Not signed in and not signed out; only the address of the page that sent it decides."""
    client = browser()
    for origin in ("https://evil.example", "null", "http://testserver.evil.example", "http://testserver:81", ""):
        for visitor in (client, Client(enforce_csrf_checks=True)):
            answer = visitor.post(ADD, WRITTEN, headers={"Origin": origin} if origin else {})
            assert answer.status_code == 403
            assert "This form is out of date" in words(answer), origin
            assert "Night" not in answer.content.decode(), origin
    assert not Topic.objects.filter(slug="night").exists()


def test_passwords_are_left_out_and_files_are_named() -> None:
    client = Client()
    file = SimpleUploadedFile("calf.png", b"x")
    data = {"username": "new", "password1": "secret-words", "password2": "secret-words", "picture": file}
    answer = client.post("/admin/auth/user/add/", data)
    assert "secret-words" not in answer.content.decode()
    assert set(kept(answer)) == {"csrfmiddlewaretoken", "username"}
    assert "Choose them again afterwards: calf.png" in words(answer)
    assert "no-store" in answer["Cache-Control"]


def test_what_somebody_typed_is_text_on_the_page() -> None:
    answer = Client().post(ADD, {'x"><script>alert(1)</script>': '"><script>alert(2)</script>'})
    assert "<script>alert" not in answer.content.decode()


def test_a_whole_article_fits() -> None:
    body = "<p>" + "calf " * 40_000 + "</p>"
    assert kept(Client().post(ADD, {"body": body}))["body"] == [body]


@pytest.mark.parametrize("path", ["/admin/login/", "/admin/logout/"])
def test_the_doors_themselves_keep_nothing(path: str) -> None:
    answer = Client().post(path, {"username": "x"})
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


def test_a_page_that_is_only_read_leads_to_sign_in_and_back() -> None:
    made = Page.objects.create(slug="about", title="About", summary="Who.", body="<p>We.</p>")
    address = f"/admin/articles/page/{made.pk}/change/"
    client = Client()
    client.get(address, follow=True)
    account(Role.EDITOR)
    assert send_password(client, next=address)["Location"] == address


def test_an_old_sign_in_form_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = send_password(client)
    assert answer.status_code == 403
    assert "Open the page again and fill it in once more." in words(answer)
