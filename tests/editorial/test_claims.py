"""The claims linter: every sample of its rules, honest words that must pass, and disguises that hide nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bench import claims as bench
from crampinfo.editorial import claims, phrasebook, rulebook
from crampinfo.editorial.phrasebook import About

# rules.md section 12, self-test samples.
HITS = {
    "D1": "This formula cures night cramps",
    "D2": "It treats restless legs in a week",
    "D3": "Prevents leg cramps while you sleep",
    "D4": "Great for migraine sufferers",
    "D5": "A natural alternative to quinine",
    "C1": "MagSleep relieves painful night cramps",
    "C2": "Best magnesium for leg cramps",
    "B1": "You will never get a cramp again",
    "B2": "Banish night cramps",
    "B3": "Guaranteed relief",
    "B4": "A miracle mineral",
    "B5": "Fast relief tonight",
    "B6": "It has no side effects",
    "E1": "Clinically proven formula",
    "E2": "Promising early results",
    "E3": "The most bioavailable form",
    "X1": "Doctor recommended",
    "X2": "Dr. Anna Lee recommends MagSleep",
    "X3": "Without magnesium you will keep cramping",
    "X4": "FDA-approved magnesium",
    "X5": "Trusted by 10,000 people",
    "I1": "Our unbiased rankings",
    "I2": "Editor's choice",
    "T1": "We tested 12 brands",
    "V1": "Verified buyers love it",
    "U1": "Most Americans are magnesium deficient",
    "U2": "Supports overall wellness",
    "U3": "Contains 400 mg magnesium oxide",
    "U5": "Magnesium spray absorbs through skin",
    "Q1": "Some people drink tonic water",
    "S1": "This post may contain affiliate links",
    "S2": "Only 3 left",
    "S3": "Lowest price anywhere",
}
MISSES = [
    "Magnesium contributes to normal muscle function.",
    "Trials taken together found little or no difference in how often cramps happened.",
    "Magnesium has not been shown to prevent leg cramps.",
    "These statements have not been evaluated by the Food and Drug Administration. This product is not intended to "
    "diagnose, treat, cure, or prevent any disease.",
    "We earn a commission when you buy through links marked Paid link.",
    "Contains 400 mg magnesium oxide, which is 241 mg elemental magnesium.",
    "People who recommended stretching were not paid.",
    "Always read the label.",
    # What issue 5 adds.
    "keeps first place in 86 % of the weightings",
    "Back to top",
    "There is no cure",
    "elimination of magnesium by the kidneys",
    "<table><tr><td>None</td></tr></table>",
    "an independent laboratory",
]


def codes(text: str, about: About = About.PRODUCT, **how: Any) -> list[str]:
    return [hit.code for hit in claims.lint(text, about=about, **how)]


def test_it_works() -> None:
    (hit,) = claims.lint("Our capsule cures everything.")
    assert (hit.code, hit.rule, hit.severity, hit.words) == ("D1", "HC-01", "block", "cures")


@pytest.mark.parametrize(("code", "text"), HITS.items())
def test_every_sample_is_found(code: str, text: str) -> None:
    assert code in codes(text)


@pytest.mark.parametrize("text", MISSES)
def test_honest_words_pass(text: str) -> None:
    for about in About:
        assert codes(text, about, markup="<" in text) == []


@pytest.mark.parametrize("text", MISSES[-6:])
def test_they_pass_on_a_paid_list_too(text: str) -> None:
    assert codes(text, paid=True, markup="<" in text) == []


def test_whoever_denies_quinine_still_needs_its_warning() -> None:
    assert codes("Quinine is not approved to treat leg cramps.") == ["Q1"]


def test_not_only_is_no_denial() -> None:
    assert "C1" in codes("MagSleep does not just reduce leg cramps, it ends leg cramps")


def test_the_measure_is_kept() -> None:
    """Precision at least 0.95 and recall at least 0.97 on the sentences kept aside; half of all are honest ones."""
    rows = list(bench.sentences())
    assert len(rows) >= 300
    assert sum(not row.is_claim for row in rows) * 2 >= len(rows)
    aside = bench.measure()["held out"]
    assert aside.right + aside.missed + aside.false_alarms + aside.passed >= len(rows) / 4
    assert aside.precision >= 0.95
    assert aside.recall >= 0.97


class TestSubject:
    """The same words are a claim about a product and advice about a cramp."""

    @pytest.mark.parametrize("text", ["Relieves the cramp within a minute.", "This eases calf cramps."])
    def test_of_a_product(self, text: str) -> None:
        assert "C1" in codes(text)
        assert codes(text, About.TEXT) == []

    @pytest.mark.parametrize(
        "text", ["Magnesium relieves cramps.", "Try a tablet. It relieves cramps.", "Relieves cramps: order now."]
    )
    def test_a_sentence_can_be_about_one(self, text: str) -> None:
        assert "C1" in codes(text, About.TEXT)

    def test_by_its_name(self) -> None:
        assert codes("Nightwell relieves cramps.", About.TEXT) == []
        assert codes("Nightwell relieves cramps.", About.TEXT, names=["Nightwell"]) == ["C1", "D2"]

    def test_a_label_may_not_say_what_it_is_for(self) -> None:
        assert codes("Magnesium for night cramps", label=True) == ["C2"]
        assert codes("Magnesium for night cramps") == []

    def test_in_a_guide_s_title_it_asks_for_the_evidence(self) -> None:
        (hit,) = claims.lint("Magnesium for night cramps: what trials found", about=About.TEXT, label=True)
        assert (hit.code, hit.severity, hit.granted_by) == ("C2", "warn", "evidence_box")


class TestMarkets:
    @pytest.mark.parametrize("text", ["Supports overall wellness", "Dr Lee recommends this brand", "Don't risk it"])
    def test_the_strictest_one_decides(self, text: str) -> None:
        def severity(*markets: str) -> list[str]:
            return [hit.severity for hit in claims.lint(text, about=About.PRODUCT, markets=markets)]

        assert severity("US", "EU") == ["block"]
        assert severity("GB") == ["block"]
        assert severity("US") == ["warn"]

    def test_may_earn_is_forbidden_in_gb_alone(self) -> None:
        text = "We may receive a commission."
        assert [hit.severity for hit in claims.lint(text, markets=("GB",))] == ["block"]
        assert [hit.severity for hit in claims.lint(text, markets=("EU", "US"))] == ["warn"]


class TestNegation:
    @pytest.mark.parametrize(
        "text",
        [
            "It does not cure cramps.",
            "It doesn’t cure cramps.",
            "Nothing cures cramps.",
            "“Cures cramps” is a claim without evidence.",
            "Does it cure cramps?",
        ],
    )
    def test_it_makes_words_honest(self, text: str) -> None:
        assert codes(text) == []

    @pytest.mark.parametrize(
        "text",
        [
            "Not a pill but a promise. It cures cramps.",
            "We do not hesitate to say so in front of every reader of these pages and all of you: it cures cramps.",
            "Nothing cures cramps like magnesium.",
            "“It cures cramps”, says Anna.",
            "Not only does it taste good, it cures cramps.",
        ],
    )
    def test_it_reaches_sixty_characters_of_its_own_sentence(self, text: str) -> None:
        assert "D1" in codes(text)

    def test_what_was_let_pass_is_told(self) -> None:
        (hit,) = claims.linter().lint("It does not cure cramps.")
        assert (hit.code, hit.skipped) == ("D1", "negated")


class TestDisguises:
    @pytest.mark.parametrize(
        "text",
        [
            "cu\u200bres", "\u0441ures", "cu\u00adres", "c\u2060u\ufeffres", "cu&#8203;res", "cu&shy;res", "&#99;ures",
            "&#x63;ures", "cu<b>re</b>s", "CURES", "ｃｕｒｅｓ", "𝐜𝐮𝐫𝐞𝐬", "cúrés", "c\u0332u\u0332res", "cυrеѕ",
            "\u200fcures\u200e", "cu<wbr>res", "<p><em><em><em>cures", "ᴄᴜʀᴇs", "cu<!-- x -->res",
        ],
    )  # fmt: skip
    def test_nothing_hides_a_word(self, text: str) -> None:
        assert "D1" in codes(f"<p>It {text} all</p>", markup=True)

    @pytest.mark.parametrize(
        "text",
        [
            '<img data-picture="1" alt="It cures cramps">',
            "<img src='/m/a.png' alt='It cures cramps'>",
            '<abbr title="It cures cramps">x</abbr>',
            '<img src="/media/cures-cramps.png" alt="">',
            "<p>It cures<p>cramps",
        ],
    )
    def test_not_an_attribute_or_a_file_s_name_either(self, text: str) -> None:
        assert "D1" in codes(text, markup=True)

    def test_the_place_is_that_of_the_stored_text(self) -> None:
        text = "<p>Fine.</p><p>It cu\u200b<b>res</b> cramps.</p>"
        (hit,) = claims.lint(text, markup=True)
        assert text[hit.start : hit.end] == "cu\u200b<b>res"
        assert hit.words == "cures"

    @pytest.mark.parametrize("piece", bench.HOSTILE)
    def test_hostile_text_ends(self, piece: str) -> None:
        """A pattern that goes back and forth would not come back from this; bench/claims.py says how long it takes."""
        text = (piece * (100_000 // len(piece) + 1))[:100_000]
        claims.lint(f"{text} It cures all.", about=About.PRODUCT, paid=True, label=True)

    def test_two_megabytes_are_read_to_the_end(self) -> None:
        assert "D1" in codes("Stretch the calf slowly. " * 80_000 + "It cures cramps.")

    def test_a_sentence_full_of_honest_looks_hides_no_claim(self) -> None:
        assert "D1" in codes("It does not cure cramps, " * 60 + "and it cures cramps")


class TestData:
    def test_every_pattern_names_a_rule_and_can_be_reached(self) -> None:
        for pattern in claims.linter().patterns:
            assert pattern.rule in rulebook.rules()
            assert pattern.stems
            assert "" not in pattern.stems
            assert pattern.why.endswith(":")
            assert pattern.remedy.endswith(".")

    def test_the_words_that_lead_to_patterns_lead_to_all_that_match(self) -> None:
        """A sentence is tried only against patterns that one of its words may begin: nothing is lost by that."""
        linter = claims.linter()
        for row in bench.sentences():
            text = claims.read(row.text, markup="<" in row.text)
            for start, end in text.sentences():
                tried = {id(pattern) for pattern in linter.candidates(text.lower[start:end])}
                lost = [
                    pattern.code
                    for pattern in linter.patterns
                    if id(pattern) not in tried and pattern.regex.search(text.lower, start, end)
                ]
                assert lost == [], row.text

    @pytest.mark.parametrize("language", phrasebook.LANGUAGES)
    def test_both_languages_know_the_same_claims(self, language: str) -> None:
        here = {pattern.code for pattern in claims.linter().patterns if pattern.language.code == language}
        assert {"D1", "D2", "D3", "C1", "C2", "B6", "E1", "E3", "X1", "X4", "I1", "T1", "Q1", "S1", "S2"} <= here

    def test_languages_with_patterns(self) -> None:
        assert [phrasebook.knows(code) for code in ("en-gb", "en", "es", "de")] == [True, True, True, False]

    @pytest.mark.parametrize(
        ("option", "stems"),
        [
            ("stop(?:s|ped)?", ["stop"]),
            ("(?:high )?blood pressure", ["high", "blood"]),
            ("gumm(?:y|ies)", ["gumm"]),
            ("soothe?(?:s|d)?", ["sooth"]),
            (r"\d+", list("0123456789")),
        ],
    )
    def test_stems_of_a_spelling(self, option: str, stems: list[str]) -> None:
        assert [stem.strip() for stem in phrasebook.openings(option)] == stems

    def test_the_figures_can_be_read_by_a_program(self, capsys: pytest.CaptureFixture[str], monkeypatch: Any) -> None:
        monkeypatch.setattr("sys.argv", ["claims", "--json"])
        monkeypatch.setattr(bench, "slowest", lambda: [(0.0, "", "")])
        assert bench.main() == 0
        assert set(json.loads(capsys.readouterr().out)) == {"tuned", "held out", "held out, en", "held out, es"}
