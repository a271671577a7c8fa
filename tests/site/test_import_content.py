from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from PIL import Image

from articles.models import Article, Page, Question
from crampinfo.editorial.models import Author, Evidence, Reference, Revision, State, Topic
from products.models import AffiliateProgramme, Brand, ConflictDeclaration, Merchant, Placement, Product, Slot
from reviews.models import Methodology, Ranking, Review
from tests.site.conftest import Content
from tests.standing import standing

pytestmark = pytest.mark.django_db
D = Decimal
LONDON = ZoneInfo("Europe/London")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where everything was imported from, and where its pictures are."""
    return tmp_path_factory.mktemp("imported")


@pytest.fixture(scope="module")
def said(django_db_setup: None, django_db_blocker: Any, root: Path) -> Iterator[str]:
    """What the import of everything says; it stands for all tests of this file."""
    with standing(django_db_blocker, root / "media"):
        yield Content(root / "content").whole().load()


def days_ago(count: int) -> date:
    return timezone.localdate() - timedelta(days=count)


def test_it_works(said: str) -> None:
    assert said.startswith(
        "20 files: 27 created, 0 changed, 0 unchanged, 0 kept (topic 4 created; reference 2 created;"
    )
    assert said.endswith("page 1 created).\n")


@pytest.mark.usefixtures("said")
class TestEveryKind:
    def test_topics(self) -> None:
        assert Topic.objects.get(slug="pregnancy").sensitive
        assert Topic.objects.get(slug="night-cramps").description == "Cramps that wake you."
        assert Topic.objects.get(slug="calambres").language == "es"

    def test_references_with_outcomes_and_successor(self) -> None:
        trial = Reference.objects.get(slug="trial-2001")
        assert (trial.year, trial.n, trial.weeks, trial.design) == (2001, 46, D("4.5"), "rct")
        assert trial.superseded_by == Reference.objects.get(slug="review-2020")
        first, second = trial.outcomes.all()
        assert (first.name, first.effect, first.ci_low, first.ci_high, first.p) == (
            "Cramps per week",
            D("-0.18"),
            D("-0.84"),
            D("0.49"),
            "0.6",
        )
        assert (second.name, second.effect, second.certainty) == ("Pain", None, "not_rated")

    def test_evidence_draws_an_outcome(self) -> None:
        box = Evidence.objects.get(slug="magnesium-box")
        assert box.outcome is not None
        assert (box.outcome.name, box.strength, box.axis_max) == ("Cramps per week", D("2.5"), D(2))

    def test_authors_with_portrait_and_credentials(self, root: Path, settings: Any) -> None:
        settings.MEDIA_ROOT = root / "media"
        ana = Author.objects.get(slug="ana-example")
        assert ana.biography == "Ana is invented. She reads.\n\nShe writes, too."
        assert ana.portrait is not None
        assert (ana.portrait.alt, ana.portrait.width, ana.portrait.height) == ("Ana Example", 48, 64)
        assert Path(ana.portrait.file.path).is_file()
        assert ana.credentials.get().checked_on == date(2026, 1, 5)

    def test_brands_keep_norway(self) -> None:
        brand = Brand.objects.get(slug="plainbrand")
        assert (brand.country, brand.is_demo, brand.owned_by_us) == ("NO", True, False)

    def test_merchants_and_programmes(self) -> None:
        programme = AffiliateProgramme.objects.get(slug="corner-partners")
        assert programme.merchant == Merchant.objects.get(slug="cornershop")
        assert (programme.allowed_parameters, programme.commission_percent) == (["ref"], D(5))
        assert timezone.localtime(programme.starts_at).hour == 8

    def test_products_with_all_they_hold(self) -> None:
        product = Product.objects.get(slug="tablet-one")
        assert product.description == "A tablet in a blister."
        assert (product.servings_per_pack, product.vegan, product.gtin) == (60, True, "2573106222532")
        assert [topic.slug for topic in product.topics.all()] == ["magnesium"]
        assert product.elemental_per_serving() == D("99.5") * D("0.603") + D(12) * D("0.12")
        assert product.certifications.get().issuer == "Example Seals"

    def test_offers_and_prices(self) -> None:
        offer = Product.objects.get(slug="tablet-one").offers.get(merchant__slug="cornershop")
        assert (offer.country, offer.in_stock, offer.programme.slug) == ("GB", True, "corner-partners")
        newest = offer.prices.first()
        assert timedelta(hours=2) <= timezone.now() - newest.as_of < timedelta(hours=2, minutes=1)
        assert (newest.amount, newest.source, newest.max_age_hours) == (D("9.60"), "feed", 72)
        assert offer.prices.filter(as_of=datetime(2026, 3, 1, 10, tzinfo=LONDON), amount="9.90").count() == 1
        assert offer.prices.filter(as_of__date=days_ago(40), amount="9.60").count() == 1

    def test_conflicts(self) -> None:
        conflict = ConflictDeclaration.objects.get()
        assert (conflict.declared_on, conflict.statement) == (days_ago(21), "I own a share.")

    def test_methodologies_are_frozen_and_current(self) -> None:
        labels = Methodology.objects.get(slug="labels")
        assert [version.number for version in labels.versions.all()] == [3, 2, 1]
        assert labels.current_version is not None
        assert labels.current_version.number == 2
        assert all(version.frozen_at for version in labels.versions.all())
        first = labels.versions.get(number=1)
        assert first.frozen_at == datetime(2025, 1, 1, 8, tzinfo=LONDON)
        assert {weight.criterion.slug: weight.value for weight in first.weights.all()} == {
            "exact-label": 60,
            "price": 40,
        }

    def test_slots_and_placements(self) -> None:
        placement = Placement.objects.get(slug="autumn")
        assert placement.slot == Slot.objects.get(slug="list-band")
        assert (placement.kind, placement.is_active) == ("band", True)
        assert placement.offer is not None
        assert placement.offer.merchant.slug == "cornershop"
        assert placement.approved_at == placement.starts_at

    def test_reviews(self) -> None:
        review = Review.objects.get(product__slug="tablet-one")
        assert review.state == State.DRAFT
        assert review.pros_list == ["A clear label", "One price: everywhere"]
        assert [product.slug for product in review.alternatives.all()] == ["tablet-two"]
        assert [citation.reference.slug for citation in review.citations.all()] == ["trial-2001", "review-2020"]
        assert review.badges.get().compared.count() == 3
        assert review.tests.get().tester.slug == "ana-example"
        offer = review.product.offers.get(merchant__slug="cornershop")
        assert f'<a data-offer="{offer.pk}">at the corner</a>' in review.body
        assert "[@trial-2001]" in review.body

    def test_scores_in_the_order_of_their_dates(self) -> None:
        scores = Review.objects.get().scores.order_by("pk")
        assert [(score.criterion.slug, score.value) for score in scores] == [
            ("price", D("6.5")),
            ("exact-label", D(8)),
            ("price", D(7)),
        ]
        newest = scores[2]
        assert newest.scored_at == datetime(2026, 5, 1, 8, tzinfo=LONDON)
        assert (newest.reference_price, newest.reference_currency) == (D("9.60"), "EUR")
        assert newest.reference_taken_on == date(2026, 4, 30)
        assert newest.reference_sources[1] == {"seller": "Side Shop", "amount": "9.70", "programme": False}

    def test_rankings(self) -> None:
        ranking = Ranking.objects.get(slug="tablets")
        assert ranking.none_title == "You may need none of these"
        assert [slot.slug for slot in ranking.slots.all()] == ["list-band"]
        assert ranking.entries.get().added_on == date(2026, 1, 2)
        nine, three = ranking.rejections.all()
        assert (nine.product, three.product.slug) == (None, "tablet-three")

    def test_articles(self) -> None:
        article = Article.objects.get(slug="stretching")
        assert article.emergency_list == ["Short breath"]
        assert article.today_list == ["A swollen calf", "A red calf"]
        assert [entry.question for entry in article.faq.all()] == ["How long?", "How often?"]
        assert [citation.reference.slug for citation in article.citations.all()] == ["trial-2001", "review-2020"]
        assert article.button_slot is not None
        assert Article.objects.get(slug="estirar").translation_of == article

    def test_questions(self) -> None:
        question = Question.objects.get()
        assert (question.urgent, question.title, question.key_answer) == (True, "Why at night?", "Nobody knows.")

    def test_pages_with_a_date_are_published(self) -> None:
        page = Page.objects.get(slug="now")
        morning = datetime(2026, 2, 9, 8, tzinfo=LONDON)
        assert (page.state, page.is_live) == (State.PUBLISHED, True)
        assert (page.publish_at, page.first_published_at) == (morning, morning)
        assert [(step.position, step.figure) for step in page.steps.all()] == [(1, "stretch-towel"), (2, "")]

    def test_each_publishable_has_one_revision(self) -> None:
        for model, count in ((Article, 2), (Question, 1), (Page, 1), (Review, 1), (Ranking, 1)):
            mine = Revision.objects.filter(content_type=ContentType.objects.get_for_model(model))
            assert [revision.number for revision in mine] == [1] * count
            assert {revision.summary for revision in mine} == {"Imported"}


def test_a_single_file_finds_the_rest_in_the_database(content: Any) -> None:
    content.whole().load()
    content.add("more.md", (content.root / "questions/why-at-night.md").read_text().replace("why-at-night", "another"))
    assert content.load("more.md") == "1 file: 1 created, 0 changed, 0 unchanged, 0 kept (question 1 created).\n"
    assert Question.objects.get(slug="another").author.slug == "ana-example"


def test_a_text_brings_its_picture(content: Any) -> None:
    content.whole().add("articles/leg.png", (content.root / "authors/portraits/ana.png").read_bytes())
    front = "evidence: magnesium-box\npicture:\n  file: leg.png\n  alt: A leg\n  credit: Ana\n"
    content.edit("articles/stretching.md", "evidence: magnesium-box\n", front).load()
    picture = Article.objects.get(slug="stretching").picture
    assert picture is not None
    assert (picture.alt, picture.credit, picture.is_demo) == ("A leg", "Ana", True)
    Image.new("RGB", (30, 30), (1, 2, 3)).save(content.root / "articles/leg.png")
    assert "article 1 changed" in content.load()
    assert Article.objects.get(slug="stretching").picture.width == 30
    content.edit("articles/stretching.md", front, "evidence: magnesium-box\n").load()
    assert Article.objects.get(slug="stretching").picture is None


def test_a_picture_of_a_text_says_what_it_shows(content: Any) -> None:
    content.whole().add("articles/leg.png", (content.root / "authors/portraits/ana.png").read_bytes())
    content.edit("articles/stretching.md", "evidence: magnesium-box\n", "picture:\n  file: leg.png\n")
    assert [one for one in content.refusals() if "alt is missing: every object of this kind needs it." in one]
