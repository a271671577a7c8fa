"""Every role, every model, every action, through the admin's own addresses; and what no role may see or do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction

from crampinfo.editorial.roles import PUBLISH, Role
from crampinfo.site import roles
from tests import factories
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db

# Parts that are written inside another object's page and have none of their own.
INSIDE = {
    "articles.faqentry", "articles.pagestep", "editorial.citation", "editorial.credential", "products.ingredient",
    "products.certification", "reviews.rankingentry", "reviews.rankingrejection", "reviews.testrecord",
    "reviews.badge", "reviews.weight",
}  # fmt: skip


def test_every_model_is_in_the_table_or_inside_another() -> None:
    named = {label for grants in roles.TABLE.values() for label in grants}
    registered = {model._meta.label_lower for model in admin.site._registry}
    # Accounts and their second factors are the operator's alone.
    assert {label.split(".")[0] for label in registered - named} <= {"auth", "account", "mfa", "usersessions"}
    assert named - registered == INSIDE


def actions(client: Any, label: str, instance: Any) -> str:
    """Which of view, add, change, delete the admin lets this browser do with an object, asked at its addresses."""
    app, name = label.split(".")
    base = f"/admin/{app}/{name}/"
    allowed = ""
    form = client.get(f"{base}{instance.pk}/change/")
    if client.get(base).status_code == 200:
        assert form.status_code == 200
        allowed += "v"
    if client.get(f"{base}add/").status_code == 200:
        allowed += "a"
    if client.post(f"{base}{instance.pk}/change/", {"_verb": "nonsense"}).status_code != 403 and "v" in allowed:
        allowed += "c"
    # 409: they may, but it is used somewhere.
    if client.get(f"{base}{instance.pk}/delete/").status_code in (200, 409):
        allowed += "d"
    return allowed


@pytest.mark.usefixtures("unrendered")
@pytest.mark.parametrize("role", list(Role))
def test_the_admin_allows_what_the_table_says(role: Role, one_of_each: dict[str, Any]) -> None:
    client = signed_in(role)
    found = {label: actions(client, label, instance) for label, instance in one_of_each.items()}
    expected = {label: roles.TABLE[role].get(label, "") for label in one_of_each}
    assert found == expected


@pytest.mark.usefixtures("unrendered")
def test_somebody_without_a_role_sees_nothing(one_of_each: dict[str, Any]) -> None:
    client = signed_in()
    assert {actions(client, label, instance) for label, instance in one_of_each.items()} == {""}


NEVER = (
    *(
        "editorial.acknowledgement",
        "editorial.ledgerentry",
        "editorial.revision",
        "products.clickcount",
        "site.importrecord",
        "auth.group",
    ),
    "site.attempt",
)
ONLY_ADDED = ("reviews.score", "products.price", "editorial.disclosure", "editorial.medicalreview")


@pytest.mark.parametrize("label", [*NEVER, *ONLY_ADDED])
def test_not_even_the_operator_rewrites_records(label: str, one_of_each: dict[str, Any]) -> None:
    client = signed_in(is_superuser=True)
    assert actions(client, label, one_of_each[label]) == ("v" if label in NEVER else "va")


SECRET = re.compile(r"commission_percent|7\.77|<b>4711|clicked|Clicks on paid|clickcount", re.I)


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.EDITOR, Role.MEDICAL_REVIEWER])
def test_who_writes_or_judges_sees_no_earning_anywhere(role: Role, one_of_each: dict[str, Any]) -> None:
    terms, counted = one_of_each["products.affiliateprogramme"], one_of_each["products.clickcount"]
    type(terms).objects.update(commission_percent="7.77")
    type(counted).objects.update(count=4711)
    client = signed_in(role)
    for label, instance in one_of_each.items():
        app, name = label.split(".")
        for page in ("", f"{instance.pk}/change/", f"{instance.pk}/history/", "add/"):
            answer = client.get(f"/admin/{app}/{name}/{page}")
            if answer.status_code == 200:
                text = answer.content.decode()
                assert not SECRET.search(text), f"{label} {page}: {SECRET.search(text)}"
                assert "4711" not in text, label
    assert not SECRET.search(client.get("/admin/").content.decode())


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.EDITOR, Role.MEDICAL_REVIEWER])
def test_no_side_door_to_earnings(role: Role, one_of_each: dict[str, Any]) -> None:
    client = signed_in(role)
    by_terms = "/admin/products/offer/?programme__commission_percent__gte=5"
    by_clicks = "/admin/products/offer/?clicks__count__gte=5"
    through_products = "/admin/products/product/?offers__programme__commission_percent__gte=5"
    assert [client.get(address).status_code for address in (by_terms, by_clicks)] in ([400, 400], [403, 403])
    assert client.get(through_products).status_code in (400, 403)
    names = "app_label=products&model_name=offer&field_name=programme"
    assert client.get(f"/admin/autocomplete/?term=n&{names}").status_code == 403


def test_an_affiliate_manager_changes_no_word_and_no_score(one_of_each: dict[str, Any]) -> None:
    client = signed_in(Role.AFFILIATE_MANAGER)
    for label in ("reviews.review", "reviews.ranking", "articles.article", "products.product", "reviews.methodology"):
        app, name = label.split(".")
        instance = one_of_each[label]
        answer = client.post(f"/admin/{app}/{name}/{instance.pk}/change/", {"verdict": "Great", "title": "Great"})
        assert answer.status_code == 403
    assert client.post("/admin/reviews/score/add/", {"value": "10"}).status_code == 403


def test_a_forged_field_for_money_is_ignored(one_of_each: dict[str, Any]) -> None:
    ranking = one_of_each["reviews.ranking"]
    slot = factories.slot(slug="forged")
    signed_in(Role.EDITOR).post(f"/admin/reviews/ranking/{ranking.pk}/change/", {"slots": [slot.pk], "_verb": "save"})
    assert not ranking.slots.exists()


def test_groups_are_brought_back_to_the_table_by_migrate() -> None:
    group = Group.objects.get(name=Role.REVIEWER)
    group.permissions.clear()
    Group.objects.filter(name=Role.EDITOR).delete()
    call_command("migrate", verbosity=0)
    user = account(Role.REVIEWER)
    assert user.get_all_permissions() == roles.permissions_of(Role.REVIEWER)
    assert Group.objects.filter(name=Role.EDITOR).exists()


def test_nobody_scores_and_sells() -> None:
    user = account(Role.REVIEWER)
    seller = Group.objects.get(name=Role.AFFILIATE_MANAGER)
    with pytest.raises(ValidationError, match="who scores does not sell"), transaction.atomic():
        user.groups.add(seller)
    with pytest.raises(ValidationError, match="who scores does not sell"), transaction.atomic():
        seller.user_set.add(user)
    assert [group.name for group in User.objects.get().groups.all()] == ["Reviewer"]


def test_one_person_may_hold_all_where_the_site_says_so(settings: Any) -> None:
    settings.SINGLE_OPERATOR = True
    user = account(*Role)
    assert user.groups.count() == len(Role)
    assert user.has_perm(PUBLISH)
    assert user.has_perm("products.view_clickcount")
