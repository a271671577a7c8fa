"""“Hand over”: a note, somebody and a day along with a move; who has it; and that an approval is for what was read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from bs4 import BeautifulSoup
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial import workflow
from crampinfo.editorial.models import Handover, State, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.desks import Desk, offered
from tests.admin.forms import errors_of, filled, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Desk:
    return Desk("anna", Role.EDITOR)


@pytest.fixture
def otto() -> Desk:
    return Desk("otto", Role.EDITOR)


@pytest.fixture
def ines() -> Desk:
    return Desk("ines", Role.PUBLISHER)


@pytest.fixture
def draft(anna: Desk) -> Article:
    made: Article = factories.article("why", published=False)
    anna.press(made, "save", title="Hers")
    return made


@pytest.fixture
def live() -> Article:
    made: Article = factories.article("live")
    return made


def tomorrow() -> date:
    return timezone.localdate() + timedelta(days=1)


# --- an approval is for what was read --------------------------------------------------------------------------


def in_review(text: Article, by: Desk) -> None:
    by.press(text, "submit")
    assert text.state == State.IN_REVIEW


def test_an_approval_lapses_with_a_change_and_says_so(draft: Article, anna: Desk, otto: Desk) -> None:
    in_review(draft, anna)
    otto.press(draft, "approve")
    answer = anna.press(draft, "save", summary="Changed after.")
    assert draft.state == State.IN_REVIEW
    assert "so it is in review again" in told(answer)[0]
    assert list(Handover.objects.values_list("from_state", "to_state", "by__username"))[0] == (
        "approved",
        "in_review",
        "anna",
    )


def test_who_publishes_a_changed_text_reads_of_no_review(draft: Article, anna: Desk, otto: Desk, ines: Desk) -> None:
    in_review(draft, anna)
    otto.press(draft, "approve")
    answer = ines.press(draft, "publish", summary="One comma more.")
    assert draft.is_live
    assert not any("in review again" in said for said in told(answer))


def test_an_approval_lapses_with_a_row(draft: Article, anna: Desk, otto: Desk) -> None:
    in_review(draft, anna)
    otto.press(draft, "approve")
    sent = filled(anna.get(draft), "save")
    sent |= {"faq-TOTAL_FORMS": 1, "faq-0-position": 1, "faq-0-question": "Why?", "faq-0-answer": "Nobody knows."}
    anna.browser.post(f"/admin/articles/article/{draft.pk}/change/", sent)
    draft.refresh_from_db()
    assert draft.state == State.IN_REVIEW


def test_what_is_no_content_leaves_the_approval(draft: Article, anna: Desk, otto: Desk) -> None:
    in_review(draft, anna)
    otto.press(draft, "approve")
    anna.press(draft, "save", publish_at_0="2099-01-01", publish_at_1="08:00")
    assert draft.state == State.APPROVED


def test_nobody_approves_their_own_words_in_the_save_that_writes_them(draft: Article, anna: Desk, otto: Desk) -> None:
    in_review(draft, anna)
    answer = otto.press(draft, "approve", body="<p>All his.</p>")
    assert "Approval is for the words as they are saved" in errors_of(answer)["__all__"][0]
    assert (draft.state, "All his" in draft.body) == (State.IN_REVIEW, False)


def test_who_wrote_it_alone_has_no_button_and_forges_none(draft: Article, anna: Desk) -> None:
    in_review(draft, anna)
    assert "approve" not in [verb.name for verb in anna.get(draft).context["verbs"]]
    assert anna.press(draft, "approve").status_code == 403


# --- what goes along -------------------------------------------------------------------------------------------


def test_it_works(draft: Article, anna: Desk, otto: Desk, ines: Desk) -> None:
    anna.press(draft, "submit", note="Is the dose right?", to=otto.user, due=tomorrow())
    row = Handover.objects.get()
    assert (row.from_state, row.to_state, row.by, row.assignee) == ("draft", "in_review", anna.user, otto.user)
    assert (row.note, row.due, row.title, row.of_changes) == ("Is the dose right?", tomorrow(), "Hers", False)
    shown = BeautifulSoup(otto.get(draft).content, "html.parser").select_one(".has-it")
    assert shown.h2.text == "You have it"
    assert "by anna" in shown.text
    assert "Is the dose right?" in shown.text
    assert "otto has it" in BeautifulSoup(anna.get(draft).content, "html.parser").select_one(".has-it h2").text
    otto.press(draft, "approve", to=ines.user)
    ines.press(draft, "publish")
    assert draft.is_live
    assert list(Handover.objects.order_by("pk").values_list("to_state", "assignee__username")) == [
        ("in_review", "otto"),
        ("approved", "ines"),
        ("published", None),
    ]
    assert ines.get(draft).context["has_it"] is None


def test_the_same_with_a_draft_of_changes(live: Article, anna: Desk, otto: Desk, ines: Desk) -> None:
    anna.press(live, "hand_in", title="New", note="Newer words.", to=otto.user, due=tomorrow())
    assert "Newer words." in otto.get(live).content.decode()
    otto.press(live, "send_back", note="Cite it.", to=anna.user)
    assert anna.get(live).context["has_it"].note == "Cite it."
    anna.press(live, "hand_in", to=otto.user)
    otto.press(live, "accept", to=ines.user, note="Good.")
    ines.press(live, "publish")
    assert live.title == "New"
    rows = Handover.objects.order_by("pk")
    assert [(row.from_state, row.to_state, str(row.assignee or "")) for row in rows] == [
        ("draft", "in_review", "otto"),
        ("in_review", "draft", "anna"),
        ("draft", "in_review", "otto"),
        ("in_review", "approved", "ines"),
        ("approved", "published", ""),
    ]
    assert all(row.of_changes for row in rows)
    assert ines.get(live).context["has_it"] is None


def test_a_draft_thrown_away_is_in_nobodys_hands(live: Article, anna: Desk, otto: Desk) -> None:
    anna.press(live, "hand_in", title="New", to=otto.user)
    otto.press(live, "send_back", note="No.", to=anna.user)
    page = f"/admin/articles/article/{live.pk}/discard/"
    anna.browser.post(page, {"_copy": anna.browser.get(page).context["mark"]})
    assert Handover.objects.first().to_state == "thrown_away"
    otto.press(live, "keep", title="Another")
    assert otto.get(live).context["has_it"] is None


def test_changed_after_approval_a_draft_of_changes_says_so(live: Article, anna: Desk, otto: Desk) -> None:
    anna.press(live, "hand_in", title="New")
    otto.press(live, "accept")
    answer = anna.press(live, "keep", title="Newer")
    assert any("so it is in review again" in said for said in told(answer))
    assert Handover.objects.first().to_state == "in_review"


def test_a_new_text_is_handed_in_with_a_note(anna: Desk, otto: Desk) -> None:
    given = {"title": "New", "slug": "new", "summary": "S.", "key_answer": "K.", "body": "<p>B.</p>"}
    given |= {"author": factories.author().pk, "topic": factories.topic().pk}
    form = anna.browser.get("/admin/articles/article/add/")
    assert offered(form) == {"In review: who may approve it": ["otto"]}
    sent = filled(form, "submit", **given) | {"_hand-to": otto.user.pk, "_hand-note": "First one."}
    assert anna.browser.post("/admin/articles/article/add/", sent).status_code == 302
    assert Handover.objects.get().assignee == otto.user


def test_a_note_is_asked_for_on_the_way_back(draft: Article, live: Article, anna: Desk, otto: Desk) -> None:
    in_review(draft, anna)
    answer = otto.press(draft, "reopen", summary="Half typed.")
    assert errors_of(answer)["__all__"] == ["Note: Say what is to be mended before it goes back to draft."]
    assert (draft.state, draft.summary == "Half typed.") == (State.IN_REVIEW, False)
    assert filled(answer)["summary"] == "Half typed."
    otto.press(draft, "reopen", note="Shorter.")
    assert (draft.state, Handover.objects.first().note) == (State.DRAFT, "Shorter.")
    anna.press(live, "hand_in", title="New")
    before = WorkingCopy.objects.values().get()
    answer = otto.press(live, "send_back", title="Otto's", note="  ")
    assert "Say what is to be mended" in errors_of(answer)["__all__"][0]
    assert WorkingCopy.objects.values().get() == before


def test_what_was_retired_is_reopened_without_a_note(live: Article, ines: Desk) -> None:
    workflow.retire(live, ines.user, "Out of date")
    ines.press(live, "reopen")
    assert live.state == State.DRAFT
    assert list(Handover.objects.values_list("to_state", "note")) == [("draft", ""), ("retired", "Out of date")]


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("due", "yesterday", "Due: This day is past: choose today or a later one."),
        ("due", "soon", "Due: This is no day: write it as 2030-03-31."),
        ("note", "x" * 501, "Note: Ensure this value has at most 500 characters (it has 501)."),
        ("to", "4711", "To: This person can't do what comes next"),
        ("to", "nonsense", "To: This person can't do what comes next"),
    ],
)
@pytest.mark.parametrize("published", [False, True])
def test_bad_input_saves_nothing(
    field: str, value: str, said: str, published: bool, draft: Article, live: Article, anna: Desk
) -> None:
    if value == "yesterday":
        value = (timezone.localdate() - timedelta(days=1)).isoformat()
    text, verb = (live, "hand_in") if published else (draft, "submit")
    before = Article.objects.filter(pk=text.pk).values().get()
    answer = anna.press(text, verb, title="Forged", **{field: value})
    assert errors_of(answer)["__all__"][0].startswith(said)
    assert Article.objects.filter(pk=text.pk).values().get() == before
    assert not Handover.objects.exists()
    assert not WorkingCopy.objects.exists()
    assert filled(answer)["title"] == "Forged"
    assert answer.context["hand"][field].value() == value


def test_a_note_beside_a_button_that_moves_nothing_is_not_lost(draft: Article, live: Article, anna: Desk) -> None:
    for text, verb, button in ((draft, "save", "Save"), (live, "keep", "Save as draft")):
        answer = anna.press(text, verb, summary="New.", note="Please read.")
        assert f"not with “{button}”" in errors_of(answer)["__all__"][0]
        assert answer.context["hand"]["note"].value() == "Please read."
        assert text.summary != "New."
    assert not WorkingCopy.objects.exists()


def test_publishing_hands_nothing_over(draft: Article, live: Article, anna: Desk, ines: Desk) -> None:
    for text in (draft, live):
        answer = ines.press(text, "publish", title="Changed", note="Done.")
        assert "press one of these, or empty it first" in errors_of(answer)["__all__"][0]
        assert text.title != "Changed"


def test_late_is_said_in_words(draft: Article, anna: Desk, otto: Desk) -> None:
    anna.press(draft, "submit")
    late = Handover(
        content=draft, title="Hers", from_state="draft", to_state="in_review", by=anna.user, assignee=otto.user,
        due=timezone.localdate() - timedelta(days=2),
    )  # fmt: skip
    late.save_base(force_insert=True)
    assert "2 days late" in BeautifulSoup(otto.get(draft).content, "html.parser").select_one(".has-it .is-late").text


def test_the_history_lists_the_moves(draft: Article, anna: Desk, otto: Desk) -> None:
    anna.press(draft, "submit", to=otto.user, note="Line one\nline <b>two</b>")
    shown = BeautifulSoup(anna.get(draft, "history").content, "html.parser").select_one(".handovers tbody")
    cells = [cell.get_text(" ", strip=True) for cell in shown.select("td")]
    assert cells == ["Draft → In review", "anna", "otto", "–", "Line one line <b>two</b>"]


def test_what_was_typed_beside_the_buttons_outlives_a_crash(draft: Article, anna: Desk, otto: Desk) -> None:
    page = f"/admin/articles/article/{draft.pk}"
    kept = filled(anna.get(draft)) | {"_hand-note": "Half a th", "_hand-to": otto.user.pk, "_hand-due": ""}
    anna.browser.post(f"{page}/autosave/", kept)
    hand = anna.browser.get(f"{page}/change/?restore=1").context["hand"]
    assert (hand["note"].value(), hand["to"].value(), hand.is_filled) == ("Half a th", str(otto.user.pk), True)
