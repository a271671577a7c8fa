"""What holds on every page of sign-in: policy, headers, structure, and no word of allauth's own templates."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import get_resolver

from crampinfo.editorial.roles import Role
from tests.signin.people import account, give_app, give_passkey, give_recovery_codes, send_password, signed_in

pytestmark = pytest.mark.django_db

OUT = ("login/", "inactive/")
IN = (
    "2fa/", "2fa/totp/activate/", "2fa/recovery-codes/", "2fa/recovery-codes/generate/", "2fa/webauthn/",
    "2fa/webauthn/add/", "password/change/", "logout/", "reauthenticate/", "2fa/reauthenticate/",
)  # fmt: skip
WITH_APP = ("2fa/totp/deactivate/", "2fa/webauthn/reauthenticate/")


@pytest.fixture
def pages(monkeypatch: pytest.MonkeyPatch, settings: Any) -> dict[str, Any]:
    """Every page of sign-in, and the refusals."""
    user = account(Role.PUBLISHER)
    monkeypatch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda user: [])
    found = {path: Client().get(f"/accounts/{path}") for path in OUT}
    key = give_passkey(user)
    give_recovery_codes(user)
    client = Client()
    client.force_login(user)
    now = client.session
    now["account_authentication_methods"] = [{"method": "password", "at": 4_102_444_800}]
    now["account_authentication_methods_user"] = str(user.pk)
    now.save()
    keys = [f"2fa/webauthn/keys/{key.pk}/{verb}/" for verb in ("edit", "remove")]
    found |= {path: client.get(f"/accounts/{path}") for path in (*IN, *keys)}
    give_app(user)
    found |= {path: client.get(f"/accounts/{path}") for path in WITH_APP}
    stepping = Client()
    send_password(stepping)
    found["2fa/authenticate/"] = stepping.get("/accounts/2fa/authenticate/")
    found["refused"] = signed_in(account(name="lena")).get("/admin/articles/article/")
    found["unsent"] = Client().post("/admin/articles/article/add/", {"title": "x"})
    found["stale"] = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    found["wrong"] = send_password(Client(), "ines", "wrong")
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    Client().post("/accounts/login/", {})
    found["too many"] = Client().post("/accounts/login/", {})
    return found


def test_every_page(pages: dict[str, Any]) -> None:
    expected = {"refused": 403, "unsent": 403, "stale": 403, "too many": 429}
    titles = Counter()
    for name, answer in pages.items():
        assert answer.status_code == expected.get(name, 200), (name, answer.get("Location"))
        html = answer.content.decode()
        soup = BeautifulSoup(html, "html.parser")
        assert answer["X-Robots-Tag"] == "noindex, nofollow", name
        assert soup.select_one("meta[name=robots]")["content"] == "noindex, nofollow", name
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self';" in f"{policy};", name
        assert not {"unsafe-inline", "unsafe-eval", "*"} & set(policy.replace("'", " ").split()), name
        if name != "refused":
            assert "no-store" in answer["Cache-Control"], name
        assert soup.select("[style], style, [onclick], [onsubmit]") == [], name
        assert [tag for tag in soup.select("script:not([src])") if tag.get("type") != "application/json"] == [], name
        assert len(soup.select("h1")) == 1, name
        assert soup.select_one("main#main"), name
        assert str(soup.select("body a, body button, body input")[0]["href"]) == "#main", name
        for field in soup.select("input:not([type=hidden]):not([hidden])"):
            assert soup.select(f"label[for='{field['id']}']"), (name, field)
            assert not field.get("placeholder"), (name, field)
        for form in soup.select("form[method=post]"):
            assert form.select("input[name=csrfmiddlewaretoken]"), name
        assert [tag.get("id") for tag in soup.select("[id]")] == list(
            dict.fromkeys(tag["id"] for tag in soup.select("[id]"))
        ), name
        titles[str(soup.title.string)] += 1
        assert str(soup.title.string).endswith(" | CrampInfo"), name
        for left in ("{{", "{%", "example.com", "None", "Two-Factor", "Sign Up"):
            assert left not in html, (name, left)
    assert {title for title, count in titles.items() if count > 1} <= {"Confirm that it is you | CrampInfo"}


def test_every_address_is_looked_at(pages: dict[str, Any]) -> None:
    """Nobody adds an address here without a look at its page."""
    found = {
        name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith(("account_", "mfa_"))
    }
    # Each has its page above, but those that only answer: a list of codes as text, the script's question, a redirect.
    assert found == {
        "account_login", "account_logout", "account_inactive", "account_reauthenticate", "account_change_password",
        "account_set_password", "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp",
        "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
        "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_remove_webauthn",
        "mfa_edit_webauthn", "mfa_login_webauthn",
    }  # fmt: skip


def test_the_overview_is_what_accounts_alone_leads_to() -> None:
    assert Client().get("/accounts/")["Location"] == "/accounts/2fa/"
    assert Client().get("/accounts/2fa/")["Location"] == "/accounts/login/?next=/accounts/2fa/"


@pytest.mark.parametrize("path", [*IN, *WITH_APP, "password/set/", "2fa/recovery-codes/download/"])
def test_nothing_of_an_account_is_shown_to_strangers(path: str) -> None:
    answer = Client().get(f"/accounts/{path}")
    assert answer.status_code in (302, 403), path
    if answer.status_code == 302:
        assert answer["Location"].startswith("/accounts/login/"), path
