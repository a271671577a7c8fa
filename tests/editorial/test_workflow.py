"""The moves between states, and that publishing asks the gate on every path."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from articles.models import Article, FaqEntry
from crampinfo.editorial import gate, revisions, workflow
from crampinfo.editorial.models import LedgerEntry, Revision, State
from crampinfo.editorial.signals import content_changed
from crampinfo.lib import chain
from tests import factories

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def draft(**fields: Any) -> Article:
    return factories.article(published=False, **fields)


def stored(article: Article) -> Article:
    return Article.objects.get(pk=article.pk)


def history(article: Article) -> list[str]:
    return list(Revision.objects.filter(object_id=article.pk).order_by("number").values_list("summary", flat=True))


def ledger() -> list[str]:
    """Whether each entry says that it is public."""
    rows = LedgerEntry.objects.filter(kind="publication").order_by("number")
    return ["published" if payload["from"] else "withdrawn" for payload in rows.values_list("payload", flat=True)]


def test_it_works() -> None:
    article = draft()
    assert workflow.publish(article) == []
    found = stored(article)
    assert found.state == State.PUBLISHED
    assert found.gate_hash == found.content_hash == revisions.content_hash(found)
    assert found.publish_at == found.first_published_at == found.content_changed_at
    assert history(article) == ["Published"]
    entry = LedgerEntry.objects.get(kind="publication")
    assert (entry.subject, entry.reason) == (f"article:{article.pk}", "Published")
    since = chain.moment(found.publish_at)
    assert entry.payload == {"title": "About causes", "from": since, "until": None, "content": found.gate_hash}


VERBS = (workflow.submit, workflow.approve, workflow.reopen, workflow.retire, workflow.publish)
ALLOWED = {
    State.DRAFT: {"submit", "publish", "retire"},
    State.IN_REVIEW: {"reopen", "approve", "publish", "retire"},
    State.APPROVED: {"reopen", "submit", "publish", "retire"},
    State.PUBLISHED: {"publish", "retire"},
    State.RETIRED: {"reopen"},
}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("verb", VERBS)
def test_every_move_is_in_the_table_or_refused(state: State, verb: Callable[[Article], object]) -> None:
    article = factories.article() if state == State.PUBLISHED else draft()
    Article._base_manager.filter(pk=article.pk).update(state=state)
    article.refresh_from_db()
    if verb.__name__ in ALLOWED[state]:
        verb(article)
    else:
        with pytest.raises(ValidationError, match="from there it can't become"):
            verb(article)
        assert stored(article).state == state


class TestDates:
    def test_a_time_ahead_is_when_it_appears(self) -> None:
        article = draft()
        later = timezone.now() + DAY
        workflow.publish(article, at=later)
        assert not stored(article).is_live
        assert stored(article).first_published_at == later

    def test_brought_forward_it_was_first_published_then(self) -> None:
        article = draft()
        workflow.publish(article, at=timezone.now() + 7 * DAY)
        sooner = timezone.now()
        workflow.publish(article, at=sooner)
        found = stored(article)
        assert found.first_published_at == found.content_changed_at == found.publish_at == sooner

    def test_put_off_it_was_not_published_before(self) -> None:
        article = draft()
        workflow.publish(article, at=timezone.now() + DAY)
        later = timezone.now() + 3 * DAY
        workflow.publish(article, at=later)
        assert stored(article).first_published_at == later

    def test_a_change_before_anybody_saw_it_is_no_update(self) -> None:
        article = draft()
        later = timezone.now() + DAY
        workflow.publish(article, at=later)
        article.title = "Something else"
        workflow.publish(article)
        assert stored(article).content_changed_at == later

    def test_what_was_published_elsewhere_keeps_its_date(self) -> None:
        article = draft()
        long_ago = timezone.now() - 400 * DAY
        workflow.publish(article, first_published_at=long_ago)
        found = stored(article)
        assert found.first_published_at == found.content_changed_at == long_ago
        assert found.publish_at > long_ago

    def test_a_changed_text_is_updated_now(self) -> None:
        article = factories.article()
        before = timezone.now()
        article.key_answer = "Stretch, then walk."
        workflow.publish(article)
        found = stored(article)
        assert found.content_changed_at >= before
        assert found.first_published_at < before - timedelta(hours=12)

    def test_the_same_text_published_again_is_not_updated(self) -> None:
        article = factories.article()
        changed = article.content_changed_at
        workflow.publish(stored(article))
        assert stored(article).content_changed_at == changed
        assert history(article) == ["Published"]

    def test_what_is_no_content_moves_no_date(self) -> None:
        article = factories.article()
        changed = article.content_changed_at
        article.retire_at = timezone.now() + DAY
        article.save()
        workflow.publish(article)
        assert stored(article).content_changed_at == changed

    def test_a_child_is_content(self) -> None:
        article = factories.article()
        changed = article.content_changed_at
        with workflow.editing(article):
            FaqEntry.objects.create(article=article, question="Why?", answer="Nobody knows.")
            workflow.publish(article)
        assert stored(article).content_changed_at > changed
        assert history(article) == ["Published", "Changed while live"]

    def test_retiring_before_it_appears_is_refused_with_a_sentence(self) -> None:
        article = draft()
        article.retire_at = timezone.now() + DAY
        with pytest.raises(ValidationError, match="It would retire before it is published: set a later retiring time"):
            workflow.publish(article, at=timezone.now() + 2 * DAY)
        assert stored(article).state == State.DRAFT


class TestGate:
    def test_a_refusal_changes_nothing(self) -> None:
        article = draft()
        article.key_answer = "TODO"
        before = vars(stored(article))
        with pytest.raises(gate.GateRefused) as caught:
            workflow.publish(article)
        assert [finding.code for finding in caught.value.findings] == ["P1"]
        after = vars(stored(article))
        assert {name: value for name, value in after.items() if name != "_state"} == {
            name: value for name, value in before.items() if name != "_state"
        }
        assert (article.state, article.gate_hash, article.publish_at) == (State.DRAFT, "", None)
        assert (history(article), ledger()) == ([], [])

    def test_a_refused_change_of_a_live_text_leaves_the_live_one(self) -> None:
        article = factories.article()
        article.title = "Lorem ipsum"
        with pytest.raises(gate.GateRefused):
            workflow.publish(article)
        assert stored(article).title == "About causes"

    def test_what_is_checked_is_what_is_stored(self) -> None:
        """The sanitiser works before the hash is taken, so that the live text is the one the gate has seen."""
        article = draft()
        article.body = "<h1>Why</h1><p onclick='x()'>Nobody knows.</p><script>TODO</script>"
        workflow.publish(article)
        found = stored(article)
        assert found.body == "<h2>Why</h2><p>Nobody knows.</p>"
        assert found.gate_hash == revisions.content_hash(found) == Revision.objects.get(object_id=found.pk).content_hash

    def test_warnings_are_kept_with_the_revision(self) -> None:
        article = draft(references=1)
        warnings = workflow.publish(article)
        assert [finding.code for finding in warnings] == ["SEO-YMYL-02"]
        report = Revision.objects.get(object_id=article.pk).gate_report
        assert report[0]["code"] == "SEO-YMYL-02"
        assert report[0]["severity"] == "warn"


class TestSaving:
    def test_a_state_is_not_saved_into_being_live(self) -> None:
        article = draft()
        article.state = State.PUBLISHED
        with pytest.raises(ValidationError, match="use Publish, not a saved state"):
            article.save()

    def test_not_even_with_the_right_hash(self) -> None:
        """A retired text passed the gate once; the rules of today have not seen it."""
        article = factories.article()
        workflow.retire(article)
        article.state = State.PUBLISHED
        with pytest.raises(ValidationError, match="use Publish, not a saved state"):
            article.save()
        assert stored(article).state == State.RETIRED

    def test_a_live_text_is_not_changed_by_saving(self) -> None:
        article = factories.article()
        article.title = "Something else"
        with pytest.raises(ValidationError, match="publish the change through the gate instead of saving it"):
            article.save()

    def test_not_even_with_a_hash_of_its_own_making(self) -> None:
        article = factories.article()
        article.title = "Something else"
        article.gate_hash = article.content_hash = revisions.content_hash(article)
        with pytest.raises(ValidationError, match="through the gate"):
            article.save()

    def test_some_fields_alone_make_no_difference(self) -> None:
        article = factories.article()
        article.title = "Something else"
        with pytest.raises(ValidationError, match="through the gate"):
            article.save(update_fields=["title"])

    def test_a_new_object_is_not_born_live(self) -> None:
        article = factories.article()
        article.pk, article.slug, article._state.adding = None, "copy", True
        with pytest.raises(ValidationError, match="use Publish"):
            article.save()

    def test_get_or_create_neither(self) -> None:
        with pytest.raises(ValidationError, match="use Publish"):
            Article.objects.get_or_create(
                slug="a", defaults={"state": State.PUBLISHED, "author": factories.author(), "topic": factories.topic()}
            )

    def test_a_live_text_is_saved_when_nothing_of_it_changed(self) -> None:
        article = factories.article()
        article.retire_at = timezone.now() + DAY
        article.save()
        assert stored(article).retire_at == article.retire_at


class TestRetiring:
    def test_it_works(self) -> None:
        article = factories.article()
        workflow.retire(article, reason="Out of date")
        assert not stored(article).is_live
        assert history(article) == ["Published", "Out of date"]
        assert ledger() == ["published", "withdrawn"]
        assert LedgerEntry.objects.latest("number").reason == "Out of date"

    def test_coming_back_is_on_record(self) -> None:
        article = factories.article()
        first = article.first_published_at
        workflow.retire(article)
        workflow.reopen(article)
        workflow.publish(article)
        assert stored(article).is_live
        assert stored(article).first_published_at == first
        assert history(article) == ["Published", "Retired", "Back to draft", "Published"]
        assert ledger() == ["published", "withdrawn", "published"]

    def test_coming_back_passes_the_gate_again(self) -> None:
        article = factories.article()
        workflow.retire(article)
        workflow.reopen(article)
        article.citations.all().delete()
        with pytest.raises(gate.GateRefused, match="SEO-YMYL-02"):
            workflow.publish(article)

    def test_what_readers_saw_is_not_deleted(self) -> None:
        article = factories.article()
        with pytest.raises(PermissionDenied, match="retire it instead of deleting it"), transaction.atomic():
            article.delete()
        workflow.retire(article)
        with pytest.raises(PermissionDenied, match="retire it instead of deleting it"), transaction.atomic():
            Article.objects.filter(pk=article.pk).delete()
        assert Article.objects.count() == 1

    def test_a_draft_is(self) -> None:
        draft().delete()
        assert Article.objects.count() == 0


def test_a_long_reason_is_cut_not_refused() -> None:
    workflow.publish(draft(), summary="why " * 300)
    assert len(Revision.objects.get().summary) == 500
    assert len(LedgerEntry.objects.get(kind="publication").reason) == 500


@pytest.mark.django_db(transaction=True)
def test_others_hear_of_it_once_it_is_committed() -> None:
    heard: list[Any] = []

    def hear(sender: Any, instance: Any, **kwargs: Any) -> None:
        heard.append((instance.slug, instance.is_live))

    content_changed.connect(hear)
    try:
        article = factories.article()
        workflow.retire(article)
    finally:
        content_changed.disconnect(hear)
    assert heard == [("causes", True), ("causes", False)]
