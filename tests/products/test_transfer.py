"""Products, offers, prices and placements as tables: what goes out comes in again, what is wrong stays out whole."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error as DatabaseError
from django.test import Client
from django.utils import timezone

from crampinfo.editorial.models import LedgerEntry
from crampinfo.editorial.roles import Role
from crampinfo.editorial.transfer.files import neutral
from products import bookings
from products.admin.offers import OfferAdmin
from products.models import AffiliateProgramme, ClickCount, Compound, Ingredient, Offer, Placement, Price, Product
from tests import factories
from tests.admin.forms import told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

PAGES = {kind: f"/admin/products/{kind}/" for kind in ("product", "offer", "price", "placement")}


def sheet(*rows: dict[str, Any]) -> bytes:
    """A CSV file of some rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    text = StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def look(client: Client, kind: str, data: bytes, name: str = "rows.csv") -> Any:
    """The page that shows what a file would do."""
    return client.post(f"{PAGES[kind]}import/", {"file": SimpleUploadedFile(name, data)})


def confirm(client: Client, kind: str, page: Any) -> Any:
    """Press the button on it."""
    return client.post(f"{PAGES[kind]}import/", {"seen": page.context["seen"]}, follow=True)


def bring_in(client: Client, kind: str, data: bytes, name: str = "rows.csv") -> Any:
    page = look(client, kind, data, name)
    assert page.context.get("report") is None, said(page)
    return confirm(client, kind, page)


def said(page: Any) -> list[tuple[Any, ...]]:
    """Line, column, cell and sentence of everything that was wrong."""
    report = page.context.get("report")
    return [(one.line, one.column, one.cell, one.sentence) for one in report.problems] if report else []


def export(client: Client, kind: str, form: str = "csv", query: str = "") -> Any:
    answer = client.get(f"{PAGES[kind]}export/?{query}&_format={form}")
    assert answer.status_code == 200
    if form == "json":
        return json.loads(answer.content)
    assert answer.content.startswith(b"\xef\xbb\xbf"), "spreadsheets know UTF-8 by its mark"
    return list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig"))))


PRODUCT = {
    "slug": "magno", "name": "Magno 300", "brand": "acme", "category": "supplement", "form": "tablet",
    "servings_per_pack": "60", "servings_per_day": "2", "ingredients": "oxide 300; citrate-trimagnesium 150.5",
    "topics": "magnesium", "vegan": "yes", "label_readable": "yes",
}  # fmt: skip


@pytest.fixture
def shop() -> Offer:
    """A product, sold in one shop."""
    return factories.offer(factories.product("magno"))


def offer_row(offer: Offer, **fields: Any) -> dict[str, Any]:
    row = {"product": offer.product.slug, "merchant": offer.merchant.slug, "country": offer.country}
    return {**row, **fields}


def price_row(offer: Offer, **fields: Any) -> dict[str, Any]:
    row = offer_row(offer, amount="12.90", currency=offer.currency, as_of="2026-11-20 10:00", source="feed")
    return {**row, **fields}


# --- in ------------------------------------------------------------------------------------------------------------


def test_it_works() -> None:
    brand, topic = factories.product("other").brand, factories.topic("magnesium")
    editor = signed_in(Role.EDITOR)
    page = look(editor, "product", sheet({**PRODUCT, "brand": brand.slug}))
    assert (page.context["new"], page.context["changed"]) == (1, 0)
    assert not Product.objects.filter(slug="magno").exists(), "looking saves nothing"
    assert told(confirm(editor, "product", page)) == ["Imported: 1 new."]
    made = Product.objects.get(slug="magno")
    assert (made.name, made.servings_per_pack, made.vegan, list(made.topics.all())) == ("Magno 300", 60, True, [topic])
    assert [(row.compound.slug, row.compound_mg) for row in made.ingredients.all()] == [
        ("oxide", Decimal("300.00")),
        ("citrate-trimagnesium", Decimal("150.50")),
    ]
    entry = LogEntry.objects.get()
    assert (entry.object_id, entry.is_addition()) == (str(made.pk), True)
    assert entry.get_change_message().startswith("Imported from rows.csv: slug, name, brand")


