"""The strongest source decides and stands beside every good word; no trials is never no effect (rules.md HC-06)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from articles.models import Article, FaqEntry
from crampinfo.editorial import effects, evidence, gate, workflow
from crampinfo.editorial.evidencerules import sections
from crampinfo.editorial.models import (
    Citation,
    Design,
    Direction,
    Evidence,
    MedicalReview,
    Reference,
    State,
)
from crampinfo.editorial.phrasebook import About
from tests import factories
from tests.hostile import TOO_MUCH, growth

pytestmark = pytest.mark.django_db
GOOD = "<h2>Trial</h2><p>After six weeks of stretching people had fewer cramps. [@trial]</p>"
REVIEW = "<p>The review calls that uncertain. [@review]</p>"


def trial(slug: str = "trial", **fields: Any) -> Reference:
    return factories.reference(
        slug, **{"design": Design.RCT, "direction": "benefit", "treatment": "stretching", "year": 2012, **fields}
    )


def review(slug: str = "review", **fields: Any) -> Reference:
    return trial(slug, **{"design": Design.COCHRANE, "direction": "no_effect", "year": 2021, **fields})


def text(body: str, *cited: Reference, **fields: Any) -> Article:
    made = factories.article(published=False, body=body, **fields)
    for number, reference in enumerate(cited, 10):
        Citation.objects.create(content=made, reference=reference, position=number)
    return made


def codes(instance: Any) -> list[str]:
    return [finding.code for finding in gate.inspect(instance)]


class TestStrongest:
    def test_a_review_decides_over_a_trial_and_the_newer_of_two(self) -> None:
        trial(year=2026)
        assert evidence.strongest(["stretching"])["stretching"].slug == "trial"
        review(year=2012)
        review("newer", year=2021)
        assert evidence.strongest(["stretching", "", "unheard"]) == {"stretching": Reference.objects.get(slug="newer")}

    @pytest.mark.parametrize(
        "fields", [{"retracted": True}, {"direction": Direction.NOT_APPLICABLE}, {"design": Design.FACT_SHEET}]
    )
    def test_what_does_not_decide(self, fields: dict[str, Any]) -> None:
        trial()
        review(**fields)
        assert evidence.strongest(["stretching"])["stretching"].slug == "trial"

    def test_a_superseded_one_does_not_decide(self) -> None:
        review("old", superseded_by=review("new", year=1999))
        assert evidence.strongest(["stretching"])["stretching"].slug == "new"


class TestBesideAGoodWord:
    def test_the_review_stands_in_the_same_section(self) -> None:
        found = text(GOOD + REVIEW, trial(), review())
        assert codes(found) == []
        workflow.publish(found)

    def test_in_another_section_it_does_not_count(self) -> None:
        found = text(f"{GOOD}<h2>Elsewhere</h2>{REVIEW}", trial(), review())
        assert codes(found) == ["HC-06"]
        (finding,) = gate.inspect(found)
        assert "[@review]" in finding.remedy
        assert finding.field == "body"
        with pytest.raises(gate.GateRefused):
            workflow.publish(found)

    def test_words_alone_are_a_good_word(self) -> None:
        assert codes(text("<p>Stretching each night brings milder cramps.</p>", review())) == ["HC-06"]
        assert codes(text("<p>Estirar trae menos calambres.</p>", review(), slug="b", language="es")) == ["HC-06"]

    @pytest.mark.parametrize(
        "words",
        [
            "Stretching has not been shown to bring fewer cramps.",
            "Does stretching bring fewer cramps?",
            "If stretching brings fewer cramps, go on.",
            "Magnesium made little or no difference to cramps.",
        ],
    )
    def test_honest_words_are_none(self, words: str) -> None:
        assert codes(text(f"<p>{words}</p>", review())) == []

    def test_a_box_does_not_stand_in_the_section(self) -> None:
        box = factories.evidence("stretching", reference=review(), outcome=None, axis_min=None, axis_max=None)
        assert codes(text(GOOD, trial(), evidence=box)) == ["HC-06"]

    def test_a_summary_needs_the_review_on_the_page(self) -> None:
        words = "Stretching brought fewer cramps in one trial."
        assert codes(text("<p>Well.</p>", trial(), summary=words)) == []  # nothing stronger is on record
        review()
        assert codes(text("<p>Well.</p>", trial("t2"), slug="b", summary=words)) == ["HC-06"]
        assert codes(text(REVIEW, Reference.objects.get(slug="review"), slug="c", summary=words)) == []

    def test_short_answers_cite_as_well(self) -> None:
        found = text(REVIEW, review())
        entry = FaqEntry.objects.create(article=found, question="And?", answer="Stretching means fewer cramps.")
        assert codes(found) == ["HC-06"]
        entry.answer += " The review doubts it. [@review]"
        entry.save()
        assert codes(found) == []

    @pytest.mark.parametrize("design", [Design.MECHANISTIC, Design.OBSERVATIONAL])
    def test_mice_and_observation_carry_nothing(self, design: str) -> None:
        assert codes(text(GOOD, trial(design=design))) == ["HC-05"]

    def test_nothing_on_record_carries_nothing(self) -> None:
        assert codes(text("<p>Stretching brings fewer cramps.</p>")) == ["HC-05"]

    def test_a_box_rests_on_the_strongest(self) -> None:
        review()
        box = factories.evidence("stretching", reference=trial(), outcome=None, axis_min=None, axis_max=None)
        assert codes(text("<p>Well.</p>", evidence=box)) == ["HC-06"]

    def test_sections(self) -> None:
        body = "<p>a</p><h2>b</h2><h3>c</h3><h2>d</h2>"
        assert [body[low:high] for low, high in sections(body)] == ["<p>a</p>", "<h2>b</h2><h3>c</h3>", "<h2>d</h2>"]


class TestNoTrials:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("Magnesium has no effect on exercise cramps.", ["HC-06"]),
            ("In runners, magnesium does not help.", ["HC-06"]),
            ("For exercise there are no randomised trials, which is not the same as no effect.", []),
            ("In cirrhosis it makes no difference.", []),  # nobody says that nobody looked there
        ],
    )
    def test_it_is_never_no_effect(self, words: str, found: list[str]) -> None:
        review(treatment="magnesium", no_trials_in="exercise")
        assert codes(text(f"<p>{words}</p>")) == found

    def test_a_box_without_trials_has_no_strength(self) -> None:
        source = review(direction=Direction.NO_TRIALS)
        empty = {"outcome": None, "axis_min": None, "axis_max": None, "strength": 0}
        box = factories.evidence("none", reference=source, direction=Direction.NO_TRIALS, **empty)
        box.full_clean()
        for wrong in ({"strength": 1}, {"direction": Direction.NO_EFFECT}):
            with pytest.raises(ValidationError, match="not “no effect”"):
                Evidence(**{**_values(box), **wrong}).clean()

    def test_groups_are_those_we_can_read(self) -> None:
        with pytest.raises(ValidationError, match="A group is one of: exercise, disease"):
            review(no_trials_in="runners").clean()
        with pytest.raises(ValidationError, match="Say what was tried"):
            review("b", no_trials_in="exercise", treatment="").clean()


def _values(box: Evidence) -> dict[str, Any]:
    return {field.name: getattr(box, field.name) for field in box._meta.fields if field.name != "id"}


class TestWithdrawn:
    def test_a_retracted_source_stops_a_page_and_flags_the_live_ones(self) -> None:
        found = text(GOOD + REVIEW, trial(), review())
        workflow.publish(found)
        assert list(evidence.resting_on_withdrawn([Article])) == []
        Reference.objects.filter(slug="trial").update(retracted=True)
        assert [(page, source.slug) for page, source in evidence.resting_on_withdrawn([Article])] == [(found, "trial")]
        assert "PUB-07" in codes(found)
        with pytest.raises(gate.GateRefused, match="retracted"):
            workflow.publish(found)

    def test_a_superseded_one_stands_beside_its_successor(self) -> None:
        old = review("old", superseded_by=review())
        found = text("<p>Well. [@old]</p>", old)
        assert codes(found) == ["PUB-07"]
        workflow.publish(found)  # a warning: an operator's import passes, a person gives a reason
        assert len(list(evidence.resting_on_withdrawn([Article]))) == 1
        Citation.objects.create(content=found, reference=Reference.objects.get(slug="review"), position=20)
        assert codes(found) == []
        assert list(evidence.resting_on_withdrawn([Article])) == []

    def test_a_box_on_a_withdrawn_source_flags_its_page(self) -> None:
        box = factories.evidence()
        found = factories.article(evidence=box)
        Reference.objects.filter(pk=box.reference_id).update(retracted=True)
        assert list(evidence.resting_on_withdrawn([Article])) == [(found, box.reference)]

    def test_drafts_are_not_flagged(self) -> None:
        text(GOOD, trial(retracted=True))
        assert list(evidence.resting_on_withdrawn([Article])) == []


def test_a_medical_review_ends_with_the_text_it_read() -> None:
    found = factories.article()
    read = MedicalReview.objects.create(
        content=found, reviewer=found.author, content_hash=found.content_hash, reviewed_on="2026-01-01"
    )
    found.medical_review = read
    assert found.reviewed == read
    found.key_answer = "Stretch the other calf."
    workflow.publish(found)
    assert found.state == State.PUBLISHED
    assert found.reviewed is None


def boxed() -> Article:
    """A text with an evidence box that a figure is drawn in, read by somebody qualified."""
    found: Article = factories.article(evidence=factories.evidence())
    found.medical_review = MedicalReview.objects.create(
        content=found, reviewer=found.author, content_hash=found.content_hash, reviewed_on="2026-01-01"
    )
    found.save(update_fields=["medical_review"])
    return found


def counts() -> bool:
    return Article.objects.select_related("medical_review").get().reviewed is not None


@pytest.mark.parametrize(
    ("record", "name", "value"),
    [
        ("evidence", "statement", "Trials found a large effect."),
        ("evidence", "strength", "1.0"),
        ("evidence", "result", "Three cramps fewer."),
        ("evidence", "axis_max", "3"),
        ("reference", "direction", Direction.BENEFIT),
        ("reference", "retracted", True),
        ("outcome", "effect", "-0.5"),
        ("outcome", "ci_high", "0.3"),
    ],
)
def test_a_medical_review_ends_with_the_box_it_saw(record: str, name: str, value: object) -> None:
    found = boxed()
    assert counts()
    changed: Any = found.evidence if record == "evidence" else getattr(found.evidence, record)
    setattr(changed, name, value)
    changed.save()
    assert not counts()
    again = MedicalReview.objects.create(
        content=found, reviewer=found.author, content_hash=found.content_hash, reviewed_on="2026-01-02"
    )
    found.medical_review = again
    found.save(update_fields=["medical_review"])
    assert counts()


def test_what_says_the_same_ends_no_medical_review() -> None:
    """Saved again, spelled otherwise, or another box: nothing that was read has changed."""
    found = boxed()
    box = Evidence.objects.get(pk=found.evidence_id)
    box.strength, box.axis_max = f"{box.strength}0", "2.00"
    box.save()
    source = Reference.objects.get(pk=box.reference_id)
    source.title, source.pmid = "Another spelling", "123"
    source.save()
    other = factories.evidence("other")
    other.statement = "Something else."
    other.save()
    assert counts()


@pytest.mark.parametrize(
    "piece", ["stretching ", "magnesium no effect ", "fewer cramps ", "<p>exercise", "-", "magnesium fewer "]
)
@pytest.mark.parametrize("about", list(About))
def test_hostile_text_is_read_once(piece: str, about: About) -> None:
    assert growth(lambda text: list(effects.told(text, markup="<" in piece, about=about)), piece) < TOO_MUCH
