"""Handovers on record, approvals that end with the words they were for, and notices by e-mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from articles.models import Article, FaqEntry
from crampinfo.editorial import handover, notices, revisions, workflow, workingcopy
from crampinfo.editorial.handover import Along
from crampinfo.editorial.models import CopyState, Handover, Revision, State, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.people import account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker's tasks, at once."""
    monkeypatch.setattr(HUEY, "immediate", True)


@pytest.fixture
def anna() -> User:
    return account(Role.EDITOR, name="anna", email="anna@crampinfo.example")


@pytest.fixture
def otto() -> User:
    return account(Role.EDITOR, name="otto", email="otto@crampinfo.example")


@pytest.fixture
def draft() -> Article:
    made: Article = factories.article(published=False)
    return made


@pytest.fixture
def approved(draft: Article, anna: User, otto: User) -> Article:
    workflow.submit(draft, anna)
    workflow.approve(draft, otto)
    return draft


# --- the record ------------------------------------------------------------------------------------------------


def test_it_works(draft: Article, anna: User, otto: User) -> None:
    workflow.submit(draft, anna, Along("Please.", otto, timezone.localdate()))
    row = Handover.objects.get()
    assert (row.content, row.by, row.assignee, row.note, row.due) == (
        draft, anna, otto, "Please.", timezone.localdate(),
    )  # fmt: skip
    assert handover.standing(draft, None) == row
    assert row.days_late == 0


def test_one_row_a_move_and_the_newest_stands(draft: Article, anna: User, otto: User) -> None:
    workflow.submit(draft, anna)
    workflow.approve(draft, otto)
    workflow.reopen(draft, otto)
    workflow.publish(draft, by=otto)
    workflow.retire(draft, otto, "Wrong.")
    rows = Handover.objects.order_by("pk").values_list("from_state", "to_state", "by__username", "note")
    assert list(rows) == [
        ("draft", "in_review", "anna", ""),
        ("in_review", "approved", "otto", ""),
        ("approved", "draft", "otto", ""),
        ("draft", "published", "otto", ""),
        ("published", "retired", "otto", "Wrong."),
    ]


def test_what_programs_move_is_in_nobodys_hands(draft: Article, anna: User, otto: User) -> None:
    workflow.submit(draft, anna, Along(to=otto))
    workflow.reopen(draft)
    assert Handover.objects.count() == 1
    assert handover.standing(draft, None) is None


def test_it_stays(draft: Article, anna: User) -> None:
    workflow.submit(draft, anna)
    row = Handover.objects.get()
    row.note = "Something else"
    with pytest.raises(PermissionDenied, match="stays on record"):
        row.save()
    with pytest.raises(PermissionDenied):
        row.delete()
    with pytest.raises(PermissionDenied):
        Handover.objects.update(note="")
    with pytest.raises(PermissionDenied):
        Handover.objects.all().delete()


def test_an_account_that_goes_leaves_its_rows(draft: Article, anna: User, otto: User) -> None:
    workflow.submit(draft, anna, Along("Please.", otto))
    otto.delete()
    row = Handover.objects.get()
    assert (row.assignee, row.by, row.note) == (None, anna, "Please.")


def test_a_day_that_is_past_moves_nothing(draft: Article, anna: User) -> None:
    with pytest.raises(ValidationError, match="This day is past"):
        workflow.submit(draft, anna, Along(due=timezone.localdate() - timedelta(days=1)))
    assert Article.objects.get().state == State.DRAFT
    assert not Revision.objects.exists()


def test_a_refused_move_leaves_no_row(draft: Article, anna: User) -> None:
    with pytest.raises(ValidationError, match="from there it can't become"):
        workflow.approve(draft, anna)
    assert not Handover.objects.exists()


def test_the_same_for_drafts_of_changes(anna: User, otto: User) -> None:
    live = factories.article()
    copy = workingcopy.keep(live, {"title": ["New"]}, "", anna)
    workingcopy.move(copy, CopyState.IN_REVIEW, anna, Along("Look.", otto))
    assert (handover.standing(live, copy).note, handover.standing(live, None)) == ("Look.", None)  # type: ignore[union-attr]
    workingcopy.approve(copy, otto)
    workingcopy.keep(live, {"title": ["Newer"]}, "", anna)
    assert [(row.from_state, row.to_state, row.of_changes) for row in Handover.objects.order_by("pk")] == [
        ("draft", "in_review", True),
        ("in_review", "approved", True),
        ("approved", "in_review", True),
    ]


# --- an approval is for words ----------------------------------------------------------------------------------


def test_an_approval_is_bound_to_the_hash(approved: Article) -> None:
    assert Article.objects.get().content_hash == revisions.content_hash(approved)
    approved.summary = "Changed."
    approved.save()
    assert Article.objects.get().state == State.IN_REVIEW


def test_a_part_that_is_saved_ends_it_too(approved: Article) -> None:
    approved.summary = "Changed."
    approved.save(update_fields=["summary"])
    assert Article.objects.get().state == State.IN_REVIEW


def test_a_save_that_changes_nothing_leaves_it(approved: Article) -> None:
    approved.publish_at = timezone.now() + timedelta(days=1)
    approved.save()
    assert Article.objects.get().state == State.APPROVED


def test_rows_are_words_too(approved: Article) -> None:
    FaqEntry.objects.create(article=approved, position=1, question="Why?", answer="Nobody knows.")
    approved.save()
    assert Article.objects.get().state == State.IN_REVIEW


