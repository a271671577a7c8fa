"""The admin's home: what needs whom, and the clicks for those who may see them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from articles.models import Article, Comment
from crampinfo.editorial import workflow, workingcopy
from crampinfo.editorial.handover import Along
from crampinfo.editorial.models import CopyState, Handover, State
from crampinfo.editorial.roles import Role
from crampinfo.site.admin import clicks
from products.models import ClickCount, Price
from tests import factories
from tests.admin.forms import filled
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def busy() -> None:
    now, day = timezone.now(), timedelta(days=1)
    factories.article("draft", published=False, summary="TODO")
    waiting = factories.article("waiting", published=False)
    waiting.state = State.IN_REVIEW
    waiting.save()
    factories.article("approved", published=False)
    approved = Article.objects.get(slug="approved")
    approved.state = State.APPROVED
    approved.save()
    Comment.objects.create(content=waiting, name="R", text="Words")
    item = factories.product()
    workflow.publish(factories.review(item, published=False), at=now - 400 * day)
    deal = factories.offer(item, price=None)
    Price.objects.create(offer=deal, amount=9, currency="EUR", source="feed", as_of=now - 9 * day)
    factories.placement(item, factories.slot(), ends_at=now + 3 * day + timedelta(hours=1))
    factories.placement(item, factories.slot(), approved_at=None, approved_by="")
    for number in range(3):
        day_of = timezone.localdate() - timedelta(days=number)
        ClickCount.objects.create(offer=deal, page="/x/", slot="row", day=day_of, count=10 + number)
    touchy = factories.topic("pregnancy", sensitive=True)
    factories.question("in-pregnancy", topic=touchy)


def cards(role: Role) -> dict[str, int]:
    answer = signed_in(role).get("/admin/")
    home = answer.context["home"]
    return {card.label: card.number for card in home.cards}


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (
            Role.EDITOR,
            {"Drafts": 1, "Waiting for approval": 1, "Comments waiting": 1, "Reviews due again": 1},
        ),
        (Role.REVIEWER, {"Reviews due again": 1}),
        (Role.MEDICAL_REVIEWER, {"Texts to read": 1}),
        (
            Role.PUBLISHER,
            {
                "Drafts": 1,
                "Waiting for approval": 1,
                "Approved, not published": 1,
                "Comments waiting": 1,
                "Reviews due again": 1,
                "Placements ending": 1,
                "Placements to approve": 1,
            },
        ),
        (Role.AFFILIATE_MANAGER, {"Prices too old": 1, "Placements ending": 1, "Placements to approve": 1}),
        (Role.COMPLIANCE, {}),
    ],
)
def test_each_role_is_told_what_needs_it(role: Role, expected: dict[str, int], busy: None) -> None:
    assert cards(role) == expected


@pytest.mark.parametrize("role", list(Role))
def test_clicks_are_for_those_who_may_see_them(role: Role, busy: None) -> None:
    answer = signed_in(role).get("/admin/")
    sees = role in (Role.PUBLISHER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE)
    assert ('<figure class="chart">' in answer.content.decode()) is sees
    assert (answer.context["home"].clicks is not None) is sees


def test_the_next_to_publish_say_what_the_gate_says(busy: None) -> None:
    editor = signed_in(Role.EDITOR)
    for slug in ("draft", "waiting"):
        address = f"/admin/articles/article/{Article.objects.get(slug=slug).pk}/change/"
        editor.post(address, filled(editor.get(address), title=f"New {slug}"))
    rows = signed_in(Role.PUBLISHER).get("/admin/").context["home"].waiting
    assert [(row.title, row.state, row.gate.split(":")[0]) for row in rows] == [
        ("About approved", "Approved", "not asked yet"),
        ("New waiting", "In review", "passes"),
        ("New draft", "Draft", "Summary"),
    ]
    assert [row.blocked for row in rows] == [False, False, True]


def hand(text: Any, to: Any, due: int | None = None, **fields: Any) -> None:
    """Hand it over, due in so many days, which may be past."""
    row = Handover(
        content=text, title="Then", from_state="draft", to_state="in_review", assignee=to,
        due=timezone.localdate() + timedelta(days=due) if due is not None else None, **fields,
    )  # fmt: skip
    row.save_base(force_insert=True)


def in_review(slug: str) -> Article:
    text: Article = factories.article(slug, published=False)
    workflow.submit(text)
    return text


def test_what_was_handed_to_somebody_is_on_their_home_late_first() -> None:
    otto = account(Role.EDITOR, name="otto", first_name="Otto", last_name="Orr")
    ines = account(Role.PUBLISHER, name="ines")
    live = factories.article("live")
    copy = workingcopy.keep(live, {"title": ["New"]}, "", ines)
    workingcopy.move(copy, CopyState.IN_REVIEW, ines, Along("Look.", otto))
    for slug, due in (("soon", 3), ("late", -2), ("never", None)):
        hand(in_review(slug), otto, due, by=ines, note=f"Note {slug}")
    review = factories.review(factories.product("magno"), published=False)
    workflow.submit(review, ines, Along(to=otto))
    client = Client()
    client.force_login(otto)
    answer = client.get("/admin/")
    rows = answer.context["home"].handed.rows
    assert [one.title for one in rows] == ["About late", "About soon", str(live), "About never", str(review.product)]
    page = BeautifulSoup(answer.content, "html.parser")
    first = page.select_one("#handed-title + table tbody tr").get_text(" ", strip=True)
    assert "ines" in first
    assert "Note late" in first
    assert "2 days late" in first
    assert "draft of changes" in page.select("#handed-title + table tbody tr")[2].text
    for one in rows:
        assert client.get(one.address).status_code == 200
    client.force_login(ines)
    assert client.get("/admin/").context["home"].handed is None


def test_what_has_moved_on_is_in_nobodys_hands() -> None:
    otto, ines = account(Role.EDITOR, name="otto"), account(Role.PUBLISHER, name="ines")
    onwards, back, gone, passed_on = (in_review(slug) for slug in ("onwards", "back", "gone", "passed-on"))
    for text in (onwards, back, gone, passed_on):
        hand(text, otto, by=ines)
    workflow.approve(onwards, ines)
    workflow.reopen(back)  # by a program, without a row
    gone.citations.all().delete()
    gone.delete()
    hand(passed_on, ines, by=otto)
    client = Client()
    client.force_login(otto)
    assert client.get("/admin/").context["home"].handed is None


def test_a_draft_of_changes_is_listed_for_those_who_may_write() -> None:
    rita, ines = account(Role.REVIEWER, name="rita"), account(Role.PUBLISHER, name="ines")
    live = factories.article("live")
    copy = workingcopy.keep(live, {"title": ["New"]}, "", ines)
    workingcopy.move(copy, CopyState.IN_REVIEW, ines, Along("Look.", rita))
    client = Client()
    client.force_login(rita)
    assert client.get("/admin/").context["home"].handed is None


def test_many_are_counted() -> None:
    otto = account(Role.EDITOR, name="otto")
    for number in range(10):
        hand(in_review(f"t{number}"), otto)
    client = Client()
    client.force_login(otto)
    answer = client.get("/admin/")
    assert (len(answer.context["home"].handed.rows), answer.context["home"].handed.more) == (8, 2)
    assert "2 more were handed to you." in answer.content.decode()


def test_links_lead_somewhere(busy: None) -> None:
    for role in Role:
        client = signed_in(role)
        for card in client.get("/admin/").context["home"].cards:
            if not card.address.startswith("#"):
                assert client.get(card.address).status_code == 200, card


def test_the_chart_counts_every_day(busy: None) -> None:
    drawn = clicks.last_days(30)
    assert (drawn.total, len(drawn.bars), drawn.bars[-1].count, drawn.bars[0].count) == (33, 30, 10, 0)
    assert [line.label for line in drawn.lines] == ["0", "5", "10", "15", "20"] or drawn.lines[-1].label == "20"
    assert drawn.slots == (clicks.Slot("row", 33, 100),)
    assert drawn.highest is not None
    assert (drawn.highest.count, drawn.highest.height) == (12, round(156 * 12 / 20, 1))


@pytest.mark.parametrize(("most", "top"), [(0, 4), (1, 4), (4, 4), (5, 8), (73, 80), (101, 200), (4711, 8000)])
def test_the_scale_is_round(most: int, top: int) -> None:
    assert clicks.scale(most) == top


def test_an_empty_site_says_so() -> None:
    text = signed_in(Role.PUBLISHER).get("/admin/").content.decode()
    assert "Nothing waits for you." in text
    assert "No click was counted" in text


def test_the_menu_follows_the_work() -> None:
    apps: Any = signed_in(Role.AFFILIATE_MANAGER).get("/admin/").context["app_list"]
    assert [app["name"] for app in apps] == ["Writing", "Judging", "Money", "Law and records"]


def test_the_menu_follows_what_somebody_may_do() -> None:
    """It is kept for all who may do the same; who may do more sees more, at once."""
    user = account(Role.REVIEWER)
    client = Client()
    client.force_login(user)

    def menu() -> str:
        return client.get("/admin/").content.decode().split('id="nav-sidebar"')[1].split("</nav>")[0]

    assert "/admin/products/merchant/" not in menu()
    user.user_permissions.add(Permission.objects.get(codename="view_merchant"))
    assert "/admin/products/merchant/" in menu()
    user.user_permissions.clear()
    assert "/admin/products/merchant/" not in menu()
