"""The affiliate desk through its pages: reports, calendar, endings, feeds, links, files; and who may not see them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.redirects.models import Redirect
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from huey.contrib.djhuey import HUEY

from crampinfo.editorial.models import LedgerEntry
from crampinfo.editorial.roles import Role
from products.models import (
    AffiliateProgramme,
    ClickCount,
    Conversion,
    Feed,
    FeedItem,
    FeedRun,
    LinkCheck,
    Offer,
    Placement,
    Price,
    Product,
)
from tests import factories
from tests.admin.forms import filled, told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

FIREFOX = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0"}
HEAD = "id,title,link,price,gtin\n"
EAN = "4006381333931"


@pytest.fixture(autouse=True)
def _files(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.VAR_DIR = tmp_path
    HUEY.immediate = True  # the worker's tasks, at once
    yield
    HUEY.immediate = False


@pytest.fixture
def offer() -> Offer:
    item = factories.product("magno", gtin=EAN, name="Magno citrate tablets")
    review = factories.review(item)
    factories.ranking(products=(review.product,))
    return factories.offer(item)


@pytest.fixture
def manager() -> Client:
    return signed_in(Role.AFFILIATE_MANAGER)


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def upload(content: str, name: str = "file.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode())


def pages(offer: Offer) -> list[str]:
    return [
        reverse("desk-reports"), reverse("desk-conversions"), reverse("desk-old-links"), reverse("desk-invoices"),
        reverse("desk-merchant-ending", args=[offer.merchant_id]),
        reverse("desk-programme-ending", args=[offer.programme_id]),
        "/admin/products/feed/", "/admin/products/feedrun/", "/admin/products/feeditem/", "/admin/products/linkcheck/",
        "/admin/products/conversion/",
    ]  # fmt: skip


def test_it_works(offer: Offer, manager: Client) -> None:
    ClickCount.objects.create(offer=offer, page="list-a", slot="row-1", day=timezone.localdate(), count=4711)
    page = text(manager.get(reverse("desk-reports")))
    assert "4711" in page
    assert "Magno citrate tablets" in page
    home = text(manager.get("/admin/"))
    for name in ("desk-reports", "desk-calendar", "desk-old-links"):
        assert f'href="{reverse(name)}"' in home


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.EDITOR, Role.MEDICAL_REVIEWER])
def test_who_writes_or_judges_sees_none_of_it(role: Role, offer: Offer) -> None:
    client = signed_in(role)
    assert {address: client.get(address).status_code for address in pages(offer)} == dict.fromkeys(pages(offer), 403)
    assert client.post(reverse("desk-programme-pause", args=[offer.programme_id])).status_code == 403
    assert client.get(reverse("desk-calendar")).status_code == (200 if role == Role.EDITOR else 403)
    home = text(client.get("/admin/"))
    assert not [name for name in ("desk-reports", "desk-old-links") if reverse(name) in home]


def test_strangers_are_asked_to_sign_in(offer: Offer) -> None:
    assert {Client().get(address).status_code for address in pages(offer)} == {302}


def test_a_fee_is_seen_by_those_who_see_terms(offer: Offer, manager: Client) -> None:
    fee = {"fee": Decimal("777.70"), "fee_currency": "EUR"}
    booked = factories.placement(offer.product, factories.slot(), offer=offer, **fee)
    address = f"/admin/products/placement/{booked.pk}/change/"
    assert "777" in text(manager.get(address))
    assert "777" not in text(signed_in(Role.EDITOR).get(address))


class TestReports:
    @pytest.mark.parametrize(
        "by", ["offer", "product", "merchant", "programme", "page", "slot", "position", "day", "week", "rubbish"]
    )
    def test_every_cut_has_a_page_and_a_file(self, by: str, offer: Offer, manager: Client) -> None:
        ClickCount.objects.create(offer=offer, page="=cmd", slot="row-1", day=timezone.localdate(), count=7)
        address = f"{reverse('desk-reports')}?by={by}"
        assert "7" in text(manager.get(address))
        rows = list(csv.reader(io.StringIO(manager.get(f"{address}&format=csv").content.decode("utf-8-sig"))))
        assert "7" in [row[1] for row in rows[1:]]
        assert not any(cell.startswith("=") for row in rows for cell in row)

    @pytest.mark.parametrize(
        "query", ["first=2026-01-02&last=2026-01-01", "first=x&last=y", "first=1900-01-01&last=2026-01-01"]
    )
    def test_a_strange_period_is_refused_in_words(self, query: str, offer: Offer, manager: Client) -> None:
        assert "errornote" in text(manager.get(f"{reverse('desk-reports')}?{query}"))

    def test_earnings_stand_beside_clicks(self, offer: Offer, manager: Client) -> None:
        place = f"{offer.pk}.list-a.row-1"
        ClickCount.objects.create(offer=offer, page="list-a", slot="row-1", day=timezone.localdate(), count=10)
        head = "transaction id,date,clickref,commission,currency,status\n"
        day = timezone.localdate()
        file = f"{head}t1,{day},{place},4.50,EUR,approved\nt2,{day},visitor,1,EUR,approved\n"
        data = {"programme": offer.programme_id, "file": upload(file)}
        page = text(manager.post(reverse("desk-conversions"), {**data, "trial": "1"}))
        assert "none that our links carry" in page
        assert not Conversion.objects.exists()
        text(manager.post(reverse("desk-conversions"), {**data, "file": upload(file), "read": "1"}))
        assert Conversion.objects.get().commission == Decimal("4.50")
        page = text(manager.get(reverse("desk-reports")))
        assert "€4.50" in page
        assert "€0.45" in page


class TestEnding:
    def test_pausing_says_where_a_product_has_no_offer_left(self, offer: Offer, manager: Client) -> None:
        answer = manager.post(reverse("desk-programme-pause", args=[offer.programme_id]), follow=True)
        words = " ".join(told(answer))
        assert "1 product is left without an offer: Magno citrate tablets" in words
        assert "Review" in words
        assert "List" in words
        assert 'href="/go/' not in text(Client().get("/reviews/magno/"))
        manager.post(reverse("desk-programme-pause", args=[offer.programme_id]))
        assert 'href="/go/' in text(Client().get("/reviews/magno/"))

    def test_the_page_shows_what_hangs_on_a_merchant(self, offer: Offer, manager: Client) -> None:
        factories.offer(offer.product, at=factories.merchant("pharmacy"), price="9.90")
        page = text(manager.get(reverse("desk-merchant-ending", args=[offer.merchant_id])))
        assert "Pharmacy" in page
        assert 'href="/reviews/magno/"' in page

    def test_one_confirmation_does_it(self, offer: Offer, manager: Client) -> None:
        address = reverse("desk-merchant-ending", args=[offer.merchant_id])
        assert "This field is required" in text(manager.post(address, {"reason": " "}))
        assert AffiliateProgramme.objects.get().ends_at is None
        manager.post(address, {"reason": "They close."})
        assert AffiliateProgramme.objects.get().ends_at is not None
        assert LedgerEntry.objects.filter(kind="merchant_end", reason="They close.").exists()


class TestBookings:
    def test_a_free_day_leads_to_booking_it(self, offer: Offer, manager: Client) -> None:
        slot = factories.slot("button")
        page = text(manager.get(reverse("desk-calendar")))
        day = timezone.localdate().isoformat()
        assert f"slot={slot.pk}&amp;starts_at={day}" in page
        form = manager.get(f"/admin/products/placement/add/?slot={slot.pk}&starts_at={day}")
        assert f'value="{timezone.localdate():%d/%m/%Y}"' in text(form)

    def test_a_clash_is_shown_while_booking_and_in_the_calendar(self, offer: Offer, manager: Client) -> None:
        slot = factories.slot("button")
        factories.placement(offer.product, slot, offer=offer, advertiser="First Ltd")
        form = manager.get("/admin/products/placement/add/")
        now = timezone.localtime()
        changes = {
            "advertiser": "Second Ltd", "slug": "second", "slot": slot.pk, "product": offer.product_id,
            "offer": offer.pk,
            "starts_at_0": now.date().isoformat(), "starts_at_1": "00:00:00",
            "ends_at_0": (now.date() + timedelta(days=3)).isoformat(), "ends_at_1": "00:00:00",
        }  # fmt: skip
        answer = manager.post("/admin/products/placement/add/", filled(form, **changes), follow=True)
        assert "In its way: First Ltd" in " ".join(told(answer))
        second = Placement.objects.get(slug="second")
        assert second.booked_by == "affiliatemanager"
        assert "In its way in these days" in text(manager.get(f"/admin/products/placement/{second.pk}/change/"))
        assert "clash" in text(manager.get(reverse("desk-calendar")))

    def test_nobody_approves_what_they_booked(self, offer: Offer, settings: Any) -> None:
        publisher = signed_in(Role.PUBLISHER, name="pia")
        booked = factories.placement(offer.product, factories.slot(), offer=offer, approved_at=None, approved_by="")
        booked.booked_by = "pia"
        booked.save()
        answer = publisher.post(f"/admin/products/placement/{booked.pk}/approve/", follow=True)
        assert "somebody else approves it" in " ".join(told(answer))
        signed_in(Role.PUBLISHER, name="paul").post(f"/admin/products/placement/{booked.pk}/approve/")
        booked.refresh_from_db()
        assert booked.approved_at is not None

    def test_invoices(self, offer: Offer, manager: Client) -> None:
        start = datetime(2026, 11, 3, tzinfo=timezone.get_current_timezone())
        factories.placement(
            offer.product, factories.slot(), offer=offer, advertiser="=Acme", starts_at=start,
            ends_at=start + timedelta(days=10), fee=Decimal("500.00"), fee_currency="EUR",
        )  # fmt: skip
        body = manager.get(f"{reverse('desk-invoices')}?month=2026-11").content.decode("utf-8-sig")
        (row,) = list(csv.DictReader(io.StringIO(body)))
        assert (row["advertiser"], row["fee"], row["days"], row["until"]) == ("'=Acme", "500.00", "10", "2026-11-12")
        assert "Acme" not in manager.get(f"{reverse('desk-invoices')}?month=2026-10").content.decode()

    def test_the_page_preview_shows_what_will_be_labelled(self, offer: Offer, manager: Client) -> None:
        slot = factories.slot()
        ranking = offer.product.ranking_entries.get().ranking
        ranking.slots.add(slot)
        booked = factories.placement(
            offer.product, slot, offer=offer, headline="Sleep well", approved_at=None, approved_by="",
            starts_at=timezone.now() + timedelta(days=30), ends_at=timezone.now() + timedelta(days=40),
        )  # fmt: skip
        page = text(manager.get(reverse("desk-ad-preview", args=[booked.pk])))
        assert "data-ad-slot" in page
        assert "Sleep well" in page
        booked.refresh_from_db()
        assert booked.approved_at is None
        assert "Sleep well" not in text(Client().get(ranking.get_absolute_url()))


class TestFeeds:
    @pytest.fixture
    def feed(self, offer: Offer) -> Feed:
        return Feed.objects.create(name="North", merchant=offer.merchant, programme=offer.programme)

    def test_from_the_file_to_the_price(self, feed: Feed, manager: Client) -> None:
        file = (
            f"{HEAD}1,Magno,https://northshop.example/p/magno,7.77 EUR,{EAN}\n"
            "2,Magno citrate,https://northshop.example/p/2,5 EUR,\n3,Bad,https://northshop.example/p/3,$12.99/2pk,\n"
        )
        seen = manager.post(f"/admin/products/feed/{feed.pk}/file/", {"file": upload(file)}, follow=True)
        page = text(seen)
        assert "€7.77" in page
        assert "$12.99/2pk" in page
        assert "our guess:" in page
        assert Price.objects.count() == 1
        mapping = {name: name for name in ("id", "title", "link", "price", "gtin")}
        address = seen.redirect_chain[-1][0]
        dry = text(manager.post(address, {**mapping, "trial": "1"}, follow=True))
        assert "This is no single price" in dry
        assert Price.objects.count() == 1
        text(manager.post(address, {**mapping, "read": "1"}, follow=True))
        assert Offer.objects.with_price().get().price_amount == Decimal("7.77")
        assert FeedRun.objects.filter(is_trial=False, state="done", rejected=1, waiting=1).count() == 1

    def test_a_file_that_is_none(self, feed: Feed, manager: Client) -> None:
        answer = manager.post(f"/admin/products/feed/{feed.pk}/file/", {"file": upload("\n\n")}, follow=True)
        assert "names the columns" in " ".join(told(answer))

    def test_the_queue_is_worked_off(self, feed: Feed, manager: Client) -> None:
        item = FeedItem.objects.create(
            feed=feed, item_id="9", title="Magno", guess=Product.objects.get(), seen_at=timezone.now()
        )
        data = {"action": "confirm_selected", "_selected_action": [item.pk]}
        manager.post("/admin/products/feeditem/", data)
        item.refresh_from_db()
        assert (item.state, item.product) == ("matched", Product.objects.get())
        assert "Items to match" not in text(manager.get("/admin/"))


class TestLinks:
    def test_trouble_is_on_the_home_page_and_can_be_accepted(self, offer: Offer, manager: Client) -> None:
        check = LinkCheck.objects.create(offer=offer, state="gone", times=2, answer="gone 404 x")
        assert "Links in trouble" in text(manager.get("/admin/"))
        assert str(offer.merchant) in text(manager.get("/admin/products/linkcheck/?wants=you"))
        data = {"action": "accept_selected", "_selected_action": [check.pk]}
        manager.post("/admin/products/linkcheck/", data)
        check.refresh_from_db()
        assert (check.accepted_by, check.wants_somebody) == ("affiliatemanager", False)

    def test_who_only_looks_accepts_nothing(self, offer: Offer) -> None:
        check = LinkCheck.objects.create(offer=offer, state="gone", times=2, answer="gone 404 x")
        client = signed_in(Role.COMPLIANCE)
        client.post("/admin/products/linkcheck/", {"action": "accept_selected", "_selected_action": [check.pk]})
        check.refresh_from_db()
        assert check.accepted_by == ""


THIRSTY = "Name,Slug,Destination URL\nMagno,magno-deal,https://www.northshop.example/p/magno?tag=old\nX,x,https://else.example/\n"
PRETTY = "id,name,url,slug\n1,Magno,https://northshop.example/p/magno,go/magno\n2,Odd,javascript:alert(1),odd\n"


@pytest.mark.parametrize(("file", "old"), [(THIRSTY, "/recommends/magno-deal/"), (PRETTY, "/recommends/go/magno/")])
def test_old_links_lead_on(file: str, old: str, offer: Offer, manager: Client) -> None:
    data = {"folder": "recommends", "file": upload(file)}
    page = text(manager.post(reverse("desk-old-links"), {**data, "trial": "1"}))
    assert old in page
    assert not Redirect.objects.exists()
    text(manager.post(reverse("desk-old-links"), {**data, "file": upload(file), "read": "1"}))
    moved = Client(headers=FIREFOX).get(old)
    assert moved.status_code == 301
    shop = Client(headers=FIREFOX).get(moved["Location"])
    assert (shop.status_code, shop["Location"]) == (302, "https://northshop.example/p/magno")
    kept = manager.get(reverse("desk-old-links"), {"format": "csv"}).content.decode("utf-8-sig")
    assert f"{old},https://northshop.example/p/magno" in kept
    again = text(manager.post(reverse("desk-old-links"), {"folder": "", "file": upload(kept), "trial": "1"}))
    assert "led there already" in again


def test_a_file_of_something_else_is_refused(offer: Offer, manager: Client) -> None:
    page = text(manager.post(reverse("desk-old-links"), {"folder": "", "file": upload("a,b\n1,2\n"), "read": "1"}))
    assert "neither export" in page
