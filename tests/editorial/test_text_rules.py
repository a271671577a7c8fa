"""The gate on texts as wholes: their language, the byline's portrait, that nobody else says the same, typed dates."""

from __future__ import annotations

from typing import Any

import pytest

from crampinfo.editorial import gate
from crampinfo.editorial.models import Picture
from tests import factories

pytestmark = pytest.mark.django_db
SPANISH = "<p>" + "Los ensayos que se tomaron en conjunto vieron que no cambia la frecuencia de los calambres. " * 4


def codes(instance: Any) -> list[tuple[str, str]]:
    return [(finding.code, finding.field) for finding in gate.inspect(instance)]


def picture(alt: str, digest: str) -> Picture:
    return Picture.objects.bulk_create([Picture(file=f"{digest}.png", alt=alt, width=2, height=2, digest=digest)])[0]


class TestLanguage:
    def test_spanish_under_english_chrome(self) -> None:
        article = factories.article(published=False, body=SPANISH)
        assert codes(article) == [("A11Y-09", "body")]
        article.language = "es"
        assert codes(article) == []

    def test_names_and_numbers_tell_nothing(self) -> None:
        assert codes(factories.article(published=False, body="<p>Garrison 2020. " * 40)) == []


class TestPortrait:
    def test_nobody_elses_picture(self) -> None:
        mine = factories.author("lena", portrait=picture("Lena", "a"))
        article = factories.article(published=False, author=mine)
        assert codes(article) == []
        factories.author("mira", portrait=mine.portrait)
        assert codes(article) == [("SEO-YMYL-01", "author")]

    def test_nobody_elses_name(self) -> None:
        factories.author("mira", name="Mira Kolb")
        author = factories.author("lena", portrait=picture("Mira Kolb", "b"))
        assert codes(factories.article(published=False, author=author)) == [("SEO-YMYL-01", "author")]

    def test_nobody_elses_file_under_another_number(self) -> None:
        factories.author("mira", portrait=picture("Mira", "same"))
        author = factories.author("lena", portrait=picture("Lena", "same"))
        assert codes(factories.article(published=False, author=author)) == [("SEO-YMYL-01", "author")]


class TestTheOnlyOne:
    def test_two_pages_with_one_title_or_description(self) -> None:
        factories.article("causes")
        twin = factories.question("other", published=False, title="ABOUT causes ", summary="Another one.")
        assert codes(twin) == [("SEO-TECH-01", "title")]
        twin.title, twin.summary = "Something else", "What is known about causes."
        assert codes(twin) == [("SEO-TECH-01", "summary")]

    def test_drafts_other_languages_and_itself_do_not_count(self) -> None:
        live = factories.article("causes")
        factories.article("draft", published=False, title="A draft")
        assert codes(live) == []
        assert codes(factories.article("b", published=False, title="A draft")) == []
        assert codes(factories.article("c", published=False, title="About causes", language="es")) == []

    def test_a_review_has_its_products_name(self) -> None:
        review = factories.review()
        assert codes(factories.article("b", published=False, title=review.title)) == [("SEO-TECH-01", "title")]


class TestTypedDates:
    @pytest.mark.parametrize(
        "words",
        [
            "Last updated 3 March 2026",
            "Updated: March 3rd, 2026",
            "Published on 2026-03-03",
            "Medically reviewed 03/03/2026",
            "Última actualización: 3 de marzo de 2026",
            "Revisado el 3 de marzo de 2026",
        ],
    )
    def test_a_line_that_dates_the_page(self, words: str) -> None:
        for body in (f"<p>{words}.</p>", f"<p><em>{words}</em></p>"):
            article = factories.article(published=False, slug=str(hash(body)), body=body)
            assert [finding.rule_id for finding in gate.inspect(article)] == ["SEO-DATE-01"], body

    def test_in_the_middle_it_may_be_about_something_else(self) -> None:
        article = factories.article(published=False, body="<p>The label was last updated on 3 March 2026.</p>")
        (finding,) = gate.inspect(article)
        assert (finding.code, finding.severity) == ("P7", "warn")

    @pytest.mark.parametrize("words", ["The final rule of 22 August 1994.", "Searched up to 9 September 2019."])
    def test_other_dates_stand(self, words: str) -> None:
        assert codes(factories.article(published=False, body=f"<p>{words}</p>")) == []


class TestReviews:
    def test_a_thin_review(self) -> None:
        assert codes(factories.review(factories.product(description=""), published=False)) == [("SEO-SPAM-01", "body")]

    def test_words_of_the_maker(self) -> None:
        review = factories.review(published=False)
        review.maker_text = review.product.description
        assert codes(review) == [("SEO-SPAM-01", "body")]
        review.maker_text = "A capsule that holds a salt of magnesium, made with care."
        assert codes(review) == []

    def test_readers_never_see_the_makers_words(self) -> None:
        assert "maker_text" not in factories.review(published=False).content_fields
