"""Signing in with user name and password: the way in, and every way that leads nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse

from crampinfo.editorial.roles import Role
from tests.signin.people import PASSWORD, account, is_in, send_password, signed_in, words

pytestmark = pytest.mark.django_db

LIMIT = 5  # wrong passwords for one account within five minutes
WRONG = "don’t belong together"
WAIT = "Wait five minutes, then try again."


def test_it_works() -> None:
    account(Role.EDITOR)
    client = Client()
    asked = client.get("/admin/articles/article/?q=calf", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    answer = send_password(client, next="/admin/articles/article/?q=calf")
    assert answer["Location"] == "/admin/articles/article/?q=calf"
    assert is_in(client)


def test_without_a_destination_it_leads_home() -> None:
    account(Role.EDITOR)
    assert send_password(Client())["Location"] == "/admin/"


def test_who_is_in_is_sent_on() -> None:
    client = signed_in(account(Role.EDITOR))
    assert client.get("/accounts/login/?next=/admin/articles/article/")["Location"] == "/admin/articles/article/"
    assert client.get("/admin/login/")["Location"] == "/admin/"


def test_the_name_is_taken_in_any_case_and_with_blanks_around_it() -> None:
    account(Role.EDITOR)
    client = Client()
    send_password(client, " INES ")
    assert is_in(client)


@pytest.mark.parametrize(
    ("name", "password"),
    [("ines", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong"), ("sleeping", "wrong"), ("ines", PASSWORD.upper())],
)
def test_a_refusal_tells_nothing_about_the_account(name: str, password: str) -> None:
    account(Role.EDITOR)
    account(Role.EDITOR, name="sleeping", is_active=False)
    client = Client()
    answer = send_password(client, name, password)
    assert answer.status_code == 200
    assert words(answer) == words(send_password(Client(), "someone", "else"))
    assert WRONG in words(answer)
    assert "<title>Error: Sign in" in answer.content.decode()
    assert password not in answer.content.decode(), "a password is not sent back"
    assert not is_in(client)


@pytest.mark.parametrize(
    "fields", [{}, {"login": "ines"}, {"password": PASSWORD}, {"login": "x" * 151, "password": "y"}]
)
def test_an_incomplete_form_says_what_is_missing(fields: dict[str, str]) -> None:
    answer = Client().post("/accounts/login/", fields)
    assert answer.status_code == 200
    assert 'class="field-error"' in answer.content.decode()


@pytest.mark.parametrize("name", ["ines", "nobody"])
def test_many_wrong_passwords_are_stopped(name: str) -> None:
    """The same for an account that exists and one that does not; the right password is no exception."""
    account(Role.EDITOR)
    for _ in range(LIMIT):
        assert WRONG in words(send_password(Client(), name, "wrong"))
    answer = send_password(Client(), name, PASSWORD)
    assert WAIT in words(answer)
    assert answer.status_code == 200


def test_the_limit_is_for_that_account_alone() -> None:
    account(Role.EDITOR)
    for _ in range(LIMIT):
        send_password(Client(), "lena", "wrong")
    signed_in(User.objects.get())


def test_right_passwords_use_nothing_up() -> None:
    user = account(Role.EDITOR)
    for _ in range(LIMIT + 1):
        signed_in(user)


def test_many_names_from_one_address_are_stopped() -> None:
    for number in range(10):
        assert WRONG in words(send_password(Client(), f"name{number}", "wrong"))
    assert WAIT in words(send_password(Client(), "another", "wrong"))


def test_a_flood_from_one_address_is_told_to_wait() -> None:
    for _ in range(30):
        Client().post("/accounts/login/", {})
    answer = Client().post("/accounts/login/", {})
    assert answer.status_code == 429
    assert answer["Retry-After"] == "60"
    assert "Wait a minute, then try again." in words(answer)


def test_other_addresses_are_not_held_back(settings: Any) -> None:
    """Of X-Forwarded-For only what the proxy wrote counts: inventing more in front of it changes nothing."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(30):
        Client().post("/accounts/login/", {}, headers={"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7"})
    held = Client().post("/accounts/login/", {}, headers={"X-Forwarded-For": "198.51.100.99, 203.0.113.7"})
    free = Client().post("/accounts/login/", {}, headers={"X-Forwarded-For": "203.0.113.7, 203.0.113.8"})
    assert (held.status_code, free.status_code) == (429, 200)


