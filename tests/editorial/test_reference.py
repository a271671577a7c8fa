"""References, their outcomes, evidence boxes, disclosures: the constraints and their sentences."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crampinfo.editorial.models import (
    AuthorisedClaim,
    Citation,
    Direction,
    Disclosure,
    DisclosureKind,
    Evidence,
    Reference,
    ReferenceOutcome,
)
from crampinfo.editorial.templatetags.evidence import interval_figure
from tests import factories

pytestmark = pytest.mark.django_db


def refusal(instance: Any) -> str:
    with pytest.raises(ValidationError) as caught:
        instance.full_clean()
    assert len(caught.value.messages) == 1, caught.value.messages
    return caught.value.messages[0]


def reference(**fields: Any) -> Reference:
    return Reference(**{"slug": "new", "title": "T", "source": "S", "design": "rct", **fields})


def test_it_works() -> None:
    source = factories.reference(authors="Garrison", doi="10.1002/x", pmid="1", url="https://cochrane.example/")
    assert (str(source), source.short, source.link) == ("Garrison 2020", "Garrison", "https://doi.org/10.1002/x")


@pytest.mark.parametrize(
    ("fields", "link"),
    [
        ({"url": "https://a.example/", "pmid": "7"}, "https://a.example/"),
        ({"pmid": "7"}, "https://pubmed.ncbi.nlm.nih.gov/7/"),
        ({}, ""),
    ],
)
def test_where_a_reader_finds_it(fields: dict[str, str], link: str) -> None:
    assert reference(**fields).link == link


def test_no_trials_is_not_no_effect() -> None:
    assert Direction.NO_TRIALS.value != Direction.NO_EFFECT.value
    assert Direction.NO_TRIALS.label != Direction.NO_EFFECT.label


def test_a_doi_is_given_once() -> None:
    factories.reference(doi="10.1/x")
    assert refusal(reference(doi="10.1/x")) == "Another reference has this DOI: use that one."
    reference(doi="").full_clean()


def test_a_pmid_is_given_once() -> None:
    factories.reference(pmid="7")
    assert refusal(reference(pmid="7")) == "Another reference has this PMID: use that one."


def test_a_reference_does_not_supersede_itself() -> None:
    source = factories.reference()
    source.superseded_by = source
    assert refusal(source) == "A reference can't supersede itself."


class TestOutcome:
    def test_one_name_once(self) -> None:
        outcome = factories.evidence().outcome
        again = ReferenceOutcome(reference=outcome.reference, name=outcome.name, measure="MD")
        assert refusal(again) == "This reference already has an outcome of that name."

    @pytest.mark.parametrize("numbers", [("5", "-1", "1"), ("-5", "-1", "1"), (None, "1", "-1")])
    def test_an_effect_outside_its_interval(self, numbers: tuple[str | None, str, str]) -> None:
        effect, low, high = (Decimal(number) if number is not None else None for number in numbers)
        outcome = ReferenceOutcome(
            reference=factories.reference(), name="n", measure="MD", effect=effect, ci_low=low, ci_high=high
        )
        assert refusal(outcome) == "The effect lies outside its own interval: check the three numbers."

    @pytest.mark.parametrize("numbers", [("0", "-1", "1"), ("1", "1", "1"), ("5", None, "1"), (None, None, None)])
    def test_what_is_not_known_is_left_out(self, numbers: tuple[str | None, ...]) -> None:
        effect, low, high = (Decimal(number) if number is not None else None for number in numbers)
        ReferenceOutcome(
            reference=factories.reference(), name="n", measure="MD", effect=effect, ci_low=low, ci_high=high
        ).full_clean()


def test_a_reference_is_cited_once_a_text() -> None:
    article = factories.article(published=False, references=1)
    again = Citation(content=article, reference=factories.reference("ref-0"))
    assert refusal(again) == "This reference is already in the list."


class TestEvidence:
    @pytest.mark.parametrize("strength", ["-0.5", "4.5"])
    def test_strength_has_four_squares(self, strength: str) -> None:
        box = factories.evidence()
        box.strength = Decimal(strength)
        assert refusal(box) == "Strength goes from 0 to 4 filled squares."

    @pytest.mark.parametrize(("low", "high"), [(2, -2), (1, 1), (None, 2), (-2, None), (None, None)])
    def test_a_drawn_outcome_has_an_axis(self, low: int | None, high: int | None) -> None:
        box = factories.evidence()
        box.axis_min, box.axis_max = low, high
        assert refusal(box) == "A drawn outcome needs an axis whose left end is smaller than its right end."

    def test_without_one_it_needs_none(self) -> None:
        box = factories.evidence()
        box.outcome = box.axis_min = box.axis_max = None
        box.full_clean()

    def test_the_outcome_is_of_its_own_source(self) -> None:
        box = factories.evidence()
        box.reference = factories.reference("another")
        assert refusal(box) == "This outcome belongs to another reference."

    def test_its_figure(self) -> None:
        drawn = interval_figure(factories.evidence())
        assert drawn is not None
        assert drawn.value == "−0.18 (−0.84 to 0.49)"
        assert drawn.summary == (
            "−0.18 (−0.84 to 0.49) cramps a week, with its 95 percent interval. The interval includes no difference."
        )

    @pytest.mark.parametrize("measure", ["RR", "OR", "HR"])
    def test_a_ratio_has_its_null_at_one(self, measure: str) -> None:
        box = factories.evidence()
        box.outcome.measure = measure
        box.outcome.effect, box.outcome.ci_low, box.outcome.ci_high = Decimal("1.5"), Decimal("1.2"), Decimal("1.9")
        drawn = interval_figure(box)
        assert drawn is not None
        assert drawn.null == 75.0
        assert drawn.summary.endswith("The interval does not include no difference.")

    def test_incomplete_numbers_draw_nothing(self) -> None:
        box = factories.evidence()
        box.outcome.ci_low = None
        assert interval_figure(box) is None
        assert interval_figure(None) is None
        assert interval_figure(Evidence()) is None


class TestDisclosure:
    def test_a_version_once(self) -> None:
        Disclosure.objects.create(kind="commission", language="es", version=98, text="Uno.")
        again = Disclosure(kind="commission", language="es", version=98, text="Dos.")
        assert refusal(again) == "This version exists: give the new text the next number."

    def test_no_words_disclose_nothing(self) -> None:
        empty = Disclosure(kind="commission", language="es", version=98, text="")
        with pytest.raises(ValidationError, match="A disclosure without words discloses nothing"):
            empty.validate_constraints()

    def test_the_newest_version_counts(self) -> None:
        for version, text in ((97, "Before."), (99, "Now."), (98, "Between.")):
            Disclosure.objects.create(kind="sample", language="en-gb", version=version, text=text)
        assert Disclosure.objects.current("sample", "en-gb").get().text == "Now."

    @pytest.mark.parametrize("language", ["en-gb", "es"])
    def test_every_kind_has_a_text_in_every_language(self, language: str) -> None:
        kinds = set(Disclosure.objects.filter(language=language).values_list("kind", flat=True))
        assert kinds == set(DisclosureKind.values)

    def test_no_text_has_more_than_sixty_words(self) -> None:
        assert max(len(text.split()) for text in Disclosure.objects.values_list("text", flat=True)) <= 60


def test_no_authorised_claim_speaks_of_cramps() -> None:
    claims = list(AuthorisedClaim.objects.all())
    assert claims
    assert not [claim for claim in claims if "cramp" in claim.wording.lower() or "calambre" in claim.wording.lower()]


def test_a_claim_once() -> None:
    known = AuthorisedClaim.objects.all()[0]
    known.pk = None
    known._state.adding = True
    assert refusal(known) == "This claim is already in the list."
