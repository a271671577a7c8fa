"""Lists: each can be searched, filtered and read for a decision; what is done to many asks for the same rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.test import RequestFactory

from crampinfo.editorial.roles import Role
from products.models import AffiliateProgramme, Offer
from tests import factories
from tests.admin.forms import told
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db

# Six roles, that is all there will be.
TOO_SHORT_TO_FILTER = {"auth.group"}


def test_every_list_is_searched_filtered_and_read() -> None:
    poor = [
        model._meta.label_lower
        for model, owner in admin.site._registry.items()
        if not owner.search_fields or len(owner.list_display) < 2 or not owner.list_filter
    ]
    assert set(poor) == TOO_SHORT_TO_FILTER


@pytest.mark.parametrize("role", list(Role))
def test_an_action_is_offered_to_those_who_may_do_it_one_by_one(role: Role) -> None:
    request = RequestFactory().get("/admin/")
    request.user = account(role)
    rights = {
        "delete_selected": lambda owner: owner.has_delete_permission(request),
        "approve_selected": lambda owner: request.user.has_perm("products.approve_placement"),
        "publish_selected": lambda owner: request.user.has_perm("editorial.publish_content"),
        "retire_selected": lambda owner: request.user.has_perm("editorial.publish_content"),
        **dict.fromkeys(
            ("accept_selected", "check_selected", "take_over_selected"),
            lambda owner: request.user.has_perm("products.change_offer"),
        ),
    }
    for owner in admin.site._registry.values():
        for name in owner.get_actions(request):
            may = rights.get(name, lambda owner: owner.has_change_permission(request))
            assert may(owner), (owner, name)


def bulk(kind: str, action: str, role: Role, *rows: Any) -> Any:
    data = {"action": action, "_selected_action": [row.pk for row in rows]}
    return signed_in(role).post(f"/admin/products/{kind}/", data, follow=True)


def test_offers_are_paused_and_resumed_many_at_once() -> None:
    offers = [factories.offer(factories.product(f"item-{number}")) for number in range(3)]
    Offer.objects.filter(pk=offers[0].pk).update(is_paused=True)
    assert told(bulk("offer", "pause_selected", Role.AFFILIATE_MANAGER, *offers)) == ["2 rows changed."]
    assert Offer.objects.filter(is_paused=True).count() == 3
    assert {entry.get_change_message() for entry in LogEntry.objects.all()} == {"Paused."}
    LogEntry.objects.all().delete()
    manager = {"action": "resume_selected", "_selected_action": [offers[1].pk]}
    signed_in(Role.AFFILIATE_MANAGER, name="other").post("/admin/products/offer/", manager)
    assert list(Offer.objects.filter(is_paused=False)) == [offers[1]]


def test_programmes_too() -> None:
    offer = factories.offer(factories.product())
    bulk("affiliateprogramme", "pause_selected", Role.AFFILIATE_MANAGER, offer.programme)
    assert AffiliateProgramme.objects.get().is_paused


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.COMPLIANCE])
def test_who_only_looks_pauses_nothing(role: Role) -> None:
    offer = factories.offer(factories.product())
    bulk("offer", "pause_selected", role, offer)
    offer.refresh_from_db()
    assert not offer.is_paused


def test_a_row_that_is_refused_says_why_and_the_others_go_on() -> None:
    good, bad = factories.offer(factories.product("good")), factories.offer(factories.product("bad"))
    Offer.objects.filter(pk=bad.pk).update(url="https://elsewhere.example/x")
    said = told(bulk("offer", "pause_selected", Role.AFFILIATE_MANAGER, good, bad))
    assert any("The address is not on" in words for words in said)
    assert said[-1] == "1 row changed."
    assert list(Offer.objects.filter(is_paused=True)) == [good]
