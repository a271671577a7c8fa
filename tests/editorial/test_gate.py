"""The gate: every kind of leftover in every field is found and said well, and fair words pass in silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone

from articles.models import Article, FaqEntry, Page, PageStep
from crampinfo.editorial import gate, workflow
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import Picture
from tests import factories

pytestmark = pytest.mark.django_db

# rules.md section 12, self-test samples of group P, and the other leftovers its table names.
SAMPLES = [
    ("P1", "Last updated [Insert Date Here]", "[Insert Date Here]"),
    ("P1", "Write to [your address]", "[your address]"),
    ("P1", "See [TBD]", "[TBD]"),
    ("P1", "TODO: finish", "TODO"),
    ("P1", "FIXME", "FIXME"),
    ("P1", "The dose is XXX mg", "XXX"),
    ("P1", "The dose is tbc", "tbc"),
    ("P1", "Quote TK", "TK"),
    ("P1", "INSERT_NAME", "INSERT_NAME"),
    ("P2", "Lorem ipsum", "Lorem ipsum"),
    ("P2", "dolor sit amet", "dolor sit amet"),
    ("P2", "asdfgh", "asdfgh"),
    ("P2", "This is sample text.", "sample text"),
    ("P3", "Dear {{ product.name }}", "{{ product.name }}"),
    ("P3", "{% if x %}", "{% if x %}"),
    ("P3", "${price}", "${price}"),
    ("P4", "Price: $X.XX", "$X.XX"),
    ("P4", "On 00/00/0000", "00/00/0000"),
    ("P4", "YYYY-MM-DD", "YYYY-MM-DD"),
    ("P4", "01 January 1, 1970", "January 1, 1970"),
    ("P4", "John Doe says", "John Doe"),
    ("P4", "Visit www.example.com", "www.example.com"),
    ("P4", "Call 555-0123", "555-0123"),
    ("P4", "tag=yourtag-20", "yourtag-20"),
    ("P5", "As an AI language model", "As an AI language model"),
    ("P5", "I cannot browse", "I cannot browse"),
    ("P5", "Here is the revised text", "Here is the revised"),
    ("P5", "Certainly! Cramps are", "Certainly!"),
]
MISSES = [
    "Todo sobre los calambres: qué hacer con todo el cuerpo.",
    "You may need none of these.",
    "Nobody knows. None of the trials asked.",
    "Take it at 02:00, not at 20:00.",
    "Sizes S to XXL.",
    "Magnesium contributes to normal muscle function.",
    "We earn a commission when you buy through links marked Paid link.",
    "The list holds [12] items and {one} set.",
    "It costs $8.40.",
    "A placeholder was taken as placebo.",
    "Your own text: insert the strap here.",
]


def findings(instance: Any, *codes: str) -> list[Finding]:
    return [finding for finding in gate.inspect(instance) if not codes or finding.code in codes]


def draft(**fields: Any) -> Article:
    return factories.article(published=False, **fields)


def test_it_works() -> None:
    assert gate.inspect(draft()) == []


@pytest.mark.parametrize(("code", "text", "excerpt"), SAMPLES)
def test_every_leftover_is_found(code: str, text: str, excerpt: str) -> None:
    found = findings(draft(key_answer=text))
    assert [(finding.code, finding.field, finding.excerpt) for finding in found] == [(code, "key_answer", excerpt)]


@pytest.mark.parametrize("text", MISSES)
def test_fair_words_pass(text: str) -> None:
    assert findings(draft(key_answer=text, body=f"<p>{text}</p>")) == []


def test_a_finding_says_what_where_why_and_what_to_do() -> None:
    found = findings(draft(title="Lorem ipsum"))[0]
    assert found == Finding(
        code="P2", severity=Severity.BLOCK, field="title", excerpt="Lorem ipsum",
        why="Placeholder or leftover (PUB-01):",
        remedy="Replace the filler by real words.",
    )  # fmt: skip
    assert str(found) == "P2 title: Placeholder or leftover (PUB-01): “Lorem ipsum” Replace the filler by real words."
    assert found.as_dict() == {
        "code": "P2", "severity": "block", "field": "title", "excerpt": "Lorem ipsum",
        "why": "Placeholder or leftover (PUB-01):", "remedy": "Replace the filler by real words.",
        "rule": "PUB-01", "start": 0, "end": 11,
    }  # fmt: skip
    assert Finding.from_dict(found.as_dict()) == found
    assert found.source == "16 CFR 255.1; this site’s own rule"


class TestFields:
    @pytest.mark.parametrize(
        "field",
        ["title", "short_title", "summary", "key_answer", "body", "red_flags_emergency", "red_flags_today"],
    )
    def test_of_a_guide(self, field: str) -> None:
        assert [finding.field for finding in findings(draft(**{field: "TODO"}), "P1")] == [field]

    @pytest.mark.parametrize("slug", ["lorem-ipsum", "john-doe-says", "test-test"])
    def test_the_slug(self, slug: str) -> None:
        assert [finding.field for finding in findings(draft(slug=slug), "P2", "P4")] == ["slug"]

    def test_a_slug_in_another_language_passes(self) -> None:
        assert findings(draft(slug="todo-sobre-los-calambres")) == []

    def test_the_faq(self) -> None:
        article = draft()
        FaqEntry.objects.create(article=article, question="Why?", answer="Nobody knows.", position=0)
        FaqEntry.objects.create(article=article, question="And [insert question]?", answer="TODO", position=1)
        assert [finding.field for finding in findings(article)] == ["faq[2].question", "faq[2].answer"]

    def test_the_steps_of_a_page(self) -> None:
        page = Page.objects.create(slug="about", title="About", summary="Who we are.", body="<p>Us.</p>")
        PageStep.objects.create(page=page, position=1, title="Stand", text="Lorem ipsum")
        assert [finding.field for finding in findings(page)] == ["steps[1].text"]

    def test_a_picture_s_alternative_text(self) -> None:
        Picture.objects.bulk_create([Picture(file="a.png", alt="A calf", width=2, height=2, digest="d")])
        body = '<p>a</p><img src="/media/a.png" alt="TODO describe">'
        assert [(finding.code, finding.excerpt) for finding in findings(draft(body=body))] == [("P1", "TODO")]

    def test_a_link_that_leads_nowhere(self) -> None:
        assert [finding.excerpt for finding in findings(draft(body='<p><a href="#">more</a></p>'))] == ['href="#"']

    def test_the_evidence_box(self) -> None:
        article = draft(evidence=factories.evidence(studied="XXX trials"))
        assert [finding.field for finding in findings(article)] == ["evidence.studied"]

    @pytest.mark.parametrize(
        "field", ["verdict", "summary", "dek", "body", "pros", "cons", "not_for", "acquisition_note"]
    )
    def test_of_a_review(self, field: str) -> None:
        review = factories.review(published=False, **{field: "Fine\nTODO"})
        assert [finding.field for finding in findings(review, "P1")] == [field]

    @pytest.mark.parametrize("field", ["reason", "evidence_note", "changed_because"])
    def test_of_a_score(self, field: str) -> None:
        review = factories.review(published=False)
        factories.score(review, "label", "7.0", **{"changed_because": "A new label.", field: "TODO"})
        assert [finding.field.partition(".")[2] for finding in findings(review, "P1")] == [field]

    @pytest.mark.parametrize("field", ["name", "description", "short_facts"])
    def test_of_the_product_under_review(self, field: str) -> None:
        review = factories.review(factories.product(**{field: "Lorem ipsum"}), published=False, summary="A.")
        assert [finding.field for finding in findings(review, "P2")] == [f"product.{field}"]

    def test_of_its_label_s_picture(self) -> None:
        picture = Picture(alt="TODO", width=1, height=1)
        Picture.objects.bulk_create([picture])
        review = factories.review(factories.product(label_picture=picture), published=False)
        assert [finding.field for finding in findings(review)] == ["product.label_picture.alt"]

    @pytest.mark.parametrize(
        "field", ["title", "short_title", "summary", "dek", "none_title", "none_text", "none_detail"]
    )
    def test_of_a_list(self, field: str) -> None:
        review = factories.review()
        ranking = factories.ranking(products=(review.product,), published=False, **{field: "TODO"})
        assert [finding.field for finding in findings(ranking, "P1")] == [field]


class TestAlone:
    """None, NaN, undefined and null are leftovers where they stand alone, except None in a table cell."""

    @pytest.mark.parametrize("text", ["None", "undefined", " null ", "NaN"])
    def test_as_a_whole_field(self, text: str) -> None:
        assert [finding.excerpt for finding in findings(draft(key_answer=text), "P3")] == [text.strip()]

    def test_as_a_line(self) -> None:
        review = factories.review(published=False, cons="Large tablet\nundefined")
        assert [(finding.field, finding.excerpt) for finding in findings(review)] == [("cons", "undefined")]

    @pytest.mark.parametrize(
        "body", ["<p>None</p>", "<ul><li>a</li><li> undefined </li></ul>", "<p><strong>null</strong></p>"]
    )
    def test_in_a_body(self, body: str) -> None:
        assert [finding.code for finding in findings(draft(body=body))] == ["P3"]

    @pytest.mark.parametrize("cell", ["None", " None ", "<em>None</em>"])
    def test_none_in_a_table_cell_is_a_fair_answer(self, cell: str) -> None:
        assert findings(draft(body=f"<table><tbody><tr><th>Sugar</th><td>{cell}</td></tr></tbody></table>")) == []

    def test_undefined_in_a_table_cell_is_none(self) -> None:
        body = "<table><tbody><tr><td>None</td><td>undefined</td></tr></tbody></table>"
        assert [finding.excerpt for finding in findings(draft(body=body))] == ["undefined"]


class TestDisguises:
    @pytest.mark.parametrize(
        ("body", "excerpt"),
        [
            ("<p>Lorem&nbsp;ipsum</p>", "Lorem ipsum"),
            ("<p>Lorem\n   ipsum</p>", "Lorem ipsum"),
            ("<p>&lt;insert dose&gt;</p>", "insert dose"),
            ("<p>[insert <strong>dose</strong> here]</p>", "[insert <strong>dose</strong> here]"),
            ("<p>&#84;ODO</p>", "TODO"),
        ],
    )
    def test_markup_hides_nothing(self, body: str, excerpt: str) -> None:
        assert excerpt in [finding.excerpt for finding in findings(draft(body=body))]

    def test_each_different_leftover_is_named_once(self) -> None:
        found = findings(draft(body="<p>TODO a TODO b FIXME</p>"))
        assert [finding.excerpt for finding in found] == ["TODO", "FIXME"]

    def test_a_long_text_is_read_in_time(self) -> None:
        assert findings(draft(body="<p>" + "{{ [insert ${ " * 40_000 + "</p>"), "P2") == []


class TestYears:
    def test_a_past_year_in_a_title_is_a_warning(self) -> None:
        found = findings(draft(title="Best magnesium supplements of 2024"), "P6")
        assert [(finding.code, finding.severity, finding.excerpt) for finding in found] == [
            ("P6", Severity.WARN, "Best magnesium supplements of 2024")
        ]
        workflow.publish(draft(slug="other", title="A guide to 2019"))

    def test_last_year_is_past(self) -> None:
        year = timezone.localdate().year
        assert [finding.code for finding in findings(draft(title=f"Guide {year - 1}"))] == ["P6"]
        assert findings(draft(slug="other", title=f"Guide {year}")) == []

    def test_a_year_in_the_text_is_history(self) -> None:
        assert findings(draft(body="<p>A review of 2012.</p>")) == []


class TestByline:
    def test_an_author_without_a_role(self) -> None:
        article = draft(author=factories.author("nobody", role=" "))
        found = findings(article)
        assert [(finding.code, finding.field, finding.excerpt) for finding in found] == [
            ("SEO-YMYL-01", "author", "Nobody")
        ]

    def test_no_author(self) -> None:
        article = Article(slug="a", title="A", summary="A.", key_answer="A.", body="<p>A</p>", topic=factories.topic())
        found = [finding for finding in findings(article) if finding.field == "author"]
        assert [(finding.code, finding.why, finding.remedy) for finding in found] == [
            ("PUB-02", "It has no author.", "Choose who wrote it.")
        ]

    def test_the_site_s_own_pages_have_none(self) -> None:
        assert findings(Page.objects.create(slug="about", title="About", summary="Us.", body="<p>Us.</p>")) == []


class TestModelChecks:
    """What the models' own checks refuse is found too, in the same words (PUB-02)."""

    def test_a_title_that_is_too_long(self) -> None:
        article = draft()
        article.title = "a" * 121
        found = findings(article)
        assert [(finding.code, finding.field) for finding in found] == [("PUB-02", "title")]
        assert "at most 120 characters" in found[0].why

    def test_a_slug_that_is_taken(self) -> None:
        draft()
        article = draft(slug="other")
        article.slug = "causes"
        assert [finding.field for finding in findings(article)] == ["slug"]

    def test_a_link_to_a_shop_without_an_offer(self) -> None:
        factories.merchant()
        article = draft()
        article.body = '<p><a href="https://northshop.example/p/1">Buy</a></p>'
        assert [(finding.code, finding.field) for finding in findings(article)] == [("PUB-02", "body")]

    def test_an_empty_field_is_said_once(self) -> None:
        article = draft()
        article.key_answer = ""
        found = findings(article)
        assert [(finding.field, finding.remedy) for finding in found] == [
            ("key_answer", "Write the answer a reader needs if they read nothing else.")
        ]


def test_rules_are_asked_of_subclasses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_rules", [])

    @gate.rule(Article)
    def always(article: Article) -> Iterator[Finding]:
        yield Finding("X-1", Severity.WARN, "", "", "Why.", "Do it.")

    assert [str(finding) for finding in gate.check(draft())] == ["X-1 Why. Do it."]
    assert gate.inspect(Page(slug="about", title="A", summary="A.")) == []


def test_a_refusal_names_what_blocks_and_keeps_what_warns() -> None:
    article = draft(references=1, title="Lorem ipsum", summary="TODO")
    with pytest.raises(gate.GateRefused) as caught:
        gate.check(article)
    assert [finding.code for finding in caught.value.findings] == ["P2", "P1", "SEO-YMYL-02"]
    assert [message[:2] for message in caught.value.messages] == ["P2", "P1"]
