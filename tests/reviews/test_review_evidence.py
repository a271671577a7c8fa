"""The evidence box of a review: the strongest source decides, and a product's praise needs one (rules.md HC-06)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from crampinfo.editorial import evidence, gate, revisions, workflow
from crampinfo.editorial.models import Citation, Design, Direction, Evidence, Reference
from crampinfo.editorial.whereused import uses
from reviews.models import Review
from tests import factories

pytestmark = pytest.mark.django_db
PRAISE = "<p>People who wore this strap had milder cramps.</p>"


def source(slug: str = "hawke", **fields: Any) -> Reference:
    given = {"design": Design.COCHRANE, "direction": "no_effect", "treatment": "stretching", "year": 2021, **fields}
    return factories.reference(slug, authors="Hawke", **given)


def box(reference: Reference, slug: str = "box", **fields: Any) -> Evidence:
    empty = {"outcome": None, "axis_min": None, "axis_max": None}
    return factories.evidence(slug, reference=reference, **{"direction": reference.direction, **empty, **fields})


def strap(slug: str = "strap", **fields: Any) -> Review:
    thing = factories.product(slug, category="accessory", form="strap", mg=None)
    return factories.review(thing, published=False, **fields)


def pill(slug: str = "pill", **fields: Any) -> Review:
    return factories.review(factories.product(slug), published=False, **fields)


def evidence_codes(review: Review) -> list[tuple[str, str]]:
    return [(one.code, one.field) for one in gate.inspect(review) if one.code in ("HC-05", "HC-06", "PUB-07")]


class TestPraise:
    def test_without_a_box_it_stops(self) -> None:
        review = strap(body=PRAISE)
        assert evidence_codes(review) == [("HC-06", "body")]
        with pytest.raises(gate.GateRefused, match="no evidence box"):
            workflow.publish(review)

    def test_the_strongest_stands_in_the_same_section_whatever_it_found(self) -> None:
        found = source()
        review = strap(body=PRAISE, evidence=box(found))
        assert evidence_codes(review) == [("HC-06", "body")]  # the box alone is not in the section
        Citation.objects.create(content=review, reference=found, position=1)
        review.body = f"{PRAISE}<h2>Elsewhere</h2><p>The review doubts it. [@hawke]</p>"
        assert evidence_codes(review) == [("HC-06", "body")]
        review.body = f"{PRAISE}<p>The review of all trials doubts it. [@hawke]</p>"
        review.save()
        workflow.publish(review)

    def test_a_trial_does_not_do_where_there_is_a_review_of_them(self) -> None:
        source()
        trial = source("one-trial", design=Design.RCT, direction="benefit")
        review = strap(body=f"{PRAISE}<p>One trial. [@one-trial]</p>", evidence=box(trial))
        Citation.objects.create(content=review, reference=trial, position=1)
        assert ("HC-06", "evidence") in evidence_codes(review)
        assert ("HC-06", "body") in evidence_codes(review)

    @pytest.mark.parametrize(
        "words",
        ["Nothing shows that it eases cramps.", "Does it ease cramps?", "It stretches the calf without pain relief."],
    )
    def test_honest_words_need_no_box(self, words: str) -> None:
        assert evidence_codes(strap(body=f"<p>{words}</p>")) == []

    def test_in_spanish(self) -> None:
        assert evidence_codes(strap(body="<p>Con esta correa hubo menos calambres.</p>", language="es")) == [
            ("HC-06", "body")
        ]

    def test_a_guide_speaks_of_anything(self) -> None:
        """“It eases cramps” is a claim about the product only where a product is what the text is about."""
        assert gate.inspect(factories.article(published=False, body="<p>People had milder cramps.</p>")) == []


class TestBox:
    def test_no_trials_is_never_no_effect(self) -> None:
        none = source("none", direction=Direction.NO_TRIALS)
        box(none, strength=0).full_clean()
        with pytest.raises(ValidationError, match="not “no effect”"):
            box(none, "wrong", direction=Direction.NO_EFFECT, strength=0).clean()
        review = strap(evidence=box(none, "none", strength=0), body="<p>In runners this strap does not help.</p>")
        assert evidence_codes(review) == []
        Reference.objects.filter(pk=none.pk).update(no_trials_in="exercise")
        assert evidence_codes(review) == [("HC-06", "body")]

    def test_a_supplement_is_answered_for_by_magnesium(self) -> None:
        assert evidence_codes(pill(evidence=box(source()))) == [("HC-06", "evidence")]
        assert evidence_codes(pill("two", evidence=box(source("garrison", treatment="magnesium"), "two"))) == []

    def test_a_withdrawn_source_stops_it_and_flags_it_live(self) -> None:
        review = strap(evidence=box(source()))
        workflow.publish(review)
        Reference.objects.filter(slug="hawke").update(retracted=True)
        assert [page for page, _source in evidence.resting_on_withdrawn([Review])] == [review]
        assert ("PUB-07", "evidence") in evidence_codes(Review.objects.get())

    def test_the_page_shows_it_and_where_used_knows(self, client: Client) -> None:
        shown = box(source(), statement="Nobody found that a strap helps.")
        review = strap(evidence=shown)
        workflow.publish(review)
        page = client.get(review.get_absolute_url()).content.decode()
        assert 'class="evidence"' in page
        assert "Nobody found that a strap helps." in page
        assert [row.title for row in uses(shown).rows] == [str(review)]

    def test_without_one_the_page_has_none(self, client: Client) -> None:
        review = strap()
        workflow.publish(review)
        assert 'class="evidence"' not in client.get(review.get_absolute_url()).content.decode()


class TestHistory:
    def test_what_was_published_before_there_were_boxes_keeps_its_hash(self) -> None:
        review = strap()
        before = {name: value for name, value in revisions.snapshot(review).items() if name != "evidence_id"}
        assert revisions.content_hash(review) == revisions.digest(before)

    def test_a_box_is_a_change_of_content_and_stands_in_the_revision(self) -> None:
        review = strap()
        workflow.publish(review)
        review.evidence = box(source())
        with pytest.raises(ValidationError, match="It is live"):
            review.save()
        before = review.gate_hash
        workflow.publish(review)
        assert review.gate_hash != before
        assert revisions.snapshot(review)["evidence_id"] == review.evidence_id