def test_a_column_that_is_left_out_stays_and_an_empty_cell_empties() -> None:
    item = factories.product("magno", vegan=True, short_facts="Round")
    bring_in(signed_in(Role.EDITOR), "product", sheet({"slug": "magno", "vegan": ""}))
    item.refresh_from_db()
    assert (item.vegan, item.short_facts) == (None, "Round")
    assert item.ingredients.count() == 1, "doses were not spoken of"
    assert LogEntry.objects.get().is_change()


def test_doses_become_what_the_row_says() -> None:
    item = factories.product("magno", mg="300", compound="oxide")
    kept = item.ingredients.get()
    editor = signed_in(Role.EDITOR)
    page = look(editor, "product", sheet({"slug": "magno", "ingredients": "oxide 250"}))
    (outcome,) = page.context["outcomes"]
    assert [(one.column, one.before, one.after) for one in outcome.changes] == [
        ("ingredients", "oxide 300", "oxide 250")
    ]
    confirm(editor, "product", page)
    kept.refresh_from_db()
    assert kept.compound_mg == 250
    bring_in(editor, "product", sheet({"slug": "magno", "ingredients": ""}))
    assert not Ingredient.objects.exists()


def test_offers_come_in(shop: Offer) -> None:
    manager = signed_in(Role.AFFILIATE_MANAGER)
    row = offer_row(shop, country="FR", url=f"https://{shop.merchant.host}/fr", currency="EUR", paused="no")
    old = offer_row(shop, url=shop.url, currency=shop.currency, paused="yes")
    assert told(bring_in(manager, "offer", sheet(row, old))) == ["Imported: 1 new, 1 changed."]
    assert Offer.objects.get(country="FR").url.endswith("/fr")
    shop.refresh_from_db()
    assert shop.is_paused


def test_prices_are_added_and_an_import_twice_adds_nothing(shop: Offer) -> None:
    Price.objects.filter(offer=shop)._raw_delete("default")
    manager = signed_in(Role.AFFILIATE_MANAGER)
    data = sheet(price_row(shop), price_row(shop, as_of="2026-11-21T09:30:00+01:00", amount="11.00"))
    bring_in(manager, "price", data)
    stored = list(Price.objects.order_by("as_of").values_list("amount", "max_age_hours"))
    assert stored == [(Decimal("12.90"), 72), (Decimal("11.00"), 72)]
    again = look(manager, "price", data)
    assert (again.context["same"], again.context["seen"]) == (2, "")
    assert "there is nothing to import" in again.content.decode()


def test_bookings_come_in_unapproved() -> None:
    deal = factories.offer(factories.product("magno"))
    factories.slot(slug="band")
    row = {
        "slug": "acme-winter", "slot": "band", "product": "magno", "merchant": deal.merchant.slug,
        "country": deal.country, "advertiser": "Acme", "starts_at": "2027-01-01", "ends_at": "2027-02-01 12:00",
    }  # fmt: skip
    bring_in(signed_in(Role.AFFILIATE_MANAGER), "placement", sheet(row))
    booked = Placement.objects.get()
    assert (booked.approved_at, booked.approved_by, booked.offer, booked.is_active) == (None, "", deal, False)
    assert timezone.localtime(booked.starts_at).isoformat() == "2027-01-01T00:00:00+00:00"
    assert not LedgerEntry.objects.filter(kind="placement").exists()


def test_json_comes_in_too() -> None:
    factories.product("magno", vegan=None)
    data = json.dumps([{"slug": "magno", "vegan": True, "servings_per_day": 2.5}]).encode()
    bring_in(signed_in(Role.EDITOR), "product", data, "rows.json")
    item = Product.objects.get()
    assert (item.vegan, item.servings_per_day) == (True, Decimal("2.5"))


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfslug,name\r\nmagno,Magn\xc3\xa9\r\n",
        b"slug;name\nmagno;Magn\xc3\xa9\n",
        b"Slug\tName\nmagno\tMagn\xc3\xa9\n\n",
        b'name,slug\n"Magn\xc3\xa9","magno"',
    ],
    ids=["mark", "semicolon", "tab", "quoted"],
)
def test_files_as_spreadsheets_write_them(data: bytes) -> None:
    factories.product("magno")
    bring_in(signed_in(Role.EDITOR), "product", data)
    assert Product.objects.get().name == "Magné"


