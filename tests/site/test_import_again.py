"""Importing again: nothing changes by itself, edits made on the site are kept, history is only added to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from articles.models import Article, Page
from crampinfo.editorial import workflow
from crampinfo.editorial.models import Author, LedgerEntry, Picture, ReferenceOutcome, Revision, State, Topic
from crampinfo.site.models import ImportRecord
from products.models import Placement, Price, Product
from reviews.models import Methodology, Review, Score

pytestmark = pytest.mark.django_db
PRODUCT = "products/tablet-one.md"
PAGE = "pages/now.md"


def counts() -> dict[str, int]:
    models = (Topic, Revision, Price, Score, Picture, LedgerEntry, ReferenceOutcome, ImportRecord, Product)
    return {model.__name__: model.objects.count() for model in models}


def test_a_second_run_changes_nothing(content: Any) -> None:
    content.whole().load()
    before = counts()
    assert content.load().startswith("20 files: 0 created, 0 changed, 27 unchanged, 0 kept (topic 4 unchanged;")
    assert counts() == before


def test_so_does_a_run_on_another_day(content: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    content.whole().load()
    before = counts()
    later = timezone.localtime() + timedelta(days=9)
    monkeypatch.setattr("django.utils.timezone.localtime", lambda: later)
    assert content.load().startswith("20 files: 0 created, 0 changed, 27 unchanged, 0 kept")
    assert counts() == before


def test_a_changed_file_changes_its_object_alone(content: Any) -> None:
    content.whole().load()
    content.edit("topics.yaml", "Cramps that wake you.", "Cramps at night.")
    assert content.load().startswith("20 files: 0 created, 1 changed, 26 unchanged, 0 kept")
    assert Topic.objects.get(slug="night-cramps").description == "Cramps at night."


def test_a_comment_or_another_order_is_no_change(content: Any) -> None:
    content.whole().load()
    content.edit(PAGE, "slug: now\ntitle: Cramp now?", "# A comment.\ntitle: Cramp now?\nslug: now")
    assert "27 unchanged" in content.load()


def test_a_changed_picture_is_a_change(content: Any) -> None:
    content.whole().load()
    Image.new("RGB", (30, 30), (1, 2, 3)).save(content.root / "authors/portraits/ana.png")
    assert "author 1 changed" in content.load()
    portrait = Author.objects.get(slug="ana-example").portrait
    assert portrait is not None
    assert portrait.width == 30


def test_a_live_page_changes_through_the_gate(content: Any) -> None:
    content.whole().load()
    first = Page.objects.get(slug="now")
    content.edit(PAGE, "Ask a pharmacist.", "Ask a pharmacist first.").edit(PAGE, "Then rest.", "Then rest a little.")
    content.load()
    page = Page.objects.get(slug="now")
    assert (page.state, page.first_published_at) == (State.PUBLISHED, first.first_published_at)
    assert page.gate_hash != first.gate_hash
    assert "first." in page.body
    revisions = Revision.objects.filter(content_type__model="page")
    assert [(one.number, one.summary) for one in revisions] == [(2, "Changed by an import"), (1, "Imported")]


def test_a_live_page_is_not_changed_past_the_gate(content: Any) -> None:
    content.whole().load()
    content.edit(PAGE, "Ask a pharmacist.", "TODO: ask.").edit("topics.yaml", "Cramps that wake you.", "Other.")
    assert content.refusal().startswith(f"{PAGE}:17: P1 body:")
    assert "Ask a pharmacist." in Page.objects.get(slug="now").body
    assert Topic.objects.get(slug="night-cramps").description == "Cramps that wake you."


def test_a_changed_draft_gets_a_revision(content: Any) -> None:
    content.whole().load()
    content.edit("articles/estirar.md", "Estira despacio.", "Estira cada noche.").load()
    article = Article.objects.get(slug="estirar")
    assert article.state == State.DRAFT
    assert Revision.objects.filter(content_type__model="article", object_id=article.pk).count() == 2


def test_an_approved_text_that_changes_is_a_draft_again(content: Any) -> None:
    content.whole().load()
    article = Article.objects.get(slug="estirar")
    workflow.submit(article)
    workflow.approve(article)
    content.edit("articles/estirar.md", "Estira despacio.", "Estira cada noche.").load()
    article.refresh_from_db()
    assert article.state == State.DRAFT


class TestEdits:
    @pytest.fixture
    def edited(self, content: Any) -> Any:
        content.whole().load()
        Topic.objects.filter(slug="night-cramps").update(description="By an editor.")
        Article.objects.filter(slug="estirar").update(key_answer="De otra manera.")
        return content

    def test_they_are_kept(self, edited: Any) -> None:
        said = edited.load()
        assert "topics.yaml:3: topic night-cramps kept: edited since import\n" in said
        assert "articles/estirar.md:2: article estirar kept: edited since import\n" in said
        assert "0 created, 0 changed, 25 unchanged, 2 kept" in said
        assert Topic.objects.get(slug="night-cramps").description == "By an editor."

    def test_a_changed_file_is_a_conflict(self, edited: Any) -> None:
        edited.edit("topics.yaml", "Cramps that wake you.", "From the file.")
        said = edited.load()
        assert (
            "topics.yaml:3: topic night-cramps conflict, kept: edited since import, and the file has changed too; "
            "--overwrite takes the file\n" in said
        )
        assert Topic.objects.get(slug="night-cramps").description == "By an editor."

    def test_overwrite_takes_the_file(self, edited: Any) -> None:
        edited.edit("topics.yaml", "Cramps that wake you.", "From the file.")
        said = edited.load(overwrite=True)
        assert "topic 1 changed, 3 unchanged" in said
        assert Topic.objects.get(slug="night-cramps").description == "From the file."
        # The article's file has not changed: the edit on the site is the newer word.
        assert "article estirar kept: edited since import" in said
        assert Article.objects.get(slug="estirar").key_answer == "De otra manera."

    def test_an_edited_child_counts(self, content: Any) -> None:
        content.whole().load()
        ReferenceOutcome.objects.filter(name="Pain").update(unit="cm")
        assert "reference trial-2001 kept: edited since import" in content.load()

    def test_new_prices_from_a_feed_are_no_edit(self, content: Any) -> None:
        content.whole().load()
        offer = Product.objects.get(slug="tablet-one").offers.get(country="GB")
        Price.objects.create(offer=offer, amount="9.70", currency="EUR", source="feed", as_of=timezone.now())
        assert "27 unchanged" in content.load()

    def test_what_no_import_made_is_kept(self, content: Any) -> None:
        Topic.objects.create(slug="night-cramps", name="Mine")
        content.whole()
        said = content.load()
        assert "topic night-cramps kept: it was not made by an import; --overwrite takes the file" in said
        assert Topic.objects.get(slug="night-cramps").name == "Mine"
        content.load(overwrite=True)
        assert Topic.objects.get(slug="night-cramps").name == "Night cramps"

    def test_what_was_retired_stays_retired(self, content: Any) -> None:
        content.whole().load()
        workflow.retire(Page.objects.get(slug="now"), reason="Wrong.")
        content.edit(PAGE, "Ask a pharmacist.", "Ask a doctor.")
        assert "page now kept: it was retired, and an import brings nothing back" in content.load(overwrite=True)
        assert Page.objects.get(slug="now").state == State.RETIRED


class TestHistory:
    def test_prices_are_added_never_repeated(self, content: Any) -> None:
        content.whole().load()
        line = "{amount: 9.90, currency: EUR, source: site, as_of: 2026-03-01T10:00}"
        content.edit(
            PRODUCT, line, f"{line}\n      - {line.replace('9.90', '8.10').replace('2026-03-01T10:00', 'now-1h')}"
        )
        content.load()
        assert sorted(str(price.amount) for price in Price.objects.all()) == ["8.10", "9.60", "9.60", "9.90"]

    def test_scores_are_added_never_repeated(self, content: Any) -> None:
        content.whole().load()
        new = "{criterion: exact-label, value: 8.5, on: 2026-06-01, reason: New label., evidence: [label]"
        new += ", changed_because: The label changed.}"
        content.edit("reviews/tablet-one.md", "tests:", f"  - {new}\ntests:").load()
        review = Review.objects.get()
        assert review.scores.count() == 4
        assert str(Score.objects.current().get(review=review, criterion__slug="exact-label").value) == "8.5"

    def test_a_frozen_version_is_not_rewritten(self, content: Any) -> None:
        content.whole().load()
        content.edit("methodologies.yaml", "{exact-label: 60, price: 40}", "{exact-label: 61, price: 39}")
        assert content.refusal() == (
            "methodologies.yaml:7: Version 1 is frozen, and scores rest on it: write the change as a new version."
        )

    def test_a_new_version_is_added(self, content: Any) -> None:
        content.whole().load()
        new = "{number: 4, effective_from: today-1d, tie_breaker: price, weights: {exact-label: 1, price: 2}}"
        content.edit("methodologies.yaml", "    criteria:", f"      - {new}\n    criteria:").load()
        labels = Methodology.objects.get()
        assert labels.versions.count() == 4
        assert labels.current_version is not None
        assert labels.current_version.number == 4

    def test_a_scored_criterion_stays(self, content: Any) -> None:
        content.whole().load()
        content.edit(
            "methodologies.yaml",
            "      - {slug: price, name: Price, description: What it costs., is_price: true}\n",
            "",
        )
        assert content.refusals()[0].startswith("methodologies.yaml:21: The criteria price are scored by: keep them")

    def test_a_booking_is_not_rewritten_but_its_words_are(self, content: Any) -> None:
        content.whole().load()
        content.edit("placements.yaml", "text: A tablet.", "text: A plain tablet.").load()
        assert Placement.objects.get().text == "A plain tablet."
        content.edit("placements.yaml", "ends: today+5d", "ends: 2030-01-01")
        assert content.refusal().startswith("placements.yaml:9: ends: this booking is on record: end it early")

    def test_relative_dates_are_set_once(self, content: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        content.whole().load()
        booked = Placement.objects.get()
        content.edit("placements.yaml", "text: A tablet.", "text: A plain tablet.")
        content.edit("conflicts.yaml", "I own a share.", "I own two shares.")
        later = timezone.localtime() + timedelta(days=3)
        monkeypatch.setattr("django.utils.timezone.localtime", lambda: later)
        assert "conflict 1 changed" in content.load()
        assert Placement.objects.get().starts_at == booked.starts_at


class TestDryRun:
    def test_it_keeps_nothing(self, content: Any) -> None:
        said = content.whole().load(dry_run=True)
        assert said.startswith(
            "Dry run, nothing was kept: 20 files: 27 created, 0 changed, 0 unchanged, 0 kept (topic 4 created;"
        )
        assert set(counts().values()) == {0}
        assert not [path for path in (content.root.parent / "media").rglob("*") if path.is_file()]

    def test_it_refuses_what_an_import_would(self, content: Any) -> None:
        content.whole().edit(PAGE, "Then rest.", "TODO rest.")
        assert content.refusal(dry_run=True).startswith(f"{PAGE}:10: P1 steps[2].text:")

    def test_pictures_that_were_there_stay(self, content: Any) -> None:
        content.whole().load()
        content.edit("authors/ana-example.md", "She reads.", "She reads a lot.").load(dry_run=True)
        portrait = Author.objects.get(slug="ana-example").portrait
        assert portrait is not None
        assert portrait.file.storage.exists(portrait.file.name)
