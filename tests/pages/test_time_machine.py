"""?as_of= shows a list as it stood at the end of a day and what changed since, and is kept as long as it is true."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.test import TestCase
from django.utils import timezone

from crampinfo.editorial import ledger
from crampinfo.editorial.models import LedgerEntry
from crampinfo.site.pagecache import PageCache, news
from products.models import Placement
from reviews import lists
from reviews.models import Criterion, Ranking, Review, Score
from tests.pages import reading
from tests.pages.reading import Page, visible
from tests.site.pagecache.reading import Reader, Still

ISOLATED, INFLUENCED = "/lists/magnesium-supplements/", "/lists/accessories/"
QUERIES, HTML = 10, 15_000


def day(ago: int) -> str:
    return (timezone.localdate() - timedelta(days=ago)).isoformat()


def get(path: str, ago: int, to: int | None = None) -> Page:
    return reading.get(f"{path}?as_of={day(ago)}{f'&to={day(to)}' if to is not None else ''}")


def rows(page: Page) -> list[tuple[str, str, str]]:
    """Product, place and editorial score of each row."""
    found = []
    for row in page.all(".past tbody tr"):
        head = row.select("th")[0]
        name = visible(head.select("a")[0]) if head.select("a") else visible(head)
        found.append((name, visible(row.select(".past-place")[0]), visible(row.select("[data-score]")[0])))
    return found


def booked(page: Page) -> str:
    """What it says was paid for on that day."""
    return visible(page.one("section[aria-labelledby=booked] .section-body"))


def score_again(slug: str, criterion: str, value: str) -> None:
    review = Review.objects.get(product__slug=slug)
    Score.objects.create(
        review=review, criterion=Criterion.objects.get(methodology=review.methodology, slug=criterion),
        value=Decimal(value), reason="Read again.", changed_because="The label was printed anew.",
        evidence=["label"], scored_at=timezone.now(),
    )  # fmt: skip


@pytest.mark.parametrize("path", [ISOLATED, INFLUENCED])
def test_today_is_the_list_as_it_stands(path: str) -> None:
    ranking = Ranking.objects.select_related("methodology__current_version", "topic").get(slug=path.split("/")[2])
    _standing, _effects, order = lists.order_of(ranking)
    names = {entry.slug: entry.name for entry in _standing.entries.values()}
    expected = [(names[row.key], row.shown_label, str(row.editorial_score)) for row in order]
    assert rows(get(path, 0)) == expected


def test_an_earlier_day() -> None:
    page = get(ISOLATED, 60)
    assert page.status == 200
    assert 0 < len(rows(page)) < len(rows(get(ISOLATED, 0)))
    assert "As it stood at the end of" in page.text
    assert "Rebuilt from the ledger, entries 1 to" in page.text
    assert "No prices and no shops" in page.text
    assert not page.is_commercial, "today's shops would be on a list of that day"


def test_the_head_of_that_day_is_printed() -> None:
    page = get(ISOLATED, 60)
    digest = visible(page.one(".page-head .hash"))
    entry = LedgerEntry.objects.get(hash=digest)
    assert entry.at <= timezone.now() - timedelta(days=59)
    assert f"entries 1 to {entry.number}" in page.text.replace(",", "")


def test_money_of_that_day() -> None:
    """Placements that ran then and do not now, and the other way round."""
    now, then = booked(get(INFLUENCED, 0)), booked(get(INFLUENCED, 60))
    assert "Tovemark OyPlace 4" in now
    assert "Tovemark Oy" not in then
    ended = Placement.objects.filter(slot__slug="accessories-adjustment", ends_at__lt=timezone.now()).get()
    ago = (timezone.localdate() - timezone.localdate(ended.starts_at)).days - 1
    assert ended.advertiser in booked(get(INFLUENCED, ago))
    assert ended.advertiser not in now


def test_a_band_of_that_day() -> None:
    then = booked(get(ISOLATED, 120))
    assert "Quillhaven Supplements BV" in then
    assert "A labelled ad beside the list" in then
    assert "Nothing: no placement ran on this list." in booked(get(ISOLATED, 60))


def test_the_disclosure_of_an_influenced_day() -> None:
    page = get(INFLUENCED, 0)
    assert "Advertisement: order influenced by payment" in page.text
    assert page.order("[data-disclosure=top]", ".past")[0] < page.order(".past")[0]


def test_what_changed_since() -> None:
    score_again("vintermark-bisglycinate-50", "exact-label", "1.0")
    since = visible(get(ISOLATED, 1).one("section[aria-labelledby=since]"))
    assert re.search(r"Vintermark Bisglycinate 50 editorial place \S+, was \S+; score [\d.]+, was [\d.]+\.", since)
    assert "The label was printed anew." in since
    nothing = get(ISOLATED, 0, 0)
    assert "section" in nothing.html
    assert not nothing.all("section[aria-labelledby=since]"), "a day is compared with another one"


def test_between_two_days_in_either_order() -> None:
    """The day asked for is shown; changes are always told forwards."""
    one, other = get(ISOLATED, 60, 20), get(ISOLATED, 20, 60)
    since = [visible(page.one("section[aria-labelledby=since]")) for page in (one, other)]
    assert since[0] == since[1]
    assert len(rows(one)) < len(rows(other))


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("as_of=yesterday", "That is no day"),
        ("as_of=", "That is no day"),
        ("as_of=2026-02-30", "The calendar has no such day"),
        ("as_of=2999-01-01", "has not come yet"),
        ("as_of=2001-01-01", "This list was not there yet"),
        ("as_of=2026-11-01&to=2999-01-01", "has not come yet"),
        ("as_of=%3Cscript%3E&to=now", "That is no day"),
    ],
)
def test_a_day_that_makes_no_sense_explains_itself(query: str, sentence: str) -> None:
    page = reading.get(f"{ISOLATED}?{query}")
    assert page.status == 200
    assert sentence in visible(page.one(".page-head .notice"))
    assert page.headers["Cache-Control"] == "no-store"
    assert page.all("form.days"), "another day can be asked for"
    assert "<script>" not in page.html.replace("</head>", "").partition("<body")[2]
    assert not page.all(".past")


def test_it_is_no_page_for_search_engines() -> None:
    page = get(ISOLATED, 60)
    assert page.is_noindex
    assert page.one("link[rel=canonical]")["href"].endswith(ISOLATED)
    assert page.nodes("ItemList", "Review", "Product") == []


def test_budgets() -> None:
    for path in (ISOLATED, INFLUENCED):
        page = get(path, 200)
        assert len(page.queries) <= QUERIES, page.queries
        assert page.weight <= HTML


def test_a_removed_word_is_gone_from_it_too() -> None:
    score_again("vintermark-bisglycinate-50", "exact-label", "1.0")
    entry = LedgerEntry.objects.filter(kind="score").latest("number")
    ledger.redact(entry.number, ["reason"], "It named a person.")
    page = get(ISOLATED, 1)
    assert "The label was printed anew." not in page.text
    assert ledger.NOTICE in page.text


class TestKept:
    """The page cache keeps it, and learns of what makes it untrue."""

    @pytest.fixture
    def clock(self) -> Still:
        found = Still()
        found.now = timezone.now().timestamp()
        return found

    @pytest.fixture
    def reader(self, settings: Any, clock: Still, tmp_path: Any) -> Reader:
        settings.PAGE_CACHE_SECONDS, settings.MAX_STALE = 10**7, 10**8
        settings.SPARE_ROOT, settings.REDIS_URL = tmp_path / "spare", ""
        return Reader(PageCache(get_wsgi_application(), clock))

    @pytest.fixture(autouse=True)
    def _leave_the_connection_open(self) -> Iterator[None]:
        """As Django's own test client does: the handler would take these tests' transaction for one gone astray."""
        signals = (request_started, request_finished)
        for signal in signals:
            signal.disconnect(close_old_connections)
        yield
        for signal in signals:
            signal.connect(close_old_connections)

    @pytest.fixture(autouse=True)
    def _forget_what_the_import_left(self) -> None:
        """Its hooks were run, and stay in the list of the transaction that all these tests share."""
        connection.run_on_commit = []

    def page(self, reader: Reader, path: str) -> Any:
        """What is kept for an address."""
        assert reader.get(path).status == 200
        return reader.pages._memory.get(path)

    def test_a_new_entry_renders_it_again(self, reader: Reader, clock: Still) -> None:
        path = f"{ISOLATED}?as_of={day(1)}"
        before = self.page(reader, path)
        assert "table:editorial_ledgerentry" in before.tags
        clock.pass_by(2)
        assert self.page(reader, path) is before
        with TestCase.captureOnCommitCallbacks(execute=True):
            ledger.record("publication", "page:1", {"title": "T", "from": None, "until": None, "content": ""})
        clock.pass_by(2)
        reader.get(path)
        clock.pass_by(2)
        assert self.page(reader, path) is not before

    def test_other_pages_are_left_alone(self, reader: Reader) -> None:
        assert "table:editorial_ledgerentry" not in self.page(reader, ISOLATED).tags

    def test_one_notice_a_transaction(self, monkeypatch: pytest.MonkeyPatch) -> None:
        told: list[set[str]] = []
        monkeypatch.setattr(news, "publish", lambda tags: told.append(set(tags)))
        with TestCase.captureOnCommitCallbacks(execute=True):
            for number in (1, 2):
                ledger.record("x", "a:1", {"n": number})
        assert told == [{"table:editorial_ledgerentry"}]

    def test_it_ends_with_today(self, reader: Reader) -> None:
        """Or before, when something booked begins or ends."""
        tomorrow = timezone.localdate() + timedelta(days=1)
        page = self.page(reader, f"{INFLUENCED}?as_of={day(60)}")
        assert timezone.localdate(
            timezone.datetime.fromtimestamp(page.fresh_until, timezone.get_current_timezone())
        ) in (
            tomorrow,
            timezone.localdate(),
        )
        assert page.fresh_until - page.made <= 25 * 3600

    def test_both_days_are_part_of_the_address(self, reader: Reader) -> None:
        one, other = (reader.get(f"{ISOLATED}?as_of={day(60)}&to={day(to)}").body for to in (50, 20))
        assert one != other