def test_what_was_looked_at_is_what_is_done(shop: Offer) -> None:
    Offer.objects.update(in_stock=True)
    manager = signed_in(Role.AFFILIATE_MANAGER)
    page = look(manager, "offer", sheet(offer_row(shop, in_stock="no")))
    Offer.objects.update(in_stock=None)
    second = confirm(manager, "offer", page)
    assert told(second) == ["Something was changed here since you looked. This is what the file does now."]
    shop.refresh_from_db()
    assert shop.in_stock is None
    confirm(manager, "offer", second)
    shop.refresh_from_db()
    assert shop.in_stock is False


def test_a_preview_of_somebody_else_or_of_nobody_is_refused(shop: Offer) -> None:
    page = look(signed_in(Role.AFFILIATE_MANAGER), "offer", sheet(offer_row(shop, paused="yes")))
    other = signed_in(Role.AFFILIATE_MANAGER, name="other")
    assert "too old or not yours" in told(confirm(other, "offer", page))[0]
    assert "too old or not yours" in told(confirm(other, "price", page))[0], "nor does it fit another list"
    forged = other.post(f"{PAGES['offer']}import/", {"seen": page.context["seen"][:-2] + "xx"}, follow=True)
    assert "too old or not yours" in told(forged)[0]
    shop.refresh_from_db()
    assert not shop.is_paused