@pytest.mark.parametrize("forwarded", ["", "no address", "203.0.113.7"])
def test_a_proxy_that_says_nonsense_stops_nobody(settings: Any, forwarded: str) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 2
    account(Role.EDITOR)
    answer = Client(REMOTE_ADDR="").post(
        "/accounts/login/", {"login": "ines", "password": PASSWORD}, headers={"X-Forwarded-For": forwarded}
    )
    assert answer["Location"] == "/admin/"


def test_attempts_are_counted_where_all_processes_see_them(settings: Any) -> None:
    backend = settings.CACHES["default"]["BACKEND"]
    assert backend.endswith(("DatabaseCache", "RedisCache"))
    if backend.endswith("RedisCache"):
        return
    send_password(Client(), "ines", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("SELECT cache_key FROM site_cache")
        keys = " ".join(row[0] for row in cursor.fetchall())
    assert "login_failed" in keys
    assert "127.0.0.1" not in keys, "no address is stored"
    assert "ines" not in keys
    assert cache.get("anything") is None


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "https:evil.example",
        "http://testserver.evil.example/",
        "http://testserver@evil.example/",
        "javascript:alert(1)",
        "data:text/html,x",
        " https://evil.example/",
        "https://127.0.0.1/admin/",
    ],
)
def test_a_forged_destination_leads_home(target: str, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["testserver", "127.0.0.1"]
    user = account(Role.EDITOR)
    client = Client()
    shown = client.get("/accounts/login/", {"next": target}).content.decode()
    assert f'href="{target}"' not in shown
    assert f'action="{target}"' not in shown
    assert send_password(client, next=target)["Location"] == "/admin/"
    for address in ("/accounts/login/", "/admin/login/", "/accounts/logout/"):
        found = client.get(address, {"next": target})
        assert found.status_code == 200 or found["Location"] == "/admin/", address
    left = signed_in(user).post("/accounts/logout/", {"next": target})
    assert left["Location"] == "/accounts/login/"


def test_a_forged_destination_in_the_admin_leads_home() -> None:
    account(Role.EDITOR)
    client = Client()
    asked = client.get("/admin/login/?next=https://evil.example/")
    answer = client.post(asked["Location"], {"login": "ines", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/admin/"


def test_an_account_that_is_off_is_told_so_only_with_its_password() -> None:
    account(Role.PUBLISHER, is_active=False)
    client = Client()
    answer = client.post("/accounts/login/", {"login": "ines", "password": PASSWORD}, follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/inactive/"
    assert "ask whoever runs this site to switch it on again" in words(answer)
    assert not is_in(client)


def test_an_account_that_is_switched_off_is_out_at_once() -> None:
    user = account(Role.EDITOR)
    client = signed_in(user)
    User.objects.update(is_active=False)
    assert client.get("/admin/")["Location"].startswith("/admin/login/")


def test_somebody_who_is_no_staff_learns_what_to_do() -> None:
    account(is_staff=False)
    client = Client()
    answer = client.post("/accounts/login/", {"login": "ines", "password": PASSWORD}, follow=True)
    assert answer.status_code == 403
    assert "this account may not enter the admin" in words(answer)
    assert "Sign in with another account" in words(answer)
    assert client.get("/admin/articles/article/", follow=True).status_code == 403


def test_staff_without_a_role_see_the_home_and_nothing_else() -> None:
    client = signed_in(account())
    home = client.get("/admin/")
    assert home.status_code == 200
    assert "no role yet" in words(home)
    refused = client.get("/admin/articles/article/")
    assert refused.status_code == 403
    assert "your role does not include this" in words(refused)
    assert "Back to the admin" in words(refused)


@pytest.mark.parametrize("path", ["signup/", "password/reset/", "email/", "confirm-email/", "login/code/", "3rdparty/"])
def test_nobody_signs_up_and_no_mail_is_sent(path: str) -> None:
    assert Client().get(f"/accounts/{path}").status_code == 404
    assert Client().post(f"/accounts/{path}", {"username": "new", "password1": PASSWORD}).status_code == 404
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")
    assert not User.objects.exists()


def test_signing_out_says_so() -> None:
    client = signed_in(account(Role.EDITOR))
    asked = client.get("/admin/logout/")
    assert "Sign out?" in words(asked)
    assert is_in(client), "asking is not leaving"
    answer = client.post("/admin/logout/", follow=True)
    assert answer.redirect_chain[-1][0] == "/accounts/login/"
    assert "You are signed out." in words(answer)
    assert not is_in(client)


def test_the_form_helps_password_managers_and_phones() -> None:
    page = Client().get("/accounts/login/").content.decode()
    for wanted in ('autocomplete="username"', 'autocomplete="current-password"', 'autocapitalize="none"'):
        assert wanted in page
    assert "onpaste" not in page
    assert "placeholder" not in page
