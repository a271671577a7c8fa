"""Disclosures, comments, pictures, products and accounts in the admin."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User

from articles.models import Comment, CommentState, RejectionReason
from crampinfo.editorial.models import Disclosure
from crampinfo.editorial.roles import Role
from products.models import Compound, Ingredient, Product
from tests import factories
from tests.admin.forms import errors_of, filled, told
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


def test_a_disclosure_changes_by_a_new_version() -> None:
    before = Disclosure.objects.current("commission", "en-gb").get()
    given = {"kind": "commission", "language": "en-gb", "text": "We earn when you buy."}
    signed_in(Role.COMPLIANCE).post("/admin/editorial/disclosure/add/", given)
    now = Disclosure.objects.current("commission", "en-gb").get()
    assert (now.version, now.text) == (before.version + 1, "We earn when you buy.")
    assert Disclosure.objects.filter(pk=before.pk).exists()


def comment() -> Comment:
    return Comment.objects.create(content=factories.article(), name="Reader", text="My calf cramps.")


@pytest.mark.parametrize(
    ("action", "state", "reason"),
    [("approve", CommentState.APPROVED, ""), ("reject_abuse", CommentState.REJECTED, RejectionReason.ABUSE)],
)
def test_comments_are_decided_many_at_once(action: str, state: str, reason: str) -> None:
    held = comment()
    editor = signed_in(Role.EDITOR)
    answer = editor.post("/admin/articles/comment/", {"action": action, "_selected_action": [held.pk]}, follow=True)
    held.refresh_from_db()
    assert (held.state, held.rejection_reason) == (state, reason)
    assert held.moderated_by == User.objects.get(username="editor")
    assert told(answer) == ["1 comment decided."]


def test_a_refusal_needs_its_reason_in_the_form() -> None:
    held = comment()
    address = f"/admin/articles/comment/{held.pk}/change/"
    editor = signed_in(Role.EDITOR)
    answer = editor.post(address, filled(editor.get(address), state="rejected", rejection_reason=""))
    assert "needs a reason" in str(errors_of(answer))


def test_nobody_edits_a_readers_words() -> None:
    held = comment()
    address = f"/admin/articles/comment/{held.pk}/change/"
    editor = signed_in(Role.EDITOR)
    editor.post(address, filled(editor.get(address), state="approved", text="Better words.", name="Editor"))
    held.refresh_from_db()
    assert (held.text, held.name, held.state) == ("My calf cramps.", "Reader", CommentState.APPROVED)


def test_a_dose_stands_beside_its_ingredient() -> None:
    item = factories.product(mg="500", compound="oxide", servings_per_day=2)
    text = signed_in(Role.REVIEWER).get(f"/admin/products/product/{item.pk}/change/").content.decode()
    assert '<output class="elemental">302 mg</output>' in text
    assert '<span class="over" title="over the limit">EU 241 %</span> · <span class="over"' in text
    assert '<script id="dose-data" type="application/json">' in text


def test_an_ingredient_is_added_with_its_compound() -> None:
    item = factories.product(mg=None)
    reviewer = signed_in(Role.REVIEWER)
    address = f"/admin/products/product/{item.pk}/change/"
    data = filled(reviewer.get(address)) | {"ingredients-TOTAL_FORMS": "1", "ingredients-0-compound_mg": "300"}
    reviewer.post(address, data | {"ingredients-0-compound": Compound.objects.get(slug="oxide").pk})
    assert str(Ingredient.objects.get()) == "Magnesium oxide 300.00 mg"
    assert (
        Product.objects.with_daily_dose().get().elemental_per_day == 300 * Compound.objects.get(slug="oxide").fraction
    )


def test_an_account_that_scores_and_sells_is_refused_in_the_form() -> None:
    person = account(Role.REVIEWER, name="tomas")
    operator = signed_in(is_superuser=True, name="operator")
    address = f"/admin/auth/user/{person.pk}/change/"
    both = Group.objects.filter(name__in=[Role.REVIEWER, Role.AFFILIATE_MANAGER])
    answer = operator.post(address, filled(operator.get(address), groups=[group.pk for group in both]))
    assert "who scores does not sell" in errors_of(answer)["groups"][0]
    assert [group.name for group in person.groups.all()] == ["Reviewer"]


def test_references_can_be_told_apart_where_they_are_chosen() -> None:
    factories.reference("garrison-2020", title="Magnesium for skeletal muscle cramps", authors="Garrison SR and others")
    names = "app_label=editorial&model_name=citation&field_name=reference"
    found = signed_in(Role.EDITOR).get(f"/admin/autocomplete/?term=skeletal&{names}").json()["results"]
    assert [row["text"] for row in found] == [
        "Garrison SR and others 2020 – Magnesium for skeletal muscle cramps [@garrison-2020]"
    ]


def test_a_moment_says_which_clock_it_goes_by() -> None:
    page = signed_in(Role.AFFILIATE_MANAGER).get("/admin/products/placement/add/").content.decode()
    assert page.count(f"Time in {settings.TIME_ZONE}.") == 2