def test_a_change_that_breaks_off_leaves_nothing(shop: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    other = factories.offer(factories.product("second"))
    manager = signed_in(Role.AFFILIATE_MANAGER)
    page = look(manager, "offer", sheet(offer_row(shop, paused="yes"), offer_row(other, paused="yes")))
    whole = Offer.save

    def breaks(self: Offer, *args: Any, **kwargs: Any) -> None:
        if self.pk == other.pk:
            raise DatabaseError("disk full")
        whole(self, *args, **kwargs)

    monkeypatch.setattr(Offer, "save", breaks)
    assert said(confirm(manager, "offer", page)) == [(3, "", "", "The database refuses this row: disk full")]
    assert not Offer.objects.filter(is_paused=True).exists()
    assert not LogEntry.objects.exists()


def test_a_fault_of_ours_is_no_row_s_problem(shop: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = signed_in(Role.AFFILIATE_MANAGER)
    monkeypatch.setattr(Offer, "save", lambda *args, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        look(manager, "offer", sheet(offer_row(shop, paused="yes")))


# --- what stays out ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "sentence"),
    [
        (b"", None, "empty"),
        (b"   \n\n", None, "The file is empty"),
        (b"slug,name\n", None, "no rows"),
        ("slug,name\na,b\nmagno,Magné\n".encode("latin-1"), 3, "not in UTF-8: save it as “CSV UTF-8”"),
        ("slug,name\na,b\n".encode("utf-16"), None, "This is a UTF-16 file"),
        (b"PK\x03\x04rest", None, "This is a spreadsheet file"),
        (b"slug,name\nma\x00gno,b\n", None, "This is no text file"),
        (b"slug,,name\na,b,c\n", 1, "A column has no name"),
        (b"slug,name,slug\na,b,c\n", 1, "there twice: slug"),
        (b"slug,name\nmagno,a,b\n", 2, "3 cells under 2 columns: put quotation marks"),
        (b"slug,name,form\nmagno,a\n", 2, "2 cells under 3 columns"),
        (b'slug,name\na,b\nmagno,"open\n', 3, "quotation mark is not closed"),
        (b"slug\n" + b"a\n" * 1001, None, "more than 1000 rows"),
        (b"slug,description\nmagno," + b"x" * (2 * 1024 * 1024), None, "larger than 2 MB"),
        (b'[{"slug": "a"', 1, "This is no JSON"),
        (b'{"slug": "a"}', None, "Write a list of objects"),
        (b'[{"slug": "a"}, {"slug": ["b"]}]', 2, "A value is a list"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_its_line(data: bytes, line: int | None, sentence: str) -> None:
    factories.product("magno")
    page = look(signed_in(Role.EDITOR), "product", data)
    if not data:
        assert sentence in str(page.context["form"].errors["file"])
        return
    ((found, column, cell, words),) = said(page)
    assert (found, column, cell) == (line, "", "")
    assert sentence in words
    assert "Nothing was imported" in page.content.decode()
    assert not LogEntry.objects.exists()


def test_columns_that_are_not_there_are_named() -> None:
    page = look(signed_in(Role.EDITOR), "product", b"nmae,colour\na,b\n")
    assert said(page) == [
        (1, "nmae", "", "There is no such column here. Did you mean “name”?"),
        (1, "colour", "", "There is no such column here. Take it out."),
        (1, "slug", "", "This column is missing: it says which row is meant."),
    ]


def test_too_many_rows_at_once_are_refused() -> None:
    rows = [{"slug": f"item-{number}"} for number in range(301)]
    page = look(signed_in(Role.EDITOR), "product", sheet(*rows))
    assert said(page) == [(302, "", "", "At most 300 products at once: split the file.")]


def test_two_rows_for_one_object_are_refused(shop: Offer) -> None:
    page = look(signed_in(Role.AFFILIATE_MANAGER), "offer", sheet(offer_row(shop), offer_row(shop, paused="yes")))
    assert said(page) == [(3, "country", "", "Line 2 speaks of magno / northshop already: keep one of the two.")]


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"brand": "acmee"}, "brand", "There is no brand “acmee”. Did you mean acme?"),
        ({"brand": "nobody-knows"}, "brand", "There is no brand “nobody-knows”. Add it first."),
        ({"brand": ""}, "brand", "It is empty."),
        ({"name": ""}, "name", "It is empty."),
        ({"name": "x" * 121}, "name", "at most 120 characters"),
        ({"name": "bell\x07"}, "name", "control character"),
        ({"form": "tablets"}, "form", "Write one of: tablet, capsule"),
        ({"vegan": "maybe"}, "vegan", "Write yes or no, or nothing if unknown."),
        ({"label_readable": ""}, "label_readable", "Write yes or no."),
        ({"servings_per_day": "2,5"}, "servings_per_day", "Write a number with a point"),
        ({"servings_per_day": "NaN"}, "servings_per_day", "Write a number with a point"),
        ({"servings_per_day": "99"}, "servings_per_day", "Servings must be above 0, and at most 50 a day."),
        ({"servings_per_pack": "-5"}, "servings_per_pack", "Write a whole number"),
        ({"servings_per_pack": ""}, "servings_per_day", "A supplement needs its servings"),
        ({"gtin": "4.0E+12"}, "gtin", "A GTIN has 8, 12, 13 or 14 digits"),
        ({"recalled_on": "30.11.2026"}, "recalled_on", "year-month-day"),
        ({"recalled_on": "2026-02-30"}, "recalled_on", "year-month-day"),
        ({"recalled_on": "2026-11-01"}, "recall_notice", "Say what was recalled and why"),
        ({"ingredients": "oxide"}, "ingredients", "each compound with its mg a serving"),
        ({"ingredients": "unobtainium 5"}, "ingredients", "There is no compound “unobtainium”"),
        ({"ingredients": "oxide 5; oxide 6"}, "ingredients", "already listed: add up its amounts"),
        ({"ingredients": "oxide 20001"}, "ingredients", "at most 20,000 mg"),
        ({"topics": "magnesium; moon"}, "topics", "There is no topic “moon”"),
    ],
)
def test_a_product_that_is_wrong_says_where_and_what(cells: dict[str, str], column: str, sentence: str) -> None:
    brand = factories.product("other").brand
    type(brand).objects.update(slug="acme")
    factories.topic("magnesium")
    good = {**PRODUCT, "slug": "good"}
    page = look(signed_in(Role.EDITOR), "product", sheet(good, {**PRODUCT, **cells}))
    ((line, found, cell, words), *more) = said(page)
    assert (line, found, more) == (3, column, [])
    assert cell == {**PRODUCT, **cells}.get(column, "")
    assert sentence in words
    assert Product.objects.count() == 1, "the good row stays out too"


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"url": "javascript:alert(1)"}, "url", ""),
        ({"url": "https://elsewhere.example/x"}, "url", "The address is not on"),
        ({"url": "https://127.0.0.1/"}, "url", ""),
        ({"currency": "euro"}, "currency", "three capital letters"),
        ({"currency": ""}, "currency", "It is empty."),
        ({"merchant": "nobody"}, "merchant", "There is no merchant “nobody”"),
        ({"product": "nothing"}, "product", "There is no product “nothing”"),
        ({"ends_at": "tomorrow"}, "ends_at", "Write a moment as 2026-11-30 14:05"),
        ({"ends_at": "2026-13-01 10:00"}, "ends_at", "Write a moment as 2026-11-30 14:05"),
        ({"programme": "none-such"}, "programme", "There is no affiliate programme “none-such”"),
    ],
)
def test_an_offer_that_is_wrong_says_where_and_what(
    cells: dict[str, str], column: str, sentence: str, shop: Offer
) -> None:
    row = offer_row(shop, country="FR", url=f"https://{shop.merchant.host}/fr", currency="EUR")
    page = look(signed_in(Role.AFFILIATE_MANAGER), "offer", sheet({**row, **cells}))
    found = [(line, name, words) for line, name, _cell, words in said(page)]
    assert {(line, name) for line, name, _ in found} == {(2, column)}, found
    assert sentence in found[0][2]
    assert Offer.objects.count() == 1


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"amount": "0"}, "amount", "above 0 and at most 100,000"),
        ({"amount": "-1"}, "amount", "above 0 and at most 100,000"),
        ({"amount": "100000.01"}, "amount", "above 0 and at most 100,000"),
        ({"amount": "1e9"}, "amount", "Write a number with a point"),
        ({"amount": "12,90"}, "amount", "Write a number with a point"),
        ({"amount": "1.999"}, "amount", "no more than 2 decimal places"),
        ({"amount": ""}, "amount", "It is empty."),
        ({"currency": ""}, "currency", "It is empty."),
        ({"currency": "USD"}, "currency", "The offer is in EUR."),
        ({"as_of": ""}, "as_of", "It is empty."),
        ({"as_of": "2099-01-01 00:00"}, "as_of", "can't have been read in the future"),
        ({"source": "hearsay"}, "source", "Write one of: site, feed, api, manual."),
        ({"max_age_hours": "0"}, "max_age_hours", "between one hour and a year"),
        ({"merchant": "nobody"}, "merchant", "There is no such offer of this product: make it first."),
        ({"country": "XX"}, "country", "This offer has another country"),
    ],
)
def test_a_price_that_is_wrong_says_where_and_what(
    cells: dict[str, str], column: str, sentence: str, shop: Offer
) -> None:
    before = Price.objects.count()
    data = sheet(price_row(shop), price_row(shop, as_of="2026-11-21 10:00") | cells)
    page = look(signed_in(Role.AFFILIATE_MANAGER), "price", data)
    ((line, found, _cell, words), *more) = said(page)
    assert (line, found, more) == (3, column, [])
    assert sentence in words
    assert Price.objects.count() == before


