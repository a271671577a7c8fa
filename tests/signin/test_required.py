"""Who must have a second factor, and that no page of the admin opens before it."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import settings as configured
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crampinfo.editorial.roles import Role
from crampinfo.site.signin import secondfactor
from tests.signin.people import (
    RESTRICTED,
    UNRESTRICTED,
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
SET_UP = "/accounts/2fa/"


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("role", list(Role))
def test_the_rule_is_about_publishing_and_money(role: Role) -> None:
    assert set(RESTRICTED) | set(UNRESTRICTED) == set(Role)
    client = signed_in(account(role))
    answer = client.get("/admin/")
    if role in RESTRICTED:
        assert answer["Location"] == f"{SET_UP}?next=%2Fadmin%2F"
    else:
        assert answer.status_code == 200


@pytest.mark.usefixtures("strict")
def test_it_holds_for_superusers_and_for_rights_given_to_one_person() -> None:
    assert not is_in(signed_in(account(is_superuser=True)))
    person = account(name="lena")
    person.user_permissions.add(*Group.objects.get(name=Role.PUBLISHER).permissions.filter(codename="publish_content"))
    assert not is_in(signed_in(person))


@pytest.mark.parametrize("role", RESTRICTED)
def test_without_the_rule_it_is_a_choice(role: Role) -> None:
    assert configured.REQUIRE_SECOND_FACTOR is False
    assert is_in(signed_in(account(role)))


@pytest.mark.usefixtures("strict")
def test_no_page_of_the_admin_opens_before() -> None:
    client = signed_in(account(is_superuser=True))
    paths = [
        "/admin/",
        "/admin/jsi18n/",
        "/admin/autocomplete/",
        "/admin/nowhere/else/",
        "/admin/auth/user/1/password/",
    ]
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        paths += [base, f"{base}add/", f"{base}1/change/", f"{base}1/history/", f"{base}1/delete/"]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith(f"{SET_UP}?next="), path
        sent = client.post(path, {"title": "x"})
        assert sent.status_code == 403, path
        assert "Not saved yet" in words(sent), path


@pytest.mark.usefixtures("strict")
def test_the_way_out_stays_open() -> None:
    client = signed_in(account(Role.PUBLISHER))
    assert client.post("/admin/logout/")["Location"] == "/accounts/login/"


@pytest.mark.usefixtures("strict")
@pytest.mark.django_db(transaction=True)
def test_it_leads_from_the_password_to_the_admin() -> None:
    """Nothing is asked twice on the way: the password was typed a moment ago."""
    account(Role.PUBLISHER)
    client = Client()
    page = client.get(send_password(client)["Location"], follow=True)
    assert "so your account needs a second factor before it may enter the admin" in words(page)
    setup = client.get("/accounts/2fa/totp/activate/")
    secret = setup.context["form"].secret
    assert " ".join(secret[start : start + 4] for start in range(0, 32, 4)) in words(setup)
    refused = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "This is not the code for this secret" in words(refused)
    done = client.post("/accounts/2fa/totp/activate/", {"code": code(secret)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    codes = client.get(done["Location"])
    assert len(codes.context["unused_codes"]) == 10
    assert all(one in words(codes) for one in codes.context["unused_codes"])
    assert is_in(client)
    assert "always has a second factor" in words(client.get(SET_UP))


@pytest.mark.usefixtures("strict")
def test_with_a_second_factor_the_password_alone_opens_nothing() -> None:
    user = account(Role.PUBLISHER)
    secret = give_app(user)
    client = Client()
    assert send_password(client)["Location"] == "/accounts/2fa/authenticate/"
    for path in ("/admin/", "/accounts/2fa/", "/accounts/2fa/totp/deactivate/", "/accounts/password/change/"):
        assert "/login/" in client.get(path)["Location"], path
    client.post("/accounts/2fa/authenticate/", {"code": code(secret)})
    assert is_in(client)


@pytest.mark.usefixtures("strict")
def test_a_session_that_never_showed_it_must() -> None:
    """Such as one that began while another role was theirs, on a browser that knew no second factor yet."""
    user = account(Role.PUBLISHER)
    client = signed_in(user)
    secret = give_app(user)
    asked = client.get("/admin/articles/article/", follow=True)
    assert asked.redirect_chain[-1][0] == "/accounts/2fa/reauthenticate/?next=%2Fadmin%2Farticles%2Farticle%2F"
    assert "Confirm with your password" not in words(asked), "a password is no second factor"
    client.post("/accounts/reauthenticate/", {"password": "blue-heron-under-9-bridges"})
    assert not is_in(client)
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": code(secret), "next": "/admin/articles/article/"})
    assert answer["Location"] == "/admin/articles/article/"
    assert is_in(client)


@pytest.mark.usefixtures("strict")
def test_a_session_is_asked_for_a_passkey_where_there_is_no_app() -> None:
    user = account(Role.PUBLISHER)
    client = signed_in(user)
    give_passkey(user)
    assert client.get("/admin/")["Location"].startswith("/accounts/2fa/webauthn/reauthenticate/?next=")


@pytest.mark.usefixtures("strict")
def test_a_new_right_asks_for_it_at_once() -> None:
    user = account(Role.EDITOR)
    client = signed_in(user)
    assert is_in(client)
    user.groups.add(Group.objects.get(name=Role.PUBLISHER))
    assert not is_in(client)


@pytest.mark.usefixtures("strict")
def test_the_proof_of_one_account_is_none_for_another() -> None:
    first, second = account(Role.PUBLISHER), account(Role.PUBLISHER, name="lena")
    client = signed_in(first, give_app(first))
    assert is_in(client)
    client.post("/accounts/logout/")
    send_password(client, "lena")
    assert not is_in(client)
    assert client.session.get("second_factor_of") != second.pk


@pytest.mark.usefixtures("strict")
def test_the_last_app_can_not_be_turned_off() -> None:
    user = account(Role.PUBLISHER)
    client = signed_in(user, give_app(user))
    page = client.get("/accounts/2fa/totp/deactivate/")
    assert "Set up another one first" in words(page)
    client.post("/accounts/2fa/totp/deactivate/")
    assert secondfactor.of(user).exists()
    give_passkey(user)
    client.post("/accounts/2fa/totp/deactivate/")
    assert set(secondfactor.of(user).values_list("type", flat=True)) == {"webauthn"}


@pytest.mark.usefixtures("strict")
def test_the_last_passkey_can_not_be_removed() -> None:
    user = account(Role.PUBLISHER)
    secret = give_app(user)
    client = signed_in(user, secret)
    key = give_passkey(user)
    Authenticator.objects.filter(type="totp").delete()
    answer = client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/", follow=True)
    assert "Set up another one first" in words(answer)
    assert secondfactor.of(user).exists()
    give_app(user)
    client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/remove/")
    assert set(secondfactor.of(user).values_list("type", flat=True)) == {"totp"}


def test_where_it_is_a_choice_the_last_one_can_go() -> None:
    user = account(Role.EDITOR)
    client = signed_in(user, give_app(user))
    give_recovery_codes(user)
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists(), "recovery codes go with what they stand in for"


def test_passkeys_of_others_are_out_of_reach() -> None:
    key = give_passkey(account(Role.EDITOR, name="lena"))
    client = signed_in(account(Role.EDITOR))
    for verb in ("remove", "edit"):
        assert client.get(f"/accounts/2fa/webauthn/keys/{key.pk}/{verb}/").status_code == 404
        assert client.post(f"/accounts/2fa/webauthn/keys/{key.pk}/{verb}/", {"name": "Mine"}).status_code == 404
    assert str(Authenticator.objects.get()) == "Phone"


@pytest.mark.usefixtures("strict")
def test_the_operator_resets_it_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    user = account(Role.PUBLISHER)
    client = signed_in(user, give_app(user))
    give_recovery_codes(user)
    call_command("reset_second_factor", "ines")
    assert "ines lost 1 second factor and is signed out everywhere." in capsys.readouterr().out
    assert not Authenticator.objects.exists()
    assert "/login/" in client.get("/admin/")["Location"]
    assert send_password(client)["Location"] == "/admin/"
    assert not is_in(client), "a new one comes first"
    call_command("reset_second_factor", "ines")
    assert "had no second factor" in capsys.readouterr().out
    with pytest.raises(CommandError, match="no account 'Ines'"):
        call_command("reset_second_factor", "Ines")


def test_the_operator_resets_it_in_the_admin() -> None:
    lost = account(Role.EDITOR, name="lena")
    give_app(lost)
    client = signed_in(account(is_superuser=True))
    page = client.post(
        "/admin/auth/user/", {"action": "reset_second_factor", "_selected_action": [lost.pk]}, follow=True
    )
    assert "1 account signs in with its password alone" in words(page)
    assert not Authenticator.objects.exists()
    assert "Reset the second factor." in words(client.get(f"/admin/auth/user/{lost.pk}/history/"))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_else_resets_it(role: Role) -> None:
    lost = account(Role.EDITOR, name="lena")
    give_app(lost)
    data = {"action": "reset_second_factor", "_selected_action": [lost.pk]}
    assert signed_in(account(role)).post("/admin/auth/user/", data).status_code == 403
    assert Authenticator.objects.count() == 1


def test_no_form_of_the_admin_shows_a_secret() -> None:
    secret = give_app(account(is_superuser=True, name="root"))
    client = signed_in(User.objects.get(), secret)
    shown = {model._meta.label for model in admin.site._registry}
    assert not shown & {"mfa.Authenticator", "account.EmailAddress"}
    assert secret not in client.get(f"/admin/auth/user/{User.objects.get().pk}/change/").content.decode()


def test_production_without_the_rule_is_warned(settings: Any) -> None:
    def warned() -> bool:
        found = run_checks(tags=["security"], include_deployment_checks=True)
        return "crampinfo.W002" in {message.id for message in found}

    settings.PRODUCTION = True
    assert warned()
    settings.REQUIRE_SECOND_FACTOR = True
    assert not warned()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER])
def test_the_rule_costs_no_query(role: Role, settings: Any) -> None:
    user = account(role)
    client = signed_in(user, give_app(user))

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get("/admin/articles/article/").status_code == 200
        return len(found)

    queries()
    relaxed = queries()
    settings.REQUIRE_SECOND_FACTOR = True
    assert queries() == relaxed
