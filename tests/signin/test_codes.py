"""Codes of an app, recovery codes, forged passkeys: each works once, and guessing is stopped."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from crampinfo.editorial.roles import Role
from tests.signin.people import (
    account,
    code,
    give_app,
    give_passkey,
    give_recovery_codes,
    is_in,
    send_password,
    signed_in,
    words,
)

pytestmark = pytest.mark.django_db
WRONG = "This code is wrong, used or too old."
STEP = "/accounts/2fa/authenticate/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    """A code lasts until the next half minute: time stands still, a second after one."""
    with time_machine.travel(time.time() // 30 * 30 + 1, tick=False) as traveller:
        yield traveller


@pytest.fixture
def editor() -> User:
    return account(Role.EDITOR)


def at_second_step() -> Client:
    """A browser that has sent the right password."""
    client = Client()
    assert send_password(client)["Location"] == STEP
    return client


def test_it_works(editor: User) -> None:
    secret = give_app(editor)
    client = at_second_step()
    assert 'autocomplete="one-time-code"' in client.get(STEP).content.decode()
    assert client.post(STEP, {"code": code(secret)})["Location"] == "/admin/"
    assert is_in(client)


def test_it_is_taken_as_apps_write_it(editor: User) -> None:
    secret = give_app(editor)
    now = code(secret)
    assert at_second_step().post(STEP, {"code": f" {now[:3]} {now[3:]} "}).status_code == 302


def test_the_destination_survives_the_second_step(editor: User) -> None:
    secret = give_app(editor)
    client = Client()
    send_password(client, next="/admin/articles/article/")
    assert client.post(STEP, {"code": code(secret)})["Location"] == "/admin/articles/article/"


def test_a_code_seen_over_the_shoulder_is_used_up(editor: User) -> None:
    secret = give_app(editor)
    now = code(secret)
    at_second_step().post(STEP, {"code": now})
    thief = at_second_step()
    assert WRONG in words(thief.post(STEP, {"code": now}))
    assert not is_in(thief)
    assert WRONG in words(thief.post(STEP, {"code": f"{now[:3]}-{now[3:]}"})), "nor written otherwise"


@pytest.mark.parametrize("steps", [-1, 1, 2])
def test_codes_of_other_half_minutes_do_not_work(editor: User, steps: int) -> None:
    secret = give_app(editor)
    assert WRONG in words(at_second_step().post(STEP, {"code": code(secret, steps)}))


@pytest.mark.parametrize("guess", ["000000", "", "abcdef", "١٢٣٤٥٦", "1" * 5000, "' OR 1=1 --"])
def test_anything_else_is_refused(editor: User, guess: str) -> None:
    give_app(editor)
    give_recovery_codes(editor)
    answer = at_second_step().post(STEP, {"code": guess})
    assert answer.status_code == 200
    assert 'class="field-error"' in answer.content.decode()


def test_guessing_codes_is_stopped_for_all_browsers(editor: User) -> None:
    secret = give_app(editor)
    for _ in range(5):
        at_second_step().post(STEP, {"code": "000000"})
    answer = at_second_step().post(STEP, {"code": code(secret)})
    assert "Wait five minutes, then try again." in words(answer)


def test_the_second_step_does_not_wait_for_ever(editor: User, clock: time_machine.Traveller) -> None:
    secret = give_app(editor)
    client = at_second_step()
    clock.shift(timedelta(minutes=16))
    assert client.post(STEP, {"code": code(secret)})["Location"] == "/accounts/login/"
    assert not is_in(client)


def test_one_can_turn_back_at_the_second_step(editor: User) -> None:
    give_app(editor)
    client = at_second_step()
    client.post("/accounts/logout/", {"next": "/accounts/login/"})
    assert client.get(STEP)["Location"] == "/accounts/login/"
    assert client.get("/accounts/login/").status_code == 200


def test_without_a_password_there_is_no_second_step(editor: User) -> None:
    secret = give_app(editor)
    assert Client().post(STEP, {"code": code(secret)})["Location"] == "/accounts/login/"


def test_a_recovery_code_works_once(editor: User) -> None:
    give_app(editor)
    first, second = give_recovery_codes(editor)[:2]
    client = at_second_step()
    assert client.post(STEP, {"code": first})["Location"] == "/admin/"
    assert is_in(client)
    again = at_second_step()
    assert WRONG in words(again.post(STEP, {"code": first}))
    assert again.post(STEP, {"code": second}).status_code == 302


def test_new_recovery_codes_end_the_old(editor: User) -> None:
    client = signed_in(editor, give_app(editor))
    old = give_recovery_codes(editor)[0]
    assert "stop working at once" in words(client.get("/accounts/2fa/recovery-codes/generate/"))
    client.post("/accounts/2fa/recovery-codes/generate/")
    new = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    assert old not in new
    assert WRONG in words(at_second_step().post(STEP, {"code": old}))
    assert at_second_step().post(STEP, {"code": new[0]}).status_code == 302


def test_recovery_codes_are_shown_again_only_to_who_confirms(editor: User, clock: time_machine.Traveller) -> None:
    client = signed_in(editor, give_app(editor))
    codes = give_recovery_codes(editor)
    assert codes[0] in words(client.get("/accounts/2fa/recovery-codes/"))
    clock.shift(timedelta(minutes=6))
    for page in ("", "download/", "generate/"):
        answer = client.get(f"/accounts/2fa/recovery-codes/{page}")
        assert answer["Location"].startswith("/accounts/reauthenticate/?next="), page
    wrong = client.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert "This is not your password." in words(wrong)
    client.post("/accounts/reauthenticate/", {"password": "blue-heron-under-9-bridges"})
    download = client.get("/accounts/2fa/recovery-codes/download/")
    assert download.content.decode().split() == codes
    assert "no-store" in download["Cache-Control"]


def test_used_up_codes_say_so(editor: User) -> None:
    client = signed_in(editor, give_app(editor))
    give_recovery_codes(editor)
    row = Authenticator.objects.get(type="recovery_codes")
    row.data["used_mask"] = 2**10 - 1
    row.save()
    assert "All codes are used. Make new ones." in words(client.get("/accounts/2fa/recovery-codes/"))


def test_secrets_are_sealed_in_the_database(editor: User, settings: Any) -> None:
    secret = give_app(editor)
    codes = give_recovery_codes(editor)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM mfa_authenticator")
        stored = " ".join(str(row[0]) for row in cursor.fetchall())
    assert secret not in stored
    assert codes[0] not in stored
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another-secret-for-this-test-alone-0123456789-0123456789"
    assert at_second_step().post(STEP, {"code": code(secret)})["Location"] == "/admin/", "an older key still opens them"


def test_a_lost_key_is_said_plainly(editor: User, settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    secret = give_app(editor)
    settings.SECRET_KEY = "another-secret-for-this-test-alone-0123456789-0123456789"
    answer = at_second_step().post(STEP, {"code": code(secret)})
    assert "Whoever runs this site can reset it" in words(answer)
    assert "SECRET_KEY is not the one" in caplog.text


def test_a_second_app_is_not_set_up_over_the_first(editor: User) -> None:
    client = signed_in(editor, give_app(editor))
    assert client.get("/accounts/2fa/totp/activate/")["Location"] == "/accounts/2fa/totp/deactivate/"


FORGED: tuple[object, ...] = (
    "", "{", "[]", "1", "null", '"x"', "{}", '{"id": 1}', '{"response": []}', '{"response": {"userHandle": 5}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}',
    json.dumps({"id": "AA", "rawId": "AA", "type": "public-key", "response": {
        "clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "////"}}),
)  # fmt: skip


@pytest.mark.parametrize("credential", FORGED)
@pytest.mark.parametrize("path", ["/accounts/2fa/webauthn/login/", STEP])
def test_a_forged_passkey_opens_nothing(editor: User, path: str, credential: str) -> None:
    give_app(editor)
    client = at_second_step() if path == STEP else Client()
    answer = client.post(path, {"credential": credential}, follow=True)
    assert answer.status_code == 200
    assert not is_in(client)


@pytest.mark.parametrize("credential", FORGED)
def test_a_forged_passkey_can_not_be_added(editor: User, credential: str) -> None:
    client = signed_in(editor)
    client.get("/accounts/2fa/webauthn/add/")
    answer = client.post("/accounts/2fa/webauthn/add/", {"name": "Mine", "credential": credential})
    assert answer.status_code == 200
    assert 'class="field-error"' in answer.content.decode()
    assert not Authenticator.objects.exists()


def test_a_refused_passkey_says_what_else_there_is(editor: User) -> None:
    answer = Client().post("/accounts/2fa/webauthn/login/", {"credential": "[5]"}, follow=True)
    assert "or sign in with your user name and password" in words(answer)


def test_a_passkey_of_an_account_that_has_none_but_a_code(editor: User) -> None:
    """The second step offers what the account has."""
    give_app(editor)
    assert "Use your passkey" not in words(at_second_step().get(STEP))
    give_passkey(editor)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("allauth.mfa.webauthn.internal.auth.get_credentials", lambda user: [])
        assert "Use your passkey" in words(at_second_step().get(STEP))


@pytest.mark.django_db(transaction=True)
def test_a_change_of_second_factors_ends_all_other_sessions(editor: User) -> None:
    elsewhere, here = signed_in(editor), signed_in(editor)
    other_person = signed_in(account(Role.EDITOR, name="lena"))
    secret = here.get("/accounts/2fa/totp/activate/").context["form"].secret
    here.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert [is_in(client) for client in (elsewhere, here, other_person)] == [False, True, True]
    elsewhere = Client()
    send_password(elsewhere)
    elsewhere.post(STEP, {"code": give_recovery_codes(editor)[0]})
    assert is_in(elsewhere)
    here.post("/accounts/2fa/totp/deactivate/")
    assert [is_in(client) for client in (elsewhere, here, other_person)] == [False, True, True]