def test_a_price_on_record_is_never_changed(shop: Offer) -> None:
    manager = signed_in(Role.AFFILIATE_MANAGER)
    bring_in(manager, "price", sheet(price_row(shop)))
    page = look(manager, "price", sheet(price_row(shop, amount="9.90")))
    ((line, column, _cell, words),) = said(page)
    assert (line, column) == (2, "")
    assert "prices are only added" in words


@pytest.mark.parametrize(
    ("cells", "column", "sentence"),
    [
        ({"ends_at": "2026-12-31"}, "ends_at", "The placement ends before it starts: check the two dates."),
        ({"advertiser": ""}, "advertiser", "It is empty."),
        ({"adjustment": "0.3"}, "adjustment", "the other kinds have none"),
        ({"target_place": "2"}, "target_place", "the other kinds have none"),
        ({"merchant": ""}, "offer", "A band or a button needs the offer it leads to."),
        ({"slot": "nowhere"}, "slot", "There is no slot “nowhere”"),
        ({"approved_by": "Me"}, "approved_by", "This column is for reading"),
        ({"approved_at": "2026-11-01"}, "approved_at", "This column is for reading"),
    ],
)
def test_a_booking_that_is_wrong_says_where_and_what(cells: dict[str, str], column: str, sentence: str) -> None:
    deal = factories.offer(factories.product("magno"))
    factories.slot(slug="band")
    row = {
        "slug": "acme-winter", "slot": "band", "product": "magno", "merchant": deal.merchant.slug,
        "country": deal.country, "advertiser": "Acme", "starts_at": "2027-01-01", "ends_at": "2027-02-01",
    }  # fmt: skip
    page = look(signed_in(Role.AFFILIATE_MANAGER), "placement", sheet({**row, **cells}))
    found = [(line, name, words) for line, name, _cell, words in said(page)]
    assert (2, column) in {(line, name) for line, name, _ in found}, found
    assert any(sentence in words for _line, name, words in found if name == column)
    assert not Placement.objects.exists()


