"""Scores, weights and medical readings in the admin: added by those who judge, changed by nobody."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from crampinfo.editorial.models import Author, Credential, LedgerEntry, MedicalReview, Revision
from crampinfo.editorial.roles import Role
from reviews.models import MethodologyVersion, Review, Score, Weight
from tests import factories
from tests.admin.forms import errors_of, filled, told
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def reviewer() -> Client:
    return signed_in(Role.REVIEWER)


def unscored() -> Review:
    made: Review = Review.objects.create(
        product=factories.product(),
        author=factories.author(),
        methodology=factories.methodology(),
        acquisition="bought",
        verdict="Plain.",
        summary="Plain.",
        dek="Plain.",
    )
    return made


def page(review: Review) -> str:
    return f"/admin/reviews/review/{review.pk}/change/"


def score_of(criterion: int, **fields: Any) -> dict[str, Any]:
    return {"criterion": criterion, "value": "7.5", "evidence": ["label"], "reason": "The label says so.", **fields}


def row(number: int, fields: dict[str, Any]) -> dict[str, Any]:
    return {f"scores-{number}-{name}": value for name, value in fields.items()}


def test_a_row_waits_for_every_criterion(reviewer: Client) -> None:
    review = unscored()
    first, second = review.methodology.criteria.all()
    form = reviewer.get(page(review))
    data = {**filled(form), **row(0, score_of(first.pk)), **row(1, score_of(second.pk, value="4.0"))}
    reviewer.post(page(review), data)
    assert [(score.criterion, score.value) for score in Score.objects.order_by("criterion")] == [
        (first, Decimal("7.5")),
        (second, Decimal("4.0")),
    ]
    text = reviewer.get(page(review)).content.decode()
    assert 'name="scores-TOTAL_FORMS" value="0"' in text
    assert "<b>6.1</b>" in text  # 0.6 x 7.5 + 0.4 x 4.0


def test_untouched_rows_are_no_scores(reviewer: Client) -> None:
    review = unscored()
    reviewer.post(page(review), filled(reviewer.get(page(review)), verdict="Changed."))
    assert Score.objects.count() == 0
    assert Review.objects.get().verdict == "Changed."


@pytest.mark.parametrize(
    ("fields", "at"), [({"value": "11"}, "value"), ({"evidence": []}, "evidence"), ({"reason": ""}, "reason")]
)
def test_a_score_without_its_grounds_is_refused(fields: dict[str, Any], at: str, reviewer: Client) -> None:
    review = unscored()
    first = review.methodology.criteria.first()
    assert first is not None
    data = {**filled(reviewer.get(page(review))), **row(0, score_of(first.pk, **fields))}
    answer = reviewer.post(page(review), data)
    said = answer.context["inline_admin_formsets"][0].formset.errors[0]
    assert at in said
    assert Score.objects.count() == 0


def test_the_price_of_a_price_criterion_names_its_sellers(reviewer: Client) -> None:
    method = factories.methodology()
    method.criteria.filter(slug="dose").update(is_price=True)
    review = unscored()
    price = method.criteria.get(slug="dose")
    fields = score_of(price.pk, evidence=["price_record"], reference_price="12.90", reference_currency="EUR")
    fields |= {"reference_taken_on": "2026-11-01", "reference_sources": "Pharmacy; 12,90\nShop; 13.50; programme"}
    reviewer.post(page(review), {**filled(reviewer.get(page(review))), **row(1, fields)})
    assert Score.objects.get().reference_sources == [
        {"seller": "Pharmacy", "amount": "12.90", "programme": False},
        {"seller": "Shop", "amount": "13.50", "programme": True},
    ]


def add(client: Client, review: Review, **fields: Any) -> Any:
    criterion = review.methodology.criteria.order_by("position").first()
    assert criterion is not None
    data = {"review": review.pk, **score_of(criterion.pk), "changed_because": "A new label.", **fields}
    return client.post("/admin/reviews/score/add/", data, follow=True)


def test_a_new_score_counts_at_once_on_a_live_review(reviewer: Client) -> None:
    review = factories.review()
    add(reviewer, review)
    review.refresh_from_db()
    assert review.gate_hash == review.content_hash
    assert review.content_changed_at > review.first_published_at
    last = Revision.objects.latest("pk")
    assert last.summary == "Scored Label 7.5"
    assert last.author is not None
    assert last.author.username == "reviewer"


def test_a_live_score_that_moves_says_why(reviewer: Client) -> None:
    answer = add(reviewer, factories.review(), changed_because="")
    assert errors_of(answer) == {"changed_because": ["Say why it changed: readers see the score move."]}
    assert Score.objects.count() == 2


def test_the_gate_is_asked_about_a_live_score(reviewer: Client) -> None:
    answer = add(reviewer, factories.review(), reason="TODO")
    assert "TODO" in str(errors_of(answer))
    assert Score.objects.count() == 2


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE])
def test_nobody_else_scores(role: Role) -> None:
    client = signed_in(role)
    assert add(client, factories.review()).status_code == 403
    assert "new score" not in client.get(page(Review.objects.get())).content.decode().lower()


def version_of(review: Review) -> MethodologyVersion:
    first = review.methodology.criteria.first()
    made: MethodologyVersion = MethodologyVersion.objects.create(
        methodology=review.methodology, number=2, effective_from=date(2026, 11, 1), tie_breaker=first
    )
    return made


def test_a_version_in_force_is_frozen_and_in_the_ledger(reviewer: Client) -> None:
    review = factories.review()
    version = version_of(review)
    for criterion in review.methodology.criteria.all():
        Weight.objects.create(version=version, criterion=criterion, value=50)
    base = f"/admin/reviews/methodologyversion/{version.pk}"
    assert told(reviewer.post(f"{base}/in-force/", follow=True)) == ["Version 2 is in force."]
    review.methodology.refresh_from_db()
    assert review.methodology.current_version == version
    assert LedgerEntry.objects.filter(kind="methodology", role=Role.REVIEWER).count() == 1
    assert reviewer.post(f"{base}/change/", {}).status_code == 403


def test_a_version_with_a_gap_is_not_put_in_force(reviewer: Client) -> None:
    version = version_of(factories.review())
    said = told(reviewer.post(f"/admin/reviews/methodologyversion/{version.pk}/in-force/", follow=True))
    assert said == ["These criteria have no weight yet: Label, Dose."]


def test_a_new_version_begins_with_the_weights_before(reviewer: Client) -> None:
    review = factories.review()
    form = reviewer.get(f"/admin/reviews/methodologyversion/add/?methodology={review.methodology_id}")
    rows = form.context["inline_admin_formsets"][0].formset.forms
    assert [row["value"].value() for row in rows] == [Decimal("60.00"), Decimal("40.00")]
    assert form.context["adminform"].form["number"].value() == 2


@pytest.fixture
def reader() -> Client:
    user = account(Role.MEDICAL_REVIEWER, name="lena")
    author = Author.objects.create(slug="lena", name="Lena", role="Pharmacist", user=user)
    Credential.objects.create(
        author=author, title="Register", link="https://r.example", checked_by="Ines", checked_on=date(2026, 1, 1)
    )
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, article: Any) -> Any:
    link = client.get(f"/admin/articles/article/{article.pk}/change/").context["panel"].reading
    form = client.get(link)
    return client.post("/admin/editorial/medicalreview/add/", filled(form, note="Read it all."), follow=True)


def test_a_reading_is_bound_to_the_text_of_its_moment(reader: Client) -> None:
    article = factories.article()
    read(reader, article)
    article.refresh_from_db()
    reading = MedicalReview.objects.get()
    assert (reading.reviewer.name, article.reviewed) == ("Lena", reading)
    publisher = signed_in(Role.PUBLISHER)
    address = f"/admin/articles/article/{article.pk}/change/"
    publisher.post(address, filled(publisher.get(address), "publish", summary="Changed since."))
    article.refresh_from_db()
    assert article.reviewed is None
    assert "no longer counts" in publisher.get(address).content.decode()


def test_a_reading_needs_a_qualification_in_public(reader: Client) -> None:
    Credential.objects.all().delete()
    answer = read(reader, factories.article())
    assert "no qualification that anyone can verify" in str(errors_of(answer))
    assert MedicalReview.objects.count() == 0
