"""Feeds as they come: four formats, every encoding mistake, bombs and broken files; and prices as shops write them."""

from __future__ import annotations

import gzip
import io
import json
import tracemalloc
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from products.feeds import amounts, reading, rows
from products.feeds.reading import FeedError, Raw
from products.feeds.rows import RowError


def read(text: str | bytes, form: str = "csv", encoding: str = "utf-8") -> list[Raw]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(reading.read(io.BytesIO(data), form, encoding))


RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Shop</title>
<item><g:id>1</g:id><title>Acme &amp; Co</title><link>https://s.example/1</link><g:price>12.99 EUR</g:price></item>
<item><g:id>2</g:id><title>B</title><link>https://s.example/2</link><g:price>1.00 EUR</g:price></item></channel>
</rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0">
<entry><g:id>1</g:id><title>Acme</title><link href="https://s.example/1"/><g:price>12.99 EUR</g:price></entry></feed>"""


def test_it_works() -> None:
    assert read("id,title\n1,Acme\n2,B\n") == [
        Raw(1, {"id": "1", "title": "Acme"}),
        Raw(2, {"id": "2", "title": "B"}),
    ]


class TestFormats:
    @pytest.mark.parametrize("mark", [",", ";", "|", "\t"])
    def test_any_separator(self, mark: str) -> None:
        assert read(f"id{mark}title\n1{mark}Acme") == [Raw(1, {"id": "1", "title": "Acme"})]

    def test_quoted_line_breaks(self) -> None:
        assert read('id,title\n1,"Acme\n100"\n2,B') == [
            Raw(1, {"id": "1", "title": "Acme\n100"}),
            Raw(2, {"id": "2", "title": "B"}),
        ]

    def test_tsv_has_no_quotes(self) -> None:
        assert read('id\ttitle\n1\t12" ruler', "tsv")[0].columns["title"] == '12" ruler'

    def test_rss(self) -> None:
        found = read(RSS, "xml")
        assert [raw.columns["id"] for raw in found] == ["1", "2"]
        assert found[0].columns == {
            "id": "1", "title": "Acme & Co", "link": "https://s.example/1", "price": "12.99 EUR",
        }  # fmt: skip

    def test_delivery_in_xml_reads_as_in_tables(self) -> None:
        costs = "".join(
            f"<g:shipping><g:country>{where}</g:country><g:price>{cost} EUR</g:price></g:shipping>"
            for where, cost in (("GB", "6.00"), ("IE", "4.50"))
        )
        feed = (
            f'<rss xmlns:g="http://base.google.com/ns/1.0"><channel><item><g:id>1</g:id>{costs}</item></channel></rss>'
        )
        (raw,) = reading.read(io.BytesIO(feed.encode()), "xml")
        assert raw.columns["shipping"] == "GB:::6.00 EUR,IE:::4.50 EUR"

    def test_atom(self) -> None:
        assert read(ATOM, "xml")[0].columns["link"] == "https://s.example/1"

    @pytest.mark.parametrize(
        "text",
        [
            '[{"id": 1, "price": {"value": 12.5}}, {"id": 2}]',
            '{"products": [{"id": 1, "price": {"value": 12.5}}, {"id": 2}], "more": {}}',
            '{"id": 1, "price": {"value": 12.5}}\n{"id": 2}\n',
        ],
    )
    def test_json(self, text: str) -> None:
        assert read(text, "json") == [Raw(1, {"id": "1", "price.value": "12.5"}), Raw(2, {"id": "2"})]

    def test_json_across_its_parts(self) -> None:
        many = [{"id": number, "title": "x" * 997} for number in range(500)]
        assert [raw.columns["id"] for raw in read(json.dumps(many), "json")] == [str(n) for n in range(500)]

    def test_gzip(self) -> None:
        assert len(read(gzip.compress(b"id\n1\n2"))) == 2


class TestEncodings:
    @pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16"])
    def test_a_mark_at_the_beginning_wins(self, codec: str) -> None:
        assert read("id,title\n1,Müsli".encode(codec))[0].columns == {"id": "1", "title": "Müsli"}

    def test_the_feed_s_own(self) -> None:
        assert read("id,title\n1,Müsli €".encode("cp1252"), encoding="cp1252")[0].columns["title"] == "Müsli €"

    def test_a_wrong_one_spoils_its_row_alone(self) -> None:
        found = read(b"id,title\n1,Plain\n" + "2,Müsli\n".encode("cp1252") + b"3,Plain")
        assert [bool(raw.trouble) for raw in found] == [False, True, False]
        assert "encoding" in found[1].trouble


class TestBadFiles:
    def test_an_entity_bomb(self) -> None:
        bomb = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><rss><item><id>&b;</id></item></rss>'
        with pytest.raises(FeedError, match="entities"):
            read(bomb, "xml")

    def test_a_file_from_outside(self) -> None:
        with pytest.raises(FeedError, match="document type"):
            read('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss><item><id>&a;</id></item></rss>', "xml")

    @pytest.mark.parametrize("text", ["<rss><item><id>1</id></item><item>", "<rss><item><id>1</id></item></wrong>"])
    def test_broken_xml_keeps_what_came_before(self, text: str) -> None:
        found = reading.read(io.BytesIO(text.encode()), "xml")
        assert next(found).columns == {"id": "1"}
        with pytest.raises(FeedError, match="After row 1"):
            list(found)

    def test_broken_json_keeps_what_came_before(self) -> None:
        found = reading.read(io.BytesIO(b'[{"id": 1}, {"id": '), "json")
        assert next(found).columns == {"id": "1"}
        with pytest.raises(FeedError, match="After row 1"):
            list(found)

    @pytest.mark.parametrize("form", ["csv", "tsv", "xml", "json"])
    def test_ten_million_columns_fit_in_no_memory(self, form: str) -> None:
        many = {
            "csv": b"id,title\n" + b"x," * 10_000_000 + b"\n1,Good\n",
            "tsv": b"id\ttitle\n" + b"x\t" * 10_000_000 + b"\n1\tGood\n",
            "xml": b"<rss><item>" + b"<a/>" * 5_000_000 + b"</item></rss>",
            "json": b'[{"a": [' + b"1," * 10_000_000 + b"1]}]",
        }[form]
        tracemalloc.start()
        try:
            if form in ("xml", "json"):
                with pytest.raises(FeedError, match="over a million"):
                    list(reading.read(io.BytesIO(many), form))
            else:
                found = list(reading.read(io.BytesIO(many), form))
                assert found[0].trouble
                assert found[1].columns == {"id": "1", "title": "Good"}
        finally:
            most = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
        assert most < 150_000_000

    def test_columns_without_end_in_the_heading(self) -> None:
        with pytest.raises(FeedError):
            read(b"x," * 10_000_000)
        with pytest.raises(FeedError, match="600 columns"):
            read(",".join(f"c{n}" for n in range(600)))

    def test_more_cells_than_columns(self) -> None:
        assert "3 columns" in read("id,title\n1,A,B")[0].trouble

    def test_a_quotation_mark_that_never_closes(self) -> None:
        text = 'id,title\n1,"A\n' + "2,B\n" * 100_000
        assert read(text)[0].trouble

    @pytest.mark.parametrize("form", ["csv", "tsv", "xml", "json"])
    @pytest.mark.parametrize("data", [b"", b"\0", b"\xff\xfe", b"\x1f\x8b", b"   \n", b"{", b"<", b"id\n\0\n"])
    def test_rubbish_is_a_clear_error_or_no_row(self, form: str, data: bytes) -> None:
        with suppress(FeedError):
            assert len(list(reading.read(io.BytesIO(data), form))) <= 1

    @given(data=st.binary(max_size=300), form=st.sampled_from(["csv", "tsv", "xml", "json"]))
    def test_nothing_else_is_ever_raised(self, data: bytes, form: str) -> None:
        with suppress(FeedError, RowError):
            for raw in reading.read(io.BytesIO(data), form):
                rows.understand(raw, {"id": "id"}, "s.example", "EUR")


class TestPrices:
    @pytest.mark.parametrize(
        ("text", "amount", "code"),
        [
            ("12.99 EUR", "12.99", "EUR"), ("EUR 12,99", "12.99", "EUR"), ("12,99 €", "12.99", "EUR"),
            ("1.234,56 €", "1234.56", "EUR"), ("€1,234.56", "1234.56", "EUR"), ("1 234,56 EUR", "1234.56", "EUR"),
            ("1'234.50 CHF", "1234.50", "CHF"), ("£8", "8", "GBP"), ("1\u00a0234,5 zł", "1234.5", "PLN"),
            ("US$ 12.99", "12.99", "USD"), ("0.999 EUR", None, ""), ("1,234,567.00 USD", None, ""),
        ],
    )  # fmt: skip
    def test_as_shops_write_them(self, text: str, amount: str | None, code: str) -> None:
        if amount is None:
            with pytest.raises(ValueError, match="price"):
                amounts.read(text)
        else:
            assert amounts.read(text) == (Decimal(amount), code)

    def test_the_feed_s_currency_where_none_is_named(self) -> None:
        assert amounts.read("12.99", "EUR") == (Decimal("12.99"), "EUR")
        assert amounts.read("$12.99", "CAD") == (Decimal("12.99"), "CAD")

    @pytest.mark.parametrize(
        ("text", "default", "why"),
        [
            ("$12.99/2pk", "USD", "no single price"), ("from 9.99 EUR", "", "no single price"),
            ("9-12 EUR", "", "no single"),
            ("", "EUR", "no price"), ("free", "EUR", "no single price"), ("-5 EUR", "", "negative"),
            ("0", "EUR", "not a price"),
            ("12.99", "", "currency is missing"), ("$12.99", "", "which dollar"), ("$12.99", "EUR", "which dollar"),
            ("12.99 EUR", "GBP", "in EUR"), ("€12.99 USD", "", "two currencies"),
            ("1.234", "EUR", "thousand or a fraction"),
            ("1,23,4 EUR", "", "odd places"), ("12.9 9 EUR", "", "gaps"), ("¥100", "", "several currencies"),
            ("1e5 EUR", "", "no single price"), ("٣ EUR", "", "no single price"), ("9" * 30, "EUR", "mistake"),
            ("9" * 10**6, "EUR", "no single"),
            ("NaN EUR", "", "no single price"),
        ],
    )  # fmt: skip
    def test_what_could_mean_two_things_is_refused(self, text: str, default: str, why: str) -> None:
        with pytest.raises(ValueError, match=why):
            amounts.read(text, default)

    @given(st.text(max_size=30))
    def test_nothing_but_a_price_or_a_sentence(self, text: str) -> None:
        with suppress(ValueError):
            amount, code = amounts.read(text, "EUR")
            assert amount > 0
            assert code == "EUR"


MAPPING = {name: name for name in ("id", "title", "link", "price", "gtin", "availability", "currency")}
GOOD = {"id": "1", "title": "Acme", "link": "https://s.example/1", "price": "9.99 EUR"}


class TestRows:
    def understand(self, **columns: str) -> rows.Item:
        return rows.understand(Raw(1, {**GOOD, **columns}), MAPPING, ("s.example",), "")

    def test_it_works(self) -> None:
        item = self.understand(gtin="4006381333931", availability="in_stock")
        assert (item.amount, item.currency, item.gtin, item.in_stock) == (
            Decimal("9.99"),
            "EUR",
            "04006381333931",
            True,
        )

    @pytest.mark.parametrize(
        ("columns", "field"),
        [
            ({"id": ""}, "id"), ({"title": ""}, "title"), ({"link": ""}, "link"), ({"gtin": "4006381333930"}, "gtin"),
            ({"link": "https://user:pw@s.example/"}, "link"), ({"link": "ftp://s.example/"}, "link"),
            ({"link": "https://s.example/a b"}, "link"), ({"link": "https://ѕ.example/"}, "link"),
            ({"link": "https://other.example/"}, "link"), ({"link": "javascript:alert(1)"}, "link"),
            ({"price": ""}, "price"), ({"currency": "euros"}, "currency"),
        ],
    )  # fmt: skip
    def test_a_bad_row_says_where(self, columns: dict[str, str], field: str) -> None:
        with pytest.raises(RowError) as caught:
            self.understand(**columns)
        assert caught.value.field == field

    @pytest.mark.parametrize(
        ("said", "stock"), [("out of stock", False), ("https://schema.org/InStock", True), ("?", None)]
    )
    def test_stock(self, said: str, stock: bool | None) -> None:
        assert self.understand(availability=said).in_stock is stock

    @pytest.mark.parametrize(
        ("said", "cost"),
        [
            ("", None), ("3.95", "3.95"), ("0.00 EUR", "0"), ("IE:::4.50 EUR", "4.50"), ("GB:::4.50 EUR", None),
            ("GB:::6.00 EUR, IE::Post:3.20 EUR, IE::Express:9.00 EUR", "3.20"), (":::2.00 EUR", "2.00"),
        ],
    )  # fmt: skip
    def test_delivery_for_the_feed_s_country(self, said: str, cost: str | None) -> None:
        mapping = {**MAPPING, "shipping": "shipping"}
        item = rows.understand(Raw(1, {**GOOD, "shipping": said}), mapping, ("s.example",), "", "IE")
        assert item.shipping == (None if cost is None else Decimal(cost))

    @pytest.mark.parametrize("said", ["soon", "-1", "4.50 USD", "IE:::cheap"])
    def test_delivery_that_can_t_be_read(self, said: str) -> None:
        with pytest.raises(RowError) as caught:
            rows.understand(
                Raw(1, {**GOOD, "shipping": said}), {**MAPPING, "shipping": "shipping"}, ("s.example",), "", "IE"
            )
        assert caught.value.field == "shipping"

    def test_a_mapping_is_guessed(self) -> None:
        assert rows.guess_mapping(["ean", "product_name", "id"]) == {"id": "id", "title": "product_name", "gtin": "ean"}