def test_an_approved_booking_keeps_its_terms() -> None:
    booked = factories.placement(factories.product("magno"), factories.slot())
    page = look(
        signed_in(Role.AFFILIATE_MANAGER), "placement", sheet({"slug": booked.slug, "advertiser": "Somebody else"})
    )
    assert "its terms stand" in said(page)[0][3]
    booked.refresh_from_db()
    assert booked.advertiser != "Somebody else"


def test_words_on_live_pages_pass_the_gate() -> None:
    item = factories.product("magno")
    factories.review(item)
    factories.product("draft")
    editor = signed_in(Role.EDITOR)
    page = look(editor, "product", sheet({"slug": "magno", "description": "TODO"}))
    ((line, column, cell, words),) = said(page)
    assert (line, column, cell) == (2, "description", "TODO")
    assert "Readers see it on “" in words
    bring_in(editor, "product", sheet({"slug": "draft", "description": "TODO"}))
    form = editor.get(f"{PAGES['product']}{item.pk}/change/")
    assert form.status_code == 200


# --- who may -------------------------------------------------------------------------------------------------------

MAY_IMPORT = {
    "product": {Role.EDITOR, Role.REVIEWER, Role.PUBLISHER},
    **dict.fromkeys(("offer", "price", "placement"), {Role.AFFILIATE_MANAGER}),
}


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("kind", list(PAGES))
def test_only_roles_that_change_rows_import_them(role: Role, kind: str, shop: Offer) -> None:
    client = signed_in(role)
    may = role in MAY_IMPORT[kind]
    assert client.get(f"{PAGES[kind]}import/").status_code == (200 if may else 403)
    assert look(client, kind, b"slug\nmagno\n").status_code == (200 if may else 403)
    assert client.post(f"{PAGES[kind]}import/", {"seen": "x"}).status_code == (302 if may else 403)
    listed = client.get(PAGES[kind])
    sees = listed.status_code == 200
    assert client.get(f"{PAGES[kind]}export/").status_code == (200 if sees else 403)
    assert client.get(f"{PAGES[kind]}export/?_format=csv").status_code == (200 if sees else 403)
    assert (f'href="{PAGES[kind]}import/"' in listed.content.decode()) is may
    assert (f'href="{PAGES[kind]}export/?"' in listed.content.decode()) is sees


def test_a_row_that_may_not_be_added_is_refused(shop: Offer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OfferAdmin, "has_add_permission", lambda self, request: False)
    row = offer_row(shop, country="FR", url=f"https://{shop.merchant.host}/fr", currency="EUR")
    page = look(signed_in(Role.AFFILIATE_MANAGER), "offer", sheet(row))
    assert said(page) == [(2, "", "", "You may not add rows here.")]


@pytest.mark.parametrize("role", list(Role))
def test_no_export_holds_what_its_reader_may_not_see(role: Role, shop: Offer) -> None:
    AffiliateProgramme.objects.update(commission_percent="7.77", partner_code="secret-code", partner_parameter="tag")
    ClickCount.objects.create(offer=shop, page="/x/", slot="row", day=timezone.localdate(), count=4711)
    client = signed_in(role)
    for kind in PAGES:
        for form in ("csv", "json"):
            answer = client.get(f"{PAGES[kind]}export/?_format={form}")
            if answer.status_code == 403:
                continue
            text = answer.content.decode()
            for secret in ("7.77", "4711", "secret-code", "commission", "click"):
                assert secret not in text, (kind, secret)
            names = "programme" in text.partition("\n")[0] or '"programme"' in text
            assert names == (kind == "offer" and client.get("/admin/products/affiliateprogramme/").status_code == 200)


def test_a_column_that_one_may_not_see_does_not_exist_for_one(shop: Offer) -> None:
    """An editor sees offers and no terms; were one let in, terms could still not be set by a file."""
    names = [name for name, _column in signed_in(Role.EDITOR).get(f"{PAGES['offer']}export/").context["columns"]]
    assert "url" in names
    assert "programme" not in names


