"""Two tabs, one object: whoever saves second is told, sees what differs, and loses not one word."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from articles.models import Article, FaqEntry
from crampinfo.editorial import workflow
from crampinfo.editorial.admin import HouseAdmin
from crampinfo.editorial.admin.labels import HouseForm
from crampinfo.editorial.models import State, WorkingCopy
from crampinfo.editorial.roles import Role
from products.models import Compound, Ingredient, Offer, Placement, Price, Product
from tests import factories
from tests.admin.forms import errors_of, filled, with_row
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


def page(instance: Any) -> str:
    return f"/admin/{instance._meta.label_lower.replace('.', '/')}/{instance.pk}/change/"


@pytest.fixture
def mine() -> Client:
    return signed_in(Role.EDITOR, name="mine")


@pytest.fixture
def theirs() -> Client:
    return signed_in(Role.EDITOR, name="anna")


@pytest.fixture
def draft() -> Article:
    made: Article = factories.article("why", published=False)
    for number, words in enumerate(("First", "Second", "Third"), 1):
        FaqEntry.objects.create(article=made, position=number, question=f"{words}?", answer=f"{words} answer.")
    return made


def opened(client: Client, instance: Any) -> dict[str, Any]:
    return filled(client.get(page(instance)))


def told(answer: Any) -> str:
    return str(errors_of(answer)["__all__"][0])


def differences(answer: Any) -> dict[str, list[tuple[str, str]]]:
    """What the page lists, by whether it was taken over: (label, words)."""
    between = answer.context["meanwhile"]
    return {
        kind: [(item.label, " ".join(f"{piece.kind}:{piece.text}" for piece in item.pieces)) for item in listed]
        for kind, listed in (("both", between.both), ("taken", between.taken))
    }


def again(client: Client, instance: Any, answer: Any, verb: str = "save") -> Any:
    """Press the button of the form that came back, as it came back."""
    return client.post(page(instance), filled(answer, verb))


def test_it_works(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "title": "Hers"})
    answer = mine.post(page(draft), {**form, "title": "Mine"})
    assert told(answer).startswith("anna saved this at ")
    assert Article.objects.get().title == "Hers"
    again(mine, draft, answer)
    assert Article.objects.get().title == "Mine"


# --- fields ---------------------------------------------------------------------------------------------------


def test_what_only_they_changed_is_taken_over_and_what_both_changed_stays_mine(
    draft: Article, mine: Client, theirs: Client
) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "title": "Hers", "summary": "Her summary.", "urgent": "on"})
    answer = mine.post(page(draft), {**form, "title": "Mine", "key_answer": "My answer."})
    assert differences(answer) == {
        "both": [("Title", "gone:Hers added:Mine")],
        "taken": [
            ("Summary", "gone:What is known about why. added:Her summary."),
            ("Urgent", "gone:no added:yes"),
        ],
    }
    again(mine, draft, answer)
    stored = Article.objects.get()
    assert (stored.title, stored.summary, stored.key_answer) == ("Mine", "Her summary.", "My answer.")
    assert stored.urgent


def test_choices_are_named(draft: Article, mine: Client, theirs: Client) -> None:
    other, more = factories.author("lena"), factories.topic("stretching")
    form = opened(mine, draft)
    changed = {"author": other.pk, "topics": [more.pk], "language": "es", "publish_at_0": "2099-01-02"}
    theirs.post(page(draft), {**opened(theirs, draft), **changed, "publish_at_1": "08:00"})
    answer = mine.post(page(draft), {**form, "title": "Mine"})
    assert differences(answer)["taken"] == [
        ("Language", "gone:English added:Español"),
        ("Author", "gone:Maren added:Lena"),
        ("More topics", "added:Stretching"),
        ("Publish at", "added:02/01/2099 08:00:00"),
    ]
    again(mine, draft, answer)
    stored = Article.objects.get()
    assert (stored.author, stored.language, list(stored.topics.all())) == (other, "es", [more])


def test_the_same_change_twice_is_no_conflict(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "title": "Same"})
    answer = mine.post(page(draft), {**form, "title": "Same"})
    assert differences(answer) == {"both": [], "taken": []}


def test_a_save_that_changed_nothing_stops_nobody(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), opened(theirs, draft))
    Article.objects.get().save()
    assert mine.post(page(draft), {**form, "title": "Mine"}).status_code == 302


def test_ones_own_other_tab_is_named_as_such(draft: Article, mine: Client) -> None:
    form = opened(mine, draft)
    mine.post(page(draft), {**opened(mine, draft), "title": "Earlier"})
    assert told(mine.post(page(draft), {**form, "title": "Later"})).startswith("You, in another tab or window, saved")


def test_a_mistake_in_the_form_does_not_hide_who_came_between(draft: Article, mine: Client, theirs: Client) -> None:
    first = mine.post(page(draft), {**opened(mine, draft), "title": ""})
    assert "title" in errors_of(first)
    theirs.post(page(draft), {**opened(theirs, draft), "summary": "Hers."})
    answer = mine.post(page(draft), {**filled(first), "title": "Mended"})
    assert told(answer).startswith("anna saved this")
    assert Article.objects.get().title == "About why"


def test_asking_the_gate_and_looking_tell_too(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "title": "Hers"})
    answer = mine.post(page(draft), {**form, "title": "Mine", "_verb": "check"})
    assert told(answer).startswith("anna saved this")
    seen = mine.post(page(draft).replace("/change/", "/preview/typed/"), {**form, "title": "Mine"})
    assert "anna saved this" in seen.content.decode()


def test_the_page_says_it_in_words(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "title": "Hers <b>", "summary": "Her summary."})
    answer = mine.post(page(draft), {**form, "title": "Mine"})
    shown = BeautifulSoup(answer.content, "html.parser")
    box = shown.select_one(".meanwhile")
    assert [item.get_text(strip=True) for item in box.select("dt")] == ["Title", "Summary"]
    assert (box.select_one("del").text, box.select_one("ins").text) == ("Hers <b>", "Mine")
    assert shown.select_one("#id_title")["value"] == "Mine"


# --- rows -----------------------------------------------------------------------------------------------------


def faq(article: Article) -> list[tuple[str, str]]:
    return list(article.faq.order_by("position", "pk").values_list("question", "answer"))


def test_rows_are_merged_one_by_one(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    hers = {**opened(theirs, draft), "faq-0-answer": "Hers, first.", "faq-2-DELETE": "on"}
    theirs.post(page(draft), with_row(hers, "faq", position=4, question="Hers?", answer="New."))
    assert len(faq(draft)) == 3
    sent = {**form, "faq-1-answer": "Mine, second."}
    answer = mine.post(page(draft), with_row(sent, "faq", position=5, question="Mine?", answer="New."))
    assert differences(answer) == {
        "both": [],
        "taken": [
            ("FAQ entry", "gone:First? · First answer. added:First? · Hers, first."),
            ("FAQ entry", "added:Hers? · New."),
            ("FAQ entry", "gone:Third? · Third answer."),
        ],
    }
    again(mine, draft, answer)
    assert faq(draft) == [
        ("First?", "Hers, first."),
        ("Second?", "Mine, second."),
        ("Hers?", "New."),
        ("Mine?", "New."),
    ]


def test_a_row_that_both_changed_stays_mine(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "faq-0-answer": "Hers."})
    answer = mine.post(page(draft), {**form, "faq-0-answer": "Mine."})
    assert differences(answer)["both"] == [("FAQ entry", "gone:First? · Hers. added:First? · Mine.")]
    again(mine, draft, answer)
    assert faq(draft)[0] == ("First?", "Mine.")


def test_a_row_they_removed_and_i_changed_is_kept_as_a_new_one(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "faq-1-DELETE": "on"})
    answer = mine.post(page(draft), {**form, "faq-1-answer": "Mine."})
    assert differences(answer)["both"] == [("FAQ entry", "added:Second? · Mine.")]
    again(mine, draft, answer)
    assert ("Second?", "Mine.") in faq(draft)


def test_a_row_that_i_removed_and_they_changed_is_still_removed_by_me(
    draft: Article, mine: Client, theirs: Client
) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "faq-1-answer": "Hers."})
    answer = mine.post(page(draft), {**form, "faq-1-DELETE": "on"})
    assert differences(answer)["both"] == [("FAQ entry", "gone:Second? · Hers.")]
    data = filled(answer)
    mine.post(page(draft), {**data, "faq-1-DELETE": "on"})
    assert [question for question, _answer in faq(draft)] == ["First?", "Third?"]


def test_rows_that_both_removed_are_gone(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "faq-0-DELETE": "on"})
    answer = mine.post(page(draft), {**form, "faq-0-DELETE": "on", "title": "Mine"})
    assert differences(answer) == {"both": [], "taken": []}
    again(mine, draft, answer)
    assert [question for question, _answer in faq(draft)] == ["Second?", "Third?"]


def test_citations_are_named(draft: Article, mine: Client, theirs: Client) -> None:
    prefix = "editorial-citation-content_type-object_id"
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), f"{prefix}-0-reference": factories.reference("newer").pk})
    answer = mine.post(page(draft), {**form, "title": "Mine"})
    label, words = differences(answer)["taken"][0]
    assert (label, "Cochrane 2020" in words) == ("Citation", True)
    again(mine, draft, answer)
    assert draft.citations.filter(reference__slug="newer").exists()


def test_forged_numbers_of_rows_do_no_harm(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "faq-0-answer": "Hers."})
    for forged in ("999999999999", "-1", "x", ""):
        answer = mine.post(page(draft), {**form, "title": "Mine", "faq-TOTAL_FORMS": forged})
        assert answer.status_code == 200
        answer = mine.post(page(draft), {**form, "title": "Mine", "faq-INITIAL_FORMS": forged})
        assert answer.status_code == 200
    assert Article.objects.get().title == "About why"


@pytest.mark.parametrize("token", ["", "{}", "[]", "nonsense", "[[],[],[]]", '[{}, {"faq": 3}, ""]', "[null"])
def test_a_token_that_is_none_of_ours_breaks_nothing(token: str, draft: Article, mine: Client) -> None:
    answer = mine.post(page(draft), {**opened(mine, draft), "_seen": token, "title": "Mine"})
    assert answer.status_code in (200, 302)


# --- when the form can't come back ---------------------------------------------------------------------------


def test_what_went_live_meanwhile_is_kept_as_a_draft_of_changes(draft: Article, mine: Client) -> None:
    form = opened(mine, draft)
    workflow.publish(draft, by=account(Role.PUBLISHER, name="ines"))
    sent = {**form, "title": "Mine", "faq-0-answer": "My row."}
    answer = mine.post(page(draft), sent)
    assert "ines saved this at" in told(answer)
    assert "It was “Draft” and is “Published” now." in told(answer)
    assert [verb.name for verb in answer.context["verbs"]] == ["check", "keep", "hand_in"]
    assert again(mine, draft, answer, "keep").status_code == 302
    kept = WorkingCopy.objects.get()
    assert (kept.post["title"], kept.post["faq-0-answer"]) == (["Mine"], ["My row."])
    assert Article.objects.get().title == "About why"


def test_one_who_may_no_longer_change_it_can_copy_what_they_wrote(draft: Article, mine: Client) -> None:
    form = opened(mine, draft)
    workflow.publish(draft, by=account(Role.PUBLISHER, name="ines"))
    User.objects.get(username="mine").groups.set(Group.objects.filter(name=Role.MEDICAL_REVIEWER))
    body = "<h2>Mine</h2><p>Long and good.</p><script>alert(1)</script>"
    sent = {**form, "title": "Mine", "body": body, "faq-0-answer": "My row."}
    answer = mine.post(page(draft), sent)
    assert answer.status_code == 403
    shown = answer.content.decode()
    assert "ines changed this at" in shown
    assert "it is “Published” now, and you can&#x27;t change it." in shown
    assert "<h2>Mine</h2><p>Long and good.</p>" in shown
    assert "alert(1)" not in shown
    assert "First? · My row." in shown
    assert Article.objects.get().title == "About why"


@pytest.mark.parametrize("role", [Role.EDITOR, Role.MEDICAL_REVIEWER, Role.AFFILIATE_MANAGER])
def test_one_who_never_might_change_it_is_refused_as_ever(role: Role, draft: Article) -> None:
    live = factories.article("live")
    token = '[{}, {}, "Published"]'
    answer = signed_in(role).post(page(live), {"title": "Forged", "_seen": token})
    assert (answer.status_code, "Forged" in answer.content.decode()) == (403, False)


def test_a_move_of_state_is_told_with_the_buttons_of_the_new_one(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft), {**opened(theirs, draft), "_verb": "submit"})
    answer = mine.post(page(draft), {**form, "_verb": "submit", "title": "Mine"})
    assert "It was “Draft” and is “In review” now." in told(answer)
    assert [verb.name for verb in answer.context["verbs"]] == ["check", "save", "reopen", "approve"]
    again(mine, draft, answer)
    stored = Article.objects.get()
    assert (stored.title, stored.state) == ("Mine", State.IN_REVIEW)


def test_what_was_deleted_meanwhile_can_be_copied(draft: Article, mine: Client, theirs: Client) -> None:
    form = opened(mine, draft)
    theirs.post(page(draft).replace("/change/", "/delete/"), {"post": "yes"})
    assert not Article.objects.exists()
    answer = mine.post(page(draft), {**form, "title": "Mine"})
    assert answer.status_code == 410
    assert "anna deleted this at" in answer.content.decode()
    assert "Mine" in answer.content.decode()


# --- facts and money ------------------------------------------------------------------------------------------


def test_two_people_at_one_product() -> None:
    item = factories.product("magno")
    one, two = signed_in(Role.REVIEWER, name="rita"), signed_in(Role.EDITOR, name="anna")
    form = opened(one, item)
    hers = {**opened(two, item), "description": "Hers.", "ingredients-0-compound_mg": "100"}
    two.post(page(item), with_row(hers, "ingredients", compound=Compound.objects.last().pk, compound_mg="5"))
    answer = one.post(page(item), {**form, "name": "Magno Forte"})
    assert told(answer).startswith("anna saved this")
    assert len(differences(answer)["taken"]) == 3
    again(one, item, answer)
    stored = Product.objects.get()
    assert (stored.name, stored.description) == ("Magno Forte", "Hers.")
    assert list(Ingredient.objects.order_by("pk").values_list("compound_mg", flat=True)) == [100, 5]


def test_two_people_at_one_offer() -> None:
    deal = factories.offer(factories.product("magno"))
    one, two = signed_in(Role.AFFILIATE_MANAGER, name="tom"), signed_in(Role.AFFILIATE_MANAGER, name="anna")
    form = opened(one, deal)
    two.post(page(deal), {**opened(two, deal), "is_paused": "on"})
    assert Offer.objects.get().is_paused
    answer = one.post(page(deal), {**form, "in_stock": "true"})
    assert told(answer).startswith("anna saved this")
    one.post(page(deal), {**filled(answer), "in_stock": "true"})
    stored = Offer.objects.get()
    assert (stored.is_paused, stored.in_stock) == (True, True)


def test_a_price_read_by_a_feed_stops_nobody() -> None:
    deal = factories.offer(factories.product("magno"))
    manager = signed_in(Role.AFFILIATE_MANAGER)
    form = opened(manager, deal)
    Price.objects.create(offer=deal, amount=Decimal(9), currency="EUR", source="feed", as_of=timezone.now())
    assert manager.post(page(deal), {**form, "is_paused": "on"}).status_code == 302


def test_what_no_person_changed_is_told_too() -> None:
    deal = factories.offer(factories.product("magno"))
    manager = signed_in(Role.AFFILIATE_MANAGER)
    form = opened(manager, deal)
    deal.in_stock = False
    deal.save()
    answer = manager.post(page(deal), {**form, "is_paused": "on"})
    assert told(answer).startswith("Somebody, or a feed, saved this while you were writing.")


def test_two_people_at_one_booking() -> None:
    booked = factories.placement(factories.product("magno"), factories.slot(), approved_at=None, approved_by="")
    one, two = signed_in(Role.AFFILIATE_MANAGER, name="tom"), signed_in(Role.AFFILIATE_MANAGER, name="anna")
    form = opened(one, booked)
    two.post(page(booked), {**opened(two, booked), "headline": "Hers"})
    answer = one.post(page(booked), {**form, "headline": "Mine", "text": "Mine."})
    assert differences(answer)["both"] == [("Headline", "gone:Hers added:Mine")]
    again(one, booked, answer)
    assert (Placement.objects.get().headline, Placement.objects.get().text) == ("Mine", "Mine.")


def test_a_booking_that_was_approved_meanwhile() -> None:
    booked = factories.placement(factories.product("magno"), factories.slot(), approved_at=None, approved_by="")
    manager, publisher = signed_in(Role.AFFILIATE_MANAGER), signed_in(Role.PUBLISHER, name="ines")
    form = opened(manager, booked)
    publisher.post(f"/admin/products/placement/{booked.pk}/approve/")
    answer = manager.post(page(booked), {**form, "headline": "Too late"})
    assert answer.status_code == 403
    assert "ines changed this at" in answer.content.decode()
    assert "Too late" in answer.content.decode()
    assert Placement.objects.get().headline == "Acme"


def test_weights_that_were_put_in_force_meanwhile(one_of_each: dict[str, Any]) -> None:
    version = one_of_each["reviews.methodologyversion"]
    reviewer = signed_in(Role.REVIEWER)
    form = opened(reviewer, version)
    type(version).objects.filter(pk=version.pk).update(frozen_at=timezone.now() - timedelta(days=1))
    answer = reviewer.post(page(version), {**form, "changes": "Too late"})
    assert answer.status_code == 403
    assert "Too late" in answer.content.decode()


# --- everywhere -----------------------------------------------------------------------------------------------


def test_every_form_knows_what_it_showed(one_of_each: dict[str, Any]) -> None:
    operator = signed_in(is_superuser=True)
    without = []
    for model, owner in admin.site._registry.items():
        label = model._meta.label_lower
        if not isinstance(owner, HouseAdmin) or label not in one_of_each:
            continue
        answer = operator.get(page(one_of_each[label]))
        request = answer.wsgi_request
        if owner.has_change_permission(request, one_of_each[label]):
            without += [] if answer.context.get("seen") else [label]
            assert issubclass(owner.get_form(request, one_of_each[label], change=True), HouseForm), label
    assert without == []
