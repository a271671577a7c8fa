"""Drafts of changes: what is saved at a live object's form is seen by no reader until a second person publishes it."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from articles.models import Article, FaqEntry
from crampinfo.editorial import workflow
from crampinfo.editorial.models import CopyState, Revision, State, WorkingCopy
from crampinfo.editorial.roles import Role
from reviews.models import Ranking, Review, TestRecord
from tests import factories
from tests.admin.forms import errors_of, filled, told, with_row
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def live() -> Article:
    made: Article = factories.article("why", published=False, body="<p>One.</p>")
    for number, words in enumerate(("First", "Second"), 1):
        FaqEntry.objects.create(article=made, position=number, question=f"{words}?", answer=f"{words} answer.")
    workflow.publish(made)
    return made


@pytest.fixture
def anna() -> Client:
    return signed_in(Role.EDITOR, name="anna")


@pytest.fixture
def ines() -> Client:
    return signed_in(Role.PUBLISHER, name="ines")


def page(instance: Any, end: str = "change") -> str:
    return f"/admin/{instance._meta.label_lower.replace('.', '/')}/{instance.pk}/{end}/"


def opened(client: Client, instance: Any, verb: str = "keep", **changes: Any) -> dict[str, Any]:
    return filled(client.get(page(instance)), verb, **changes)


def keep(client: Client, instance: Any, verb: str = "keep", **changes: Any) -> Any:
    answer = client.post(page(instance), opened(client, instance, verb, **changes))
    assert answer.status_code == 302, errors_of(answer)
    return answer


def publish(client: Client, instance: Any, **changes: Any) -> Any:
    return client.post(page(instance), opened(client, instance, "publish", **changes))


def names(client: Client, instance: Any) -> list[str]:
    return [verb.name for verb in client.get(page(instance)).context["verbs"]]


def seen_by_readers(instance: Any) -> bytes:
    answer = Client().get(instance.get_absolute_url())
    assert answer.status_code == 200
    return bytes(answer.content)


# --- nothing that is saved reaches readers ---------------------------------------------------------------------


def test_saving_changes_no_byte_of_the_page_and_no_field_of_the_object(live: Article, anna: Client) -> None:
    page_before, row_before = seen_by_readers(live), Article.objects.values().get()
    faq_before, revisions = list(FaqEntry.objects.values()), Revision.objects.count()
    data = opened(anna, live, title="Hers", body="<p>Hers.</p>", slug="hers", **{"faq-0-DELETE": "on"})
    anna.post(page(live), with_row(data, "faq", position=3, question="Third?", answer="New."))
    assert WorkingCopy.objects.get().post["title"] == ["Hers"]
    assert Article.objects.values().get() == row_before
    assert list(FaqEntry.objects.values()) == faq_before
    assert Revision.objects.count() == revisions
    assert seen_by_readers(live) == page_before


def test_the_form_opens_with_what_was_saved(live: Article, anna: Client) -> None:
    data = opened(anna, live, title="Hers", **{"faq-0-answer": "Changed.", "faq-1-DELETE": "on"})
    anna.post(page(live), with_row(data, "faq", position=3, question="Third?", answer="New."))
    answer = signed_in(Role.EDITOR, name="otto").get(page(live))
    form = BeautifulSoup(answer.content, "html.parser")
    assert form.select_one("#id_title")["value"] == "Hers"
    assert form.select_one("#id_faq-0-answer").text.strip() == "Changed."
    assert form.select_one("#id_faq-1-DELETE").has_attr("checked")
    assert form.select_one("#id_faq-2-question")["value"] == "Third?"
    assert "saved by anna" in form.select_one(".draft-of-changes").text
    assert form.select_one(".errornote") is None


def test_words_that_no_form_would_take_are_kept_too(live: Article, anna: Client) -> None:
    answer = anna.post(page(live), opened(anna, live, title="", language="xx"), follow=True)
    assert told(answer)[0].startswith("Saved as a draft of changes")
    assert "Title: This field is required." in told(answer)[1]
    assert filled(answer)["title"] == ""
    assert Article.objects.get().title == "About why"


def test_markup_is_cleaned_on_its_way_in_as_ever(live: Article, anna: Client, ines: Client) -> None:
    keep(anna, live, body='<p onclick="x()">One.</p><script>alert(1)</script>')
    publish(ines, live)
    assert Article.objects.get().body == "<p>One.</p>"


def test_saving_nothing_makes_no_draft(live: Article, anna: Client) -> None:
    assert told(anna.post(page(live), opened(anna, live), follow=True)) == ["Nothing was changed: About why."]
    keep(anna, live, title="Hers")
    assert told(anna.post(page(live), opened(anna, live), follow=True)) == ["Nothing was changed: About why."]
    assert WorkingCopy.objects.get().number == 1


# --- publishing ------------------------------------------------------------------------------------------------


def test_publishing_applies_all_of_it_at_once(live: Article, anna: Client, ines: Client) -> None:
    data = opened(anna, live, title="Hers", **{"faq-0-DELETE": "on"})
    anna.post(page(live), with_row(data, "faq", position=3, question="Third?", answer="New."))
    assert publish(ines, live).status_code == 302
    stored = Article.objects.get()
    assert (stored.title, stored.state) == ("Hers", State.PUBLISHED)
    assert list(stored.faq.order_by("pk").values_list("question", flat=True)) == ["Second?", "Third?"]
    assert not WorkingCopy.objects.exists()
    last = Revision.objects.latest("number")
    assert (last.summary, last.author.username) == (
        "Changed title; added 1 FAQ entry; removed 1 FAQ entry (draft by anna)",
        "ines",
    )
    assert b"Hers" in seen_by_readers(live)


def test_the_gate_stops_it_and_the_draft_stays(live: Article, anna: Client, ines: Client) -> None:
    keep(anna, live, title="Hers", summary="lorem ipsum")
    answer = publish(ines, live)
    assert errors_of(answer)
    assert (Article.objects.get().title, WorkingCopy.objects.count()) == ("About why", 1)


def test_asking_the_gate_and_looking_save_nothing(live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers")
    answer = anna.post(page(live), opened(anna, live, "check", summary="lorem ipsum"))
    assert "the gate stops it" in errors_of(answer)["__all__"][0]
    shown = anna.post(page(live, "preview/typed"), opened(anna, live, title="Looked at"))
    assert "Looked at" in shown.content.decode()
    assert (Article.objects.get().title, WorkingCopy.objects.get().number) == ("About why", 1)


def test_two_publish_at_the_same_moment(live: Article, anna: Client, ines: Client) -> None:
    keep(anna, live, title="Hers")
    other = signed_in(Role.PUBLISHER, name="omar")
    first, second = opened(ines, live, "publish"), opened(other, live, "publish", summary="Omar's.")
    assert ines.post(page(live), first).status_code == 302
    answer = other.post(page(live), second)
    assert "published or thrown away meanwhile" in errors_of(answer)["__all__"][0]
    assert (Article.objects.get().title, Revision.objects.filter(object_id=live.pk).count()) == ("Hers", 2)
    assert filled(answer)["summary"] == "Omar's."
    assert other.post(page(live), filled(answer, "publish")).status_code == 302
    assert Article.objects.get().summary == "Omar's."


# --- who may ---------------------------------------------------------------------------------------------------


def test_nobody_publishes_or_approves_what_they_alone_wrote(live: Article, ines: Client) -> None:
    keep(ines, live, "hand_in", title="Mine")
    assert names(ines, live) == ["check", "keep", "send_back"]
    for verb in ("publish", "accept"):
        assert ines.post(page(live), opened(ines, live, verb)).status_code == 403
    assert names(signed_in(Role.EDITOR, name="otto"), live) == ["check", "keep", "send_back", "accept"]
    assert "publish" in names(signed_in(Role.PUBLISHER, name="omar"), live)


def test_nobody_publishes_what_bears_their_name(live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers")
    author = signed_in(Role.PUBLISHER, name="maren")
    live.author.user = author.get("/admin/").wsgi_request.user
    live.author.save()
    assert names(author, live) == ["check", "keep", "hand_in"]
    assert author.post(page(live), opened(author, live, "publish")).status_code == 403


def test_one_person_alone_may_where_the_site_says_so(live: Article, ines: Client, settings: Any) -> None:
    settings.SINGLE_OPERATOR = True
    keep(ines, live, title="Mine")
    assert publish(ines, live).status_code == 302
    assert Article.objects.get().title == "Mine"


MOVES = {
    # state of the draft -> what each role may do with it
    "": {Role.EDITOR: "keep hand_in", Role.PUBLISHER: "keep hand_in publish"},
    CopyState.DRAFT: {Role.EDITOR: "keep hand_in", Role.PUBLISHER: "keep hand_in publish"},
    CopyState.IN_REVIEW: {
        Role.EDITOR: "keep send_back accept",
        Role.PUBLISHER: "keep send_back accept publish",
    },
    CopyState.APPROVED: {Role.EDITOR: "keep send_back", Role.PUBLISHER: "keep send_back publish"},
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("stands", list(MOVES))
def test_every_move_by_every_role(stands: str, role: Role, live: Article, anna: Client) -> None:
    if stands:
        keep(anna, live, title="Hers")
    if stands in (CopyState.IN_REVIEW, CopyState.APPROVED):
        keep(anna, live, "hand_in")
    if stands == CopyState.APPROVED:
        keep(signed_in(Role.EDITOR, name="otto"), live, "accept")
    somebody = signed_in(role, name="somebody")
    allowed = MOVES[stands].get(role, "").split()
    answer = somebody.get(page(live))
    offered = [verb.name for verb in answer.context["verbs"] if verb.name != "check"]
    assert offered == allowed
    for verb in {"keep", "hand_in", "send_back", "accept", "publish", "save", "submit", "reopen"} - set(allowed):
        assert somebody.post(page(live), filled(answer, verb)).status_code == 403, verb
    assert (Article.objects.get().title, Article.objects.get().state) == ("About why", State.PUBLISHED)


def test_what_a_form_does_not_offer_is_not_kept(live: Article) -> None:
    product = factories.product("magno")
    ranking = factories.ranking(products=(factories.review(product).product,))
    slot = factories.slot(slug="forged")
    editor = signed_in(Role.EDITOR)
    forged = {"compensation": "influenced", "slots": [slot.pk], "state": "draft", "gate_hash": "x", "title": "Hers"}
    forged |= {"scores-TOTAL_FORMS": 1, "scores-INITIAL_FORMS": 0, "scores-0-value": "10"}
    keep(editor, ranking, **forged)
    kept = WorkingCopy.objects.get().post
    assert kept["title"] == ["Hers"]
    assert not {name for name in kept if name.startswith(("compensation", "slots", "state", "gate", "scores"))}
    assert Ranking.objects.get().compensation == "isolated"


def test_rows_that_a_publisher_may_not_write_are_published_as_the_reviewer_wrote_them(ines: Client) -> None:
    review: Review = factories.review(factories.product("magno"))
    reviewer = signed_in(Role.REVIEWER, name="rita")
    data = opened(reviewer, review, verdict="Solid.")
    row = {
        "tested_on": "2026-01-02",
        "tester": factories.author("rita").pk,
        "method": "Weighed.",
        "result": "As printed.",
    }
    prefix = next(name for name in data if name.endswith("-TOTAL_FORMS") and "test" in name).removesuffix(
        "-TOTAL_FORMS"
    )
    reviewer.post(page(review), with_row(data, prefix, **row))
    shown = BeautifulSoup(ines.get(page(review)).content, "html.parser").select_one(f"#id_{prefix}-0-method")
    assert (shown["value"], shown.has_attr("disabled")) == ("Weighed.", True)
    sent = opened(ines, review, "publish", **{f"{prefix}-0-method": "Forged"})
    assert ines.post(page(review), sent).status_code == 302
    assert Review.objects.get().verdict == "Solid."
    assert TestRecord.objects.get().method == "Weighed."


# --- approval --------------------------------------------------------------------------------------------------


def test_an_approval_is_for_the_words_that_were_read(live: Article, anna: Client) -> None:
    keep(anna, live, "hand_in", title="Hers")
    otto = signed_in(Role.EDITOR, name="otto")
    answer = otto.post(page(live), opened(otto, live, "accept", title="Slipped in"))
    assert "Approval is for the words as they are saved" in errors_of(answer)["__all__"][0]
    otto.post(page(live), opened(otto, live, "accept"))
    copy = WorkingCopy.objects.get()
    assert (copy.state, copy.approved_by.username, copy.approved_digest) == ("approved", "otto", copy.digest)
    keep(anna, live, title="Changed after")
    copy.refresh_from_db()
    assert copy.state == CopyState.IN_REVIEW


def test_who_approved_stands_in_the_history(live: Article, anna: Client, ines: Client) -> None:
    keep(anna, live, "hand_in", title="Hers")
    otto = signed_in(Role.EDITOR, name="otto")
    otto.post(page(live), opened(otto, live, "accept"))
    publish(ines, live)
    assert Revision.objects.latest("number").summary == "Changed title (draft by anna), approved by otto"


# --- two people ------------------------------------------------------------------------------------------------


def test_two_people_at_one_draft_lose_nothing(live: Article, anna: Client) -> None:
    otto = signed_in(Role.EDITOR, name="otto")
    keep(anna, live, title="First")
    form = opened(otto, live, title="Otto's", key_answer="Otto's answer.")
    keep(anna, live, title="Anna's", summary="Anna's summary.", **{"faq-0-answer": "Anna's row."})
    answer = otto.post(page(live), form)
    assert "saved by anna" in errors_of(answer)["__all__"][0]
    between = answer.context["meanwhile"]
    assert [item.label for item in between.both] == ["Title"]
    assert [item.label for item in between.taken] == ["Summary", "FAQ entry"]
    assert WorkingCopy.objects.get().post["title"] == ["Anna's"]
    otto.post(page(live), filled(answer, "keep"))
    kept = WorkingCopy.objects.get().post
    assert [kept[name] for name in ("title", "summary", "key_answer", "faq-0-answer")] == [
        ["Otto's"],
        ["Anna's summary."],
        ["Otto's answer."],
        ["Anna's row."],
    ]


def test_two_people_begin_a_draft_at_the_same_moment(live: Article, anna: Client) -> None:
    otto = signed_in(Role.EDITOR, name="otto")
    form = opened(otto, live, summary="Otto's.")
    keep(anna, live, title="Anna's")
    answer = otto.post(page(live), form)
    assert "saved by anna" in errors_of(answer)["__all__"][0]
    otto.post(page(live), filled(answer, "keep"))
    kept = WorkingCopy.objects.get()
    assert (kept.post["title"], kept.post["summary"], kept.number) == (["Anna's"], ["Otto's."], 2)
    assert set(kept.writers.values_list("username", flat=True)) == {"anna", "otto"}


def test_a_button_that_is_gone_meanwhile_tells_and_keeps_the_words(live: Article, anna: Client) -> None:
    keep(anna, live, title="First")
    form = opened(anna, live, "hand_in", title="Late")
    otto = signed_in(Role.EDITOR, name="otto")
    otto.post(page(live), opened(otto, live, "hand_in"))
    answer = anna.post(page(live), form)
    assert "“In review” now" in errors_of(answer)["__all__"][0]
    assert filled(answer)["title"] == "Late"


def test_what_changes_on_the_live_page_is_merged_into_the_draft(live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers")
    stored = Article.objects.get()
    with workflow.editing(stored):
        stored.summary, stored.title = "Corrected in a hurry.", "Corrected"
        stored.save()
        workflow.publish(stored)
    laid = anna.get(page(live)).context["laid"].merged
    assert ([item.label for item in laid.both], [item.label for item in laid.taken]) == (["Title"], ["Summary"])
    keep(anna, live, key_answer="More.")
    kept = WorkingCopy.objects.get().post
    assert (kept["title"], kept["summary"]) == (["Hers"], ["Corrected in a hurry."])
    again = anna.get(page(live)).context["laid"].merged
    assert (again.both, again.taken) == ([], [])


# --- when the live object goes ---------------------------------------------------------------------------------


def test_a_draft_of_something_retired_meanwhile(live: Article, anna: Client, ines: Client) -> None:
    keep(anna, live, title="Hers")
    form, theirs = opened(anna, live, title="Hers, later"), opened(ines, live, "publish")
    workflow.retire(live)
    for client, data in ((anna, form), (ines, theirs)):
        answer = client.post(page(live), data)
        assert "is “Retired” now" in errors_of(answer)["__all__"][0]
    assert Article.objects.get().title == "About why"
    reopened = opened(anna, live, "reopen")
    assert reopened["title"] == "Hers"
    anna.post(page(live), reopened)
    assert (Article.objects.get().title, Article.objects.get().state) == ("Hers", State.DRAFT)
    assert not WorkingCopy.objects.exists()


def test_a_draft_of_something_that_is_gone_can_be_copied(live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers", body="<p>Long and good.</p>")
    form = opened(anna, live, title="Hers, later")
    live.faq.all().delete()
    live.citations.all().delete()
    Article.objects.all()._raw_delete("default")
    for answer in (anna.get(page(live)), anna.post(page(live), form)):
        assert (answer.status_code, "Hers" in answer.content.decode()) == (410, True)


# --- looking and throwing away ---------------------------------------------------------------------------------


def test_what_changes_is_listed_field_by_field(live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers", **{"faq-0-answer": "Changed.", "faq-1-DELETE": "on"})
    shown = BeautifulSoup(anna.get(page(live, "changes")).content, "html.parser")
    assert [item.get_text(strip=True) for item in shown.select(".differences dt")] == [
        "Title",
        "FAQ entry",
        "FAQ entry",
    ]
    assert (shown.select_one("del").text, shown.select_one("ins").text) == ("About why", "Hers")


def test_throwing_away_asks_first_and_takes_only_what_was_shown(live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers")
    asked = anna.get(page(live, "discard"))
    assert "These changes would be lost for good" in asked.content.decode()
    keep(signed_in(Role.EDITOR, name="otto"), live, title="Otto's")
    answer = anna.post(page(live, "discard"), {"_copy": asked.context["mark"]})
    assert (answer.status_code, WorkingCopy.objects.count()) == (200, 1)
    anna.post(page(live, "discard"), {"_copy": answer.context["mark"]})
    assert not WorkingCopy.objects.exists()
    assert anna.get(page(live, "changes")).status_code == 404


@pytest.mark.parametrize("role", [Role.MEDICAL_REVIEWER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE, Role.REVIEWER])
def test_drafts_are_for_those_who_may_write(role: Role, live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers")
    other = signed_in(role)
    assert [other.get(page(live, end)).status_code for end in ("changes", "discard")] == [403, 403]
    assert b"Hers" not in other.get(page(live)).content
    assert other.post(page(live, "discard"), {"_copy": "1 draft"}).status_code == 403


@pytest.mark.parametrize("token", ["", "nonsense", "[]", '["1 draft"]', '["1 draft", 3, {}]', "[null,{},{}]"])
def test_a_token_that_is_none_of_ours_overwrites_nothing(token: str, live: Article, anna: Client) -> None:
    keep(anna, live, title="Hers")
    answer = anna.post(page(live), {**opened(anna, live, title="Forged"), "_copy": token})
    assert "has not seen" in errors_of(answer)["__all__"][0]
    assert WorkingCopy.objects.get().post["title"] == ["Hers"]


# --- the home page ---------------------------------------------------------------------------------------------


def test_the_home_page_says_for_whom_changes_wait(live: Article, anna: Client, ines: Client) -> None:
    factories.article("other")
    other = Article.objects.get(slug="other")
    keep(anna, live, "hand_in", title="Hers")
    keep(ines, other, title="Mine")

    def rows(client: Client) -> list[tuple[str, str, bool]]:
        shown = client.get("/admin/").context["home"].changes
        return [(row.title, row.wants, row.mine) for row in shown]

    waits = "wait for your approval"
    assert rows(anna) == [("About why", "", True), ("About other", "", False)]
    assert rows(ines) == [("About why", waits, False), ("About other", "", True)]
    keep(signed_in(Role.EDITOR, name="otto"), live, "accept")
    assert rows(ines)[0] == ("About why", "wait to be published by you", False)
    for role in (Role.MEDICAL_REVIEWER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE, Role.REVIEWER):
        assert rows(signed_in(role)) == []