# --- out -----------------------------------------------------------------------------------------------------------


def test_what_goes_out_comes_in_again_unchanged() -> None:
    item = factories.product(
        "magno", mg="300", compound="oxide", description='A "tablet", round;\nand =white', vegan=None
    )
    item.topics.add(factories.topic("sleep"), factories.topic("magnesium"))
    Ingredient.objects.create(product=item, compound=Compound.objects.exclude(slug="oxide")[0], compound_mg="12.25")
    deal = factories.offer(item, ends_at=timezone.now() + timedelta(days=3, microseconds=5))
    factories.placement(item, factories.slot(), offer=deal)
    operator = signed_in(is_superuser=True)
    for kind in PAGES:
        for form in ("csv", "json"):
            body = operator.get(f"{PAGES[kind]}export/?_format={form}").content
            page = look(operator, kind, body, f"rows.{form}")
            assert said(page) == [], kind
            assert (page.context["new"], page.context["changed"], page.context["same"]) == (0, 0, 1), (kind, form)


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", '=HYPERLINK("https://evil.example")', " =1"]
)
def test_no_cell_is_run_by_a_spreadsheet(cell: str) -> None:
    factories.product("magno", short_facts=cell)
    operator = signed_in(is_superuser=True)
    (row,) = export(operator, "product")
    assert row["short_facts"] == f"'{cell}"
    assert export(operator, "product", "json")[0]["short_facts"] == cell, "JSON is for programs"
    page = look(operator, "product", operator.get(f"{PAGES['product']}export/?_format=csv").content)
    assert page.context["same"] == 1 or [one.column for one in page.context["outcomes"][0].changes] == ["short_facts"]


def test_numbers_stay_numbers() -> None:
    assert [neutral(cell) for cell in ("-0.3", "+5", "12.90", "-", "-1-1")] == ["-0.3", "+5", "12.90", "'-", "'-1-1"]


def test_an_export_is_what_the_list_shows() -> None:
    factories.product("round", form="tablet")
    factories.product("fine", form="powder")
    editor = signed_in(Role.EDITOR)
    assert [row["slug"] for row in export(editor, "product", query="form__exact=powder")] == ["fine"]
    assert [row["slug"] for row in export(editor, "product", query="q=round")] == ["round"]
    page = editor.get(f"{PAGES['product']}export/?form__exact=powder")
    assert page.context["number"] == 1
    assert "?form__exact=powder&amp;_format=csv" in page.content.decode()
    answer = editor.get(f"{PAGES['product']}export/?_format=csv&_empty=1")
    assert answer.content.decode("utf-8-sig").startswith("slug,name,brand")
    assert answer.content.count(b"\n") == 1
    assert answer["Content-Disposition"].startswith('attachment; filename="products-')


def test_a_filter_that_is_none_leaks_nothing(shop: Offer) -> None:
    editor = signed_in(Role.EDITOR)
    for query in ("programme__commission_percent__gte=5", "clicks__count__gte=1"):
        assert editor.get(f"{PAGES['offer']}export/?{query}&_format=csv").status_code in (302, 400)


def test_exports_ask_few_questions(django_assert_max_num_queries: Any) -> None:
    many: Sequence[Product] = [factories.product(f"item-{number}") for number in range(30)]
    for item in many:
        factories.offer(item)
    operator = signed_in(is_superuser=True)
    for kind in PAGES:
        with django_assert_max_num_queries(15):
            operator.get(f"{PAGES[kind]}export/?_format=csv")


def test_the_ledger_and_the_approval_are_the_admin_s(shop: Offer) -> None:
    """An imported booking is approved like any other, by somebody who may, and only then is it in the ledger."""
    slot = factories.slot(slug="band")
    row = {
        "slug": "acme", "slot": slot.slug, "product": "magno", "merchant": shop.merchant.slug, "country": shop.country,
        "advertiser": "Acme", "starts_at": "2027-01-01", "ends_at": "2027-02-01",
    }  # fmt: skip
    bring_in(signed_in(Role.AFFILIATE_MANAGER), "placement", sheet(row))
    assert not LedgerEntry.objects.filter(kind="placement").exists()
    bookings.approve(Placement.objects.get(), "Ana")
    assert LedgerEntry.objects.filter(kind="placement").count() == 1
