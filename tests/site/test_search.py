"""Search: the words people use, typing errors, two languages, rubbish, and an index that follows what is published."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, TestCase
from django.utils import timezone

from articles.models import Article, FaqEntry
from crampinfo.editorial import workflow
from crampinfo.site import search
from tests import factories
from tests.standing import standing

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _published(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """Two questions, two articles and a review, indexed as they are after a commit."""
    with standing(django_db_blocker, tmp_path_factory.mktemp("media")):
        with TestCase.captureOnCommitCallbacks(execute=True):
            _publish()
        yield


def _publish() -> None:
    factories.question("why-at-night", title="Why do cramps come at night?", key_answer="The foot points down in bed.")
    factories.question("shoes", title="Can shoes cause calf cramps?", key_answer="Nobody has shown it.")
    factories.article(
        "statins", title="Medicines and conditions behind cramps", body="<h2>Statins</h2><p>Muscle ache.</p>"
    )
    factories.article(
        "calambres",
        title="Calambres nocturnos: qué ayuda",
        language="es",
        body="<p>Estirar la pantorrilla antes de dormir.</p>",
        topic=factories.topic("nocturnos", language="es"),
    )
    factories.review(factories.product("vela", name="Vela Citrate 60"))


@pytest.fixture(autouse=True)
def index(django_capture_on_commit_callbacks: Any) -> Iterator[Any]:
    """Runs what a commit would run; the words of other tests are forgotten."""
    search._vocabulary.cache_clear()
    yield django_capture_on_commit_callbacks
    search._vocabulary.cache_clear()


def found(query: str) -> list[str]:
    return [hit.url for hit in search.search(query).hits]


NIGHT, SHOES, STATINS, SPANISH, REVIEW = (
    "/questions/why-at-night/", "/questions/shoes/", "/guides/statins/", "/guides/calambres/", "/reviews/vela/",
)  # fmt: skip


def test_it_works() -> None:
    (hit,) = search.search("shoes").hits
    assert hit == search.Hit("question", "Can shoes cause calf cramps?", SHOES, "What is known about shoes.", "en-gb")


class TestWords:
    @pytest.mark.parametrize(
        ("query", "url"),
        [
            ("cramps at night", NIGHT),
            ("cramp night", NIGHT),
            ("night cramps", NIGHT),
            ("CRAMPS AT NIGHT", NIGHT),
            ("nights", NIGHT),
            ("shoe", SHOES),
            ("muscle ache", STATINS),
            ("citrate", REVIEW),
            ("Vela Citrate 60", REVIEW),
            ("acme", REVIEW),
            ("bed", NIGHT),
        ],
    )
    def test_are_found_in_any_number_and_case(self, query: str, url: str) -> None:
        assert url in found(query)

    @pytest.mark.parametrize(
        ("query", "url"),
        [
            ("charley horse", NIGHT),
            ("Charley horses at bedtime", NIGHT),
            ("charlie horse in my sleep", NIGHT),
            ("nocturnal spasms", NIGHT),
            ("trainers", SHOES),
            ("cholesterol tablet", STATINS),
            ("simvastatin", STATINS),
        ],
    )
    def test_what_people_call_it(self, query: str, url: str) -> None:
        assert url in found(query)

    @pytest.mark.parametrize("query", ["why do I get cramps at night?", "Can my shoes be the cause of it?"])
    def test_a_whole_question(self, query: str) -> None:
        assert (NIGHT if "night" in query else SHOES) == found(query)[0]

    def test_all_words_before_any(self) -> None:
        assert found("cramps shoes") == [SHOES]

    def test_any_where_no_page_has_all(self) -> None:
        assert SHOES in found("shoes volcano")

    def test_nothing(self) -> None:
        assert search.search("volcano") == search.Results("volcano", ())


class TestTypingErrors:
    @pytest.mark.parametrize(
        ("query", "corrected", "url"),
        [
            ("charly hores", "charley horse", NIGHT),
            ("craps at nihgt", "cramps at night", NIGHT),
            ("sheos", "shoes", SHOES),
            ("volcaon", "volcaon", None),
            ("shoess", "shoes", SHOES),
            ("medicnes", "medicines", STATINS),
            ("calmabres", "calambres", SPANISH),
            ("nocturnso", "nocturnos", SPANISH),
        ],
    )
    def test_the_nearest_word_of_ours(self, query: str, corrected: str, url: str | None) -> None:
        results = search.search(query)
        assert results.corrected == (corrected if corrected != query else "")
        assert url is None or url in [hit.url for hit in results.hits]

    def test_a_known_word_is_left(self) -> None:
        assert search.correct("shoes night calf") == "shoes night calf"

    def test_many_unknown_words_take_no_time(self) -> None:
        assert search.search(" ".join(f"zxqv{number}" for number in range(60))).hits == ()


class TestSpanish:
    @pytest.mark.parametrize(
        "query",
        ["calambres nocturnos", "calambre", "pantorrilla", "qué ayuda con los calambres", "tirón", "tiron nocturno"],
    )
    def test_it_works(self, query: str) -> None:
        assert SPANISH in found(query)

    def test_its_language_is_told(self) -> None:
        assert [hit.language for hit in search.search("pantorrilla").hits] == ["es"]


class TestRubbish:
    @pytest.mark.parametrize(
        "query",
        [
            *(
                "",
                " ",
                "\x00",
                "'",
                '"',
                "''",
                "--",
                "-",
                "(",
                ")",
                "*",
                "%",
                "_",
                ":",
                "^",
                "\\",
                "🦵",
                "\u202e",
                "\n\t",
            ),
            *(
                "' OR 1=1 --",
                "a'b",
                '"unclosed',
                "NEAR(cramp, 2)",
                "cramp AND",
                "NOT",
                "title:cramp",
                "cramp*",
                "{title}:x",
            ),
            *("<script>alert(1)</script>", "ß", "İ", "a-b-c", "1", "*:*", "&|!", "<->", "é" * 300, "x" * 10_000),
        ],
    )
    def test_it_breaks_nothing(self, query: str) -> None:
        results = search.search(query)
        assert len(results.query) <= 2 * search.MAX_QUERY

    def test_punctuation_is_dropped(self) -> None:
        assert search.search("¡«night»! (cramps)*").query == "night cramps"
        assert NIGHT in found("¡«night»! (cramps)*")

    def test_two_hundred_characters_count(self) -> None:
        assert SHOES in found("shoes" + " " * 10_000 + "volcano")
        assert search.search("x" * 10_000).query == "x" * 200

    @pytest.mark.parametrize("query", ["%00", "a%00b", "%FF", "%ED%A0%80"])
    def test_bytes_that_are_no_text_are_a_clean_refusal(self, query: str) -> None:
        assert Client().get(f"/search/?q={query}").status_code == 400

    def test_no_markup_comes_back(self) -> None:
        page = Client().get("/search/", {"q": "<script>alert(1)</script>"}).content.decode()
        assert "<script>alert" not in page


class TestIndex:
    def test_markup_is_not_searched(self) -> None:
        assert found("h2") == []
        assert found("strong") == []

    def test_it_follows_a_change(self, index: Any) -> None:
        article = Article.objects.get(slug="statins")
        article.body = "<p>Volcanoes.</p>"
        with index(execute=True):
            workflow.publish(article)
        assert found("volcano") == [STATINS]
        assert STATINS not in found("ache")

    def test_it_follows_the_faq(self, index: Any) -> None:
        article = Article.objects.get(slug="statins")
        with index(execute=True), workflow.editing(article):
            FaqEntry.objects.create(article=article, question="What about volcanoes?", answer="No.")
            workflow.publish(article)
        assert found("volcano") == [STATINS]

    def test_a_retired_text_is_gone(self, index: Any) -> None:
        with index(execute=True):
            workflow.retire(Article.objects.get(slug="statins"))
        assert STATINS not in found("medicines")

    def test_a_draft_is_not_found(self, index: Any) -> None:
        with index(execute=True):
            workflow.submit(factories.article("hidden", title="Volcano", published=False))
        assert found("volcano") == []

    def test_what_is_scheduled_is_found_from_its_time_on(self, index: Any) -> None:
        """Nothing has to run at that minute: the index knows it already, the clock decides."""
        article = factories.article("soon", title="Volcano", published=False)
        with index(execute=True):
            workflow.publish(article, at=timezone.now() + timedelta(hours=1))
        assert found("volcano") == []
        Article._base_manager.filter(slug="soon").update(publish_at=timezone.now() - timedelta(minutes=1))
        assert found("volcano") == ["/guides/soon/"]

    def test_what_retires_by_itself_is_gone_from_its_time_on(self) -> None:
        Article._base_manager.filter(slug="statins").update(retire_at=timezone.now() - timedelta(minutes=1))
        assert STATINS not in found("medicines")

    def test_a_renamed_product_is_found_by_its_new_name(self, index: Any) -> None:
        from products.models import Product

        item = Product.objects.get(slug="vela")
        item.name = "Volcano 60"
        with index(execute=True):
            item.save()
        assert found("volcano") == [REVIEW]


def test_the_number_of_queries(django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(8):
        search.search("volcano charly hores")


def test_at_most_twenty_of_a_kind(index: Any) -> None:
    with index(execute=True):
        for number in range(22):
            factories.question(f"q{number}", title=f"Volcano {number}?", references=1)
    assert len(found("volcano")) == 20