def test_lapsing_is_on_record(approved: Article, anna: User) -> None:
    approved.summary = "Changed."
    approved.save()
    workflow.lapse(approved, anna)
    assert Article.objects.get().state == State.IN_REVIEW
    assert Revision.objects.latest("number").summary == "Changed after it was approved: in review again"
    newest = Handover.objects.first()
    assert (newest.from_state, newest.to_state, newest.by) == ("approved", "in_review", anna)


def test_nobody_approves_what_they_wrote_alone(draft: Article, anna: User, otto: User, settings: Any) -> None:
    workflow.submit(draft, anna)
    with pytest.raises(ValidationError, match="Nobody approves or publishes their own text"):
        workflow.approve(draft, anna)
    draft.author.user = otto
    draft.author.save()
    with pytest.raises(ValidationError, match="their own text"):
        workflow.approve(draft, otto)
    assert Article.objects.get().state == State.IN_REVIEW
    settings.SINGLE_OPERATOR = True
    workflow.approve(draft, anna)
    assert draft.state == State.APPROVED


# --- to whom ---------------------------------------------------------------------------------------------------


def test_everybody_is_known_with_one_query() -> None:
    for number in range(5):
        account(Role.EDITOR, Role.PUBLISHER, name=f"p{number}")
    account(Role.MEDICAL_REVIEWER, name="lena")
    account(name="boss", is_superuser=True)
    with CaptureQueriesContext(connection) as asked:
        people = handover.staff(Article)
    assert len(asked) == 1
    by_name = {one.user.username: (one.changes, one.approves, one.publishes, one.reads) for one in people}
    assert by_name["p3"] == (True, True, True, False)
    assert by_name["lena"] == (False, False, False, True)
    assert by_name["boss"] == (True,) * 4


# --- notices ---------------------------------------------------------------------------------------------------


def handed(draft: Article, by: User, along: Along, capture: Any) -> None:
    with capture(execute=True):
        workflow.submit(draft, by, along)


def test_who_gets_something_is_told_once(
    draft: Article, anna: User, otto: User, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.SITE_URL = "https://crampinfo.example"
    due = timezone.localdate() + timedelta(days=3)
    handed(draft, anna, Along("Is the dose right?", otto, due), django_capture_on_commit_callbacks)
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == (["otto@crampinfo.example"], "[CrampInfo] Handed to you: About causes")
    assert "anna handed this to you: About causes" in letter.body
    assert "Note: Is the dose right?" in letter.body
    assert str(due.year) in letter.body
    assert f"https://crampinfo.example/admin/articles/article/{draft.pk}/change/" in letter.body
    assert draft.body not in letter.body
    assert draft.key_answer not in letter.body


def test_nobody_is_told_of_what_they_hand_to_themselves(
    draft: Article, anna: User, django_capture_on_commit_callbacks: Any
) -> None:
    handed(draft, anna, Along("", anna), django_capture_on_commit_callbacks)
    assert Handover.objects.get().assignee == anna
    assert mail.outbox == []


def test_without_an_address_or_a_name_nothing_is_sent(
    draft: Article, anna: User, otto: User, django_capture_on_commit_callbacks: Any
) -> None:
    otto.email = ""
    otto.save()
    handed(draft, anna, Along("", otto), django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.approve(draft, otto)
    assert mail.outbox == []


def test_an_account_closed_meanwhile_gets_nothing(draft: Article, anna: User, otto: User) -> None:
    workflow.submit(draft, anna, Along("", otto))
    User.objects.filter(pk=otto.pk).update(is_active=False)
    assert notices.handed(Handover.objects.get()) is None


def test_what_is_undone_tells_nobody(
    draft: Article, anna: User, otto: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as kept:
        workflow.submit(draft, anna, Along("", otto))
    assert mail.outbox == []  # it goes out when the save is committed, and not before
    assert kept


@pytest.mark.parametrize(
    "title", ["Legs\nBcc: all@crampinfo.example", "Legs\r\n\r\nBuy now", "Legs\u2028Bcc: x@y.example", "Legs\x00\x0b"]
)
def test_a_title_writes_no_header(title: str, anna: User, otto: User) -> None:
    kind = factories.article(published=False)
    row = Handover(
        content=kind, title=title, from_state="draft", to_state="in_review", by=anna, assignee=otto, note="Line\nline"
    )
    letter = notices.handed(row)
    assert letter is not None
    assert len(letter.subject.splitlines()) == 1
    sent = letter.message()
    assert (sent["Bcc"], sent["To"]) == (None, "otto@crampinfo.example")
    assert letter.body.splitlines()[0].startswith("anna handed this to you: Legs")


def test_a_long_title_is_cut(draft: Article) -> None:
    assert len(notices.line("long " * 100)) <= 120


def test_a_mail_server_that_is_away_breaks_no_save(
    draft: Article,
    anna: User,
    otto: User,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(self: Any, letters: Any) -> int:
        raise ConnectionRefusedError("the mail server is away")

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse)
    handed(draft, anna, Along("", otto), django_capture_on_commit_callbacks)
    assert Article.objects.get().state == State.IN_REVIEW
    assert "the mail server is away" in caplog.text
    assert len(HUEY.scheduled()) == 1  # to be tried again
    HUEY.flush()


def test_a_draft_of_changes_is_called_so(anna: User, otto: User, django_capture_on_commit_callbacks: Any) -> None:
    live = factories.article()
    copy = workingcopy.keep(live, {"title": ["New"]}, "", anna)
    with django_capture_on_commit_callbacks(execute=True):
        workingcopy.move(copy, CopyState.IN_REVIEW, anna, Along("", otto))
    assert "draft of changes, in review" in mail.outbox[0].body
    assert WorkingCopy.objects.count() == 1
