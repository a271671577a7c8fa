"""Sessions: a new key at sign-in, twelve hours, ended by a new password, and none for readers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from crampinfo.editorial.roles import Role
from crampinfo.site.tasks import forget_ended_sessions
from tests.signin.people import PASSWORD, account, code, give_app, is_in, send_password, signed_in, words

pytestmark = pytest.mark.django_db
NEW = "seven-grey-geese-over-water"


def test_it_works() -> None:
    client = signed_in(account(Role.EDITOR))
    cookie = client.cookies[configured.SESSION_COOKIE_NAME]
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    assert cookie["max-age"] == 12 * 60 * 60


def test_the_key_is_new_at_sign_in() -> None:
    """A key that somebody planted in the browser before is worth nothing afterwards."""
    user = account(Role.EDITOR)
    secret = give_app(user)
    client = Client()
    client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    keys = [client.session.session_key]
    send_password(client)
    keys.append(client.session.session_key)
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    keys.append(client.session.session_key)
    assert None not in keys
    assert keys[0] != keys[2]
    assert keys[1] != keys[2]
    assert not Session.objects.filter(pk__in=keys[:2]).exists()


def test_it_lasts_twelve_hours() -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client = signed_in(account(Role.EDITOR))
        clock.shift(timedelta(hours=11, minutes=59))
        assert is_in(client)
        clock.shift(timedelta(minutes=2))
        assert not is_in(client)


def test_signing_out_ends_it_here_and_for_copies_of_the_cookie() -> None:
    client = signed_in(account(Role.EDITOR))
    copy = Client()
    copy.cookies[configured.SESSION_COOKIE_NAME] = client.cookies[configured.SESSION_COOKIE_NAME].value
    assert is_in(copy)
    client.post("/accounts/logout/")
    assert not is_in(copy)


def test_a_new_password_signs_out_everywhere_else() -> None:
    user = account(Role.EDITOR)
    elsewhere, here = signed_in(user), signed_in(user)
    key = here.session.session_key
    assert here.get("/admin/password_change/")["Location"] == "/accounts/password/change/"
    answer = here.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}, follow=True
    )
    assert "Everywhere else you are signed out." in words(answer)
    assert [is_in(elsewhere), is_in(here)] == [False, True]
    assert here.session.session_key != key
    signed_out = Client()
    send_password(signed_out)
    assert not is_in(signed_out), "the old password is gone"


def test_a_password_that_the_operator_sets_signs_out_everywhere() -> None:
    user = account(Role.EDITOR)
    client = signed_in(user)
    user.set_password(NEW)
    user.save()
    assert not is_in(client)


@pytest.mark.parametrize(
    ("old", "new", "again", "said"),
    [
        ("wrong", NEW, NEW, "This is not your password."),
        (PASSWORD, NEW, "other", "same password each time"),
        (PASSWORD, "password", "password", "too common"),
        (PASSWORD, "84213975", "84213975", "entirely numeric"),
        (PASSWORD, "ines", "ines", "too short"),
    ],
)
def test_a_bad_new_password_is_refused(old: str, new: str, again: str, said: str) -> None:
    client = signed_in(account(Role.EDITOR))
    answer = client.post("/accounts/password/change/", {"oldpassword": old, "password1": new, "password2": again})
    assert said in words(answer)
    assert User.objects.get().check_password(PASSWORD)


def test_guessing_the_old_password_in_a_stolen_session_is_stopped() -> None:
    client = signed_in(account(Role.EDITOR))
    wrong = {"oldpassword": "wrong", "password1": NEW, "password2": NEW}
    assert [client.post("/accounts/password/change/", wrong).status_code for _ in range(6)] == [200] * 5 + [429]


def test_an_account_without_a_password_can_set_one() -> None:
    user = account(Role.EDITOR)
    client = Client()
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    assert client.get("/accounts/password/change/")["Location"] == "/accounts/password/set/"
    client.post("/accounts/password/set/", {"password1": NEW, "password2": NEW})
    assert User.objects.get().check_password(NEW)
    assert is_in(client)


@pytest.mark.parametrize("path", ["/", "/now/", "/search/?q=calf", "/nowhere/", "/healthz", "/feed/", "/go/1/x/"])
def test_readers_have_no_session(path: str) -> None:
    """Nor do staff on the pages that readers see: the page is the same for all."""
    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(path)
    assert not answer.cookies
    assert "Cookie" not in answer.get("Vary", "")
    assert not answer.wsgi_request.session.accessed
    assert not [query for query in queries if "session" in query["sql"] or "auth_user" in query["sql"]]
    staff = signed_in(account(Role.EDITOR)).get(path)
    assert not staff.cookies
    assert not staff.wsgi_request.session.accessed
    assert "Sign out" not in staff.content.decode()


def test_refusals_elsewhere_ask_nobody_who_they_are() -> None:
    """A form token or a right that is missing on a public address is refused in the look of public pages."""
    answer = Client(enforce_csrf_checks=True).post("/search/", {"q": "x"})
    assert answer.status_code == 403
    assert "reload the page and send it again" in words(answer)
    assert not answer.cookies
    assert not answer.wsgi_request.session.accessed


def test_ended_sessions_are_forgotten() -> None:
    client = signed_in(account(Role.EDITOR))
    Session.objects.create(pk="old", session_data="", expire_date=timezone.now() - timedelta(seconds=1))
    forget_ended_sessions.call_local()
    assert list(Session.objects.values_list("pk", flat=True)) == [client.session.session_key]


def test_production_guards_its_cookies_and_asks_for_the_second_factor() -> None:
    asked = (
        "import json; from django.conf import settings as s; print(json.dumps([s.SESSION_COOKIE_NAME, "
        "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.REQUIRE_SECOND_FACTOR, "
        "s.ALLAUTH_TRUSTED_PROXY_COUNT]))"
    )
    answer: list[Any] = json.loads(_in_production(asked))
    assert answer == ["__Host-session", True, "__Host-csrf", True, True, 1]


def _in_production(program: str) -> str:
    known = {"PATH", "HOME", "VAR_DIR", "DATABASE_URL", "REDIS_URL", "LANG"}
    environment = {name: value for name, value in os.environ.items() if name in known} | {
        "PRODUCTION": "1",
        "SECRET_KEY": "only-for-a-test-0123456789-0123456789-0123456789-0123",
        "SITE_URL": "https://crampinfo.example",
        "DJANGO_SETTINGS_MODULE": "crampinfo.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=configured.BASE_DIR, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
