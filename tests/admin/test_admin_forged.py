"""Whatever is forged into a form, nothing changes that it does not offer: every role, every model, every field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.test import Client
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial.models import State
from crampinfo.editorial.roles import Role
from products.models import AffiliateProgramme, Offer, Placement, Price
from reviews.models import Review, Score
from tests import factories
from tests.admin.forms import filled
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

# What every save and every refusal writes by itself, whatever is sent: who did it and when, and the hash of the words.
WRITTEN_BY_SAVING = {"admin.LogEntry", "site.Attempt", "editorial.Revision", "sessions.Session", "auth.User"}
STAMPS = {"saved_at", "content_hash", "contents", "moderated_at", "moderated_by_id"}


def page(instance: Any) -> str:
    return f"/admin/{instance._meta.label_lower.replace('.', '/')}/{instance.pk}/change/"


def everything() -> dict[str, list[dict[str, Any]]]:
    return {
        model._meta.label: [
            {name: _to_the_second(value) for name, value in row.items() if name not in STAMPS}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in apps.get_models()
        if model._meta.label not in WRITTEN_BY_SAVING
    }


def _to_the_second(value: Any) -> Any:
    """Forms know no finer time: an untouched moment comes back without its fraction."""
    return value.replace(microsecond=0) if isinstance(value, datetime) else value


def forged(instance: models.Model, offered: set[str]) -> dict[str, Any]:
    """A value for every field of an object that its form does not offer, other than the one it has."""
    made: dict[str, Any] = {}
    for field in [*instance._meta.concrete_fields, *instance._meta.many_to_many]:
        if field.name not in offered and not field.primary_key:
            made |= _other(field, getattr(instance, field.attname, None))
    return made


def _other(field: Any, value: Any) -> dict[str, Any]:
    if isinstance(field, models.ManyToManyField):
        return {field.name: [row.pk for row in field.related_model._base_manager.all()[:3]]}
    if isinstance(field, models.ForeignKey):
        other = field.related_model._base_manager.exclude(pk=value).first() or field.related_model._base_manager.first()
        return {field.name: other.pk if other is not None else 1}
    if isinstance(field, models.DateTimeField):
        return {f"{field.name}_0": "2020-01-02", f"{field.name}_1": "03:04:05", field.name: "2020-01-02 03:04:05"}
    if isinstance(field, models.DateField):
        return {field.name: "2020-01-02"}
    if isinstance(field, models.BooleanField):
        return {} if value else {field.name: "on"}
    if isinstance(field, (models.DecimalField, models.IntegerField)):
        return {field.name: "9" if str(value) != "9" else "8"}
    if field.choices:
        return {field.name: next(key for key, _label in field.flatchoices if key != value)}
    return {field.name: '["forged"]' if isinstance(field, models.JSONField) else "forged"}


def rows(of_each: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """A whole row for each kind that decides about scores or money, by the prefix it would have in a form."""
    shop, now = factories.merchant("forged").pk, timezone.now()
    criterion = of_each["reviews.criterion"].pk
    return {
        "scores": {"criterion": criterion, "value": "9.9", "reason": "Forged.", "evidence": ["label"]},
        "weights": {"criterion": criterion, "value": "50"},
        "offers": {"merchant": shop, "url": "https://forged.example/p", "currency": "EUR"},
        "prices": {"amount": "1", "currency": "EUR", "source": "site", "as_of_0": now.date(), "as_of_1": "00:00:00"},
        "placements": {"slug": "forged", "advertiser": "F", "slot": of_each["products.slot"].pk},
        "programmes": {"name": "Forged", "slug": "forged", "commission_percent": "50"},
        "credentials": {"title": "MD", "link": "https://forged.example/"},
        "entries": {"product": of_each["products.product"].pk, "added_on": now.date()},
        "conflicts": {"brand": of_each["products.brand"].pk, "declared_on": now.date(), "statement": "Forged."},
    }


def with_rows(data: dict[str, Any], made: dict[str, dict[str, Any]], offered: set[str]) -> dict[str, Any]:
    found = dict(data)
    for prefix, row in made.items():
        if prefix not in offered:
            found |= {f"{prefix}-TOTAL_FORMS": 1, f"{prefix}-INITIAL_FORMS": 0}
            found |= {f"{prefix}-0-{name}": value for name, value in row.items()}
    return found


@pytest.mark.usefixtures("unrendered")
@pytest.mark.parametrize("role", list(Role))
def test_no_form_takes_what_it_does_not_offer(role: Role, one_of_each: dict[str, Any]) -> None:
    client = signed_in(role)
    made = rows(one_of_each)
    refused = taken = 0
    before = everything()
    for model, owner in admin.site._registry.items():
        instance = one_of_each.get(model._meta.label_lower)
        if instance is None:
            continue
        form = client.get(page(instance))
        open_form = form.status_code == 200 and owner.has_change_permission(form.wsgi_request, instance)
        shown = form.context_data if open_form else {}
        fields = set(shown["adminform"].form.fields) if open_form else set()
        inlines = {inline.formset.prefix for inline in shown.get("inline_admin_formsets", ())}
        data = {**forged(instance, fields), **(filled(form) if open_form else {"_verb": "publish"})}
        answer = client.post(page(instance), with_rows(data, made, inlines))
        after = everything()
        assert {label: rows for label, rows in after.items() if rows != before[label]} == {}, model._meta.label
        if open_form:
            taken += answer.status_code == 302
        else:
            assert answer.status_code == 403, model._meta.label
            refused += 1
    assert refused > 10
    assert taken > 0 or role == Role.MEDICAL_REVIEWER


# --- in words: what the two sides would forge first ----------------------------------------------------------


def test_a_reviewer_pays_nobody(one_of_each: dict[str, Any]) -> None:
    reviewer = signed_in(Role.REVIEWER)
    terms = one_of_each["products.affiliateprogramme"]
    assert reviewer.post(page(terms), {"commission_percent": "40"}).status_code == 403
    deal = one_of_each["products.offer"]
    assert reviewer.post(page(deal), {"programme": "", "url": "https://evil.example/"}).status_code == 403
    item = one_of_each["products.product"]
    data = filled(reviewer.get(page(item)))
    money = {"commission_percent": "40", "offers-TOTAL_FORMS": 1, "offers-INITIAL_FORMS": 1, "offers-0-id": deal.pk}
    reviewer.post(page(item), {**data, **money, "offers-0-is_paused": "on", "offers-0-DELETE": "on"})
    assert AffiliateProgramme.objects.get().commission_percent == terms.commission_percent
    assert not Offer.objects.get().is_paused


@pytest.mark.parametrize(
    "wish",
    [
        {"verdict": "Buy it."},
        {"state": State.PUBLISHED, "_verb": "publish"},
        {"scores-TOTAL_FORMS": 1, "scores-INITIAL_FORMS": 0, "scores-0-value": "10"},
        {"methodology": 1, "gate_hash": "x", "gate_passed_at_0": "2020-01-01"},
    ],
)
def test_an_affiliate_manager_judges_nothing(wish: dict[str, Any], one_of_each: dict[str, Any]) -> None:
    seller = signed_in(Role.AFFILIATE_MANAGER)
    review: Review = one_of_each["reviews.review"]
    scores = Score.objects.count()
    assert seller.post(page(review), wish).status_code == 403
    assert seller.post(page(review).replace("change/", "preview/typed/"), wish).status_code == 403
    assert seller.post("/admin/reviews/score/add/", {"review": review.pk, "value": "10"}).status_code == 403
    stored = Review.objects.get()
    assert (stored.verdict, stored.state, Score.objects.count()) == (review.verdict, State.DRAFT, scores)


def test_a_booking_is_not_approved_by_a_field(one_of_each: dict[str, Any]) -> None:
    seller = signed_in(Role.AFFILIATE_MANAGER)
    booked = one_of_each["products.placement"]
    stamp = {"approved_by": "Me", "approved_at_0": "2020-01-01", "approved_at_1": "00:00:00", "kind": "order"}
    seller.post(page(booked), {**filled(seller.get(page(booked))), **stamp, "headline": "Changed"})
    stored = Placement.objects.get()
    assert (stored.headline, stored.approved_at, stored.approved_by, stored.kind) == ("Changed", None, "", "band")


def test_a_price_is_not_rewritten_beside_its_offer(one_of_each: dict[str, Any]) -> None:
    seller = signed_in(Role.AFFILIATE_MANAGER)
    deal, price = one_of_each["products.offer"], one_of_each["products.price"]
    data = filled(seller.get(page(deal)))
    forged_row = {"prices-0-id": price.pk, "prices-0-amount": "0.01", "prices-0-currency": "EUR"}
    counts = {"prices-TOTAL_FORMS": 1, "prices-INITIAL_FORMS": 1, "prices-0-DELETE": "on"}
    seller.post(page(deal), {**data, **counts, **forged_row})
    assert Price.objects.get().amount == price.amount


def test_no_editor_publishes_dates_or_states_a_draft(client: Client) -> None:
    draft = factories.article("why", published=False)
    editor = signed_in(Role.EDITOR)
    wish = {"state": State.PUBLISHED, "first_published_at_0": "2020-01-01", "first_published_at_1": "00:00:00"}
    wish |= {"content_changed_at_0": "2020-01-01", "gate_hash": "x" * 64, "medical_review": "1", "is_live": "on"}
    editor.post(page(draft), {**filled(editor.get(page(draft))), **wish, "title": "Changed"})
    stored = Article.objects.get()
    assert (stored.title, stored.state, stored.first_published_at) == ("Changed", State.DRAFT, None)
    assert (stored.gate_hash, stored.medical_review) == ("", None)
