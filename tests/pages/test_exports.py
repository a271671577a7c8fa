"""What readers take home: it agrees with the pages, the stand-alone script confirms it, and it says whose it is."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from crampinfo.editorial import ledger, ledgerfile
from crampinfo.editorial.models import LedgerEntry
from crampinfo.lib import shown
from crampinfo.site import exports as downloads
from crampinfo.site import schema
from crampinfo.site.pagecache import asking
from products.models import Placement, Product
from reviews import exports
from reviews.models import Ranking
from tests.pages import demo, reading
from tests.pages.reading import Page, visible
from tests.pages.test_time_machine import score_again

LISTS = ("accessories", "magnesium-supplements")
LEDGER = "/transparency/ledger.jsonl"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
LICENCE = "CC BY 4.0"


def json_of(slug: str) -> dict[str, Any]:
    page = reading.get(f"/lists/{slug}/list.json")
    assert page.status == 200
    found: dict[str, Any] = json.loads(page.content)
    return found


def csv_of(slug: str) -> tuple[list[str], list[dict[str, str]]]:
    """Its lines about itself, and its table."""
    lines = reading.get(f"/lists/{slug}/list.csv").content.decode("utf-8-sig").splitlines()
    about = [line for line in lines if line.startswith("#")]
    return about, list(csv.DictReader(StringIO("\n".join(lines[len(about) :]))))


def feed_of(slug: str) -> ElementTree.Element:
    return ElementTree.fromstring(reading.get(f"/lists/{slug}/changes.atom").content)


def said(element: ElementTree.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, ATOM)]


def rows(page: Page) -> list[tuple[str, str, str]]:
    """Name, place as printed without the sign of sharing, editorial score."""
    found = []
    for row in page.all("[data-ranking] li.row:not(.row-none)"):
        place = (
            visible(row.select(".row-place")[0]).removeprefix("Shown ").removeprefix("Place ").removeprefix("place ")
        )
        name, score = visible(row.select("h3")[0]), visible(row.select("[data-score]")[0])
        found.append((name, place.partition(",")[0].strip(" ="), score))
    return found


def tenth(number: str) -> str:
    return f"{float(number):.1f}"


def verify(folder: Path, *names: str) -> subprocess.CompletedProcess[str]:
    """Run the script as a reader would, after downloading everything."""
    (folder / "ledger.jsonl").write_bytes(reading.get(LEDGER).content)
    (folder / "verify_ledger.py").write_bytes(reading.get("/transparency/verify_ledger.py").content)
    for slug in LISTS:
        (folder / f"{slug}.json").write_bytes(reading.get(f"/lists/{slug}/list.json").content)
    command = [sys.executable, "-I", "verify_ledger.py", "ledger.jsonl", *names]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


class TestRoundTrip:
    """Downloaded, checked by the script, and the same as on the page."""

    def test_it_works(self, tmp_path: Path) -> None:
        run = verify(tmp_path, *(f"{slug}.json" for slug in LISTS))
        head = LedgerEntry.objects.latest("number")
        assert (run.returncode, run.stderr) == (0, "")
        assert run.stdout.endswith(f" 0 problems: {head.hash}\n")
        assert run.stdout.startswith(f"{head.number} entries, ")

    @pytest.mark.parametrize("slug", LISTS)
    def test_the_page_says_the_same(self, slug: str) -> None:
        data = json_of(slug)
        told = [(row["name"], str(row["shown_place"]), tenth(row["editorial_score"])) for row in data["rows"]]
        assert rows(reading.get(f"/lists/{slug}/")) == told
        names = {row["product"]: row["name"] for row in data["rows"]}
        plain = rows(reading.get(f"/lists/{slug}/?order=editorial"))
        assert [name for name, _place, _score in plain] == [names[product] for product in data["editorial_order"]]

    @pytest.mark.parametrize("slug", LISTS)
    def test_the_table_says_the_same(self, slug: str) -> None:
        data, (_about, table) = json_of(slug), csv_of(slug)
        assert [line["product"] for line in table] == [row["product"] for row in (*data["rows"], *data["kept_out"])]
        for line, row in zip(table, data["rows"], strict=False):
            for name in ("shown_place", "editorial_place", "shown_score", "editorial_score", "name"):
                assert line[name] == str(row[name])
            assert {name: line[name] for name in row["scores"]} == row["scores"]
        for line, row in zip(table[len(data["rows"]) :], data["kept_out"], strict=True):
            assert (line["gates"].split(), line["shown_place"]) == (row["gates"], "")

    def test_a_list_that_does_not_follow_is_named(self, tmp_path: Path) -> None:
        data = json_of("accessories")
        data["rows"][0]["shown_score"] = "9.9"
        (tmp_path / "forged.json").write_text(json.dumps(data))
        run = verify(tmp_path, "forged.json", "magnesium-supplements.json")
        assert run.returncode == 1
        assert run.stdout.startswith("forged.json: its rows don't follow from the ledger")
        assert " 1 problems: " in run.stdout

    def test_an_old_copy_is_in_the_new_ledger(self, tmp_path: Path) -> None:
        old = reading.get(LEDGER).content
        score_again("vintermark-bisglycinate-50", "exact-label", "1.0")
        (tmp_path / "old.jsonl").write_bytes(old)
        assert verify(tmp_path, "old.jsonl", ledgerfile.position(ledger.head())["hash"]).returncode == 0

    def test_inputs_are_those_on_record(self) -> None:
        for slug in LISTS:
            for row in (*json_of(slug)["rows"], *json_of(slug)["kept_out"]):
                key = Product.objects.get(slug=row["product"]).pk
                entry = ledger.last("product", f"product:{key}")
                assert entry is not None
                assert {name: row[name] for name in entry.payload if name not in ("slug", "name")} == {
                    name: value for name, value in entry.payload.items() if name not in ("slug", "name")
                }


class TestWhose:
    """Each says whose it is, how it may be used, and how far the ledger went."""

    def test_it_works(self) -> None:
        head = LedgerEntry.objects.latest("number")
        first = json.loads(reading.get(LEDGER).content.splitlines()[0])
        assert first["ledger"] == {"number": head.number, "hash": head.hash}
        assert LICENCE in first["licence"]
        assert first["demo"] is True
        for slug in LISTS:
            data, (about, _table), feed = json_of(slug), csv_of(slug), feed_of(slug)
            assert data["ledger"] == first["ledger"]
            assert {name: data[name] for name in ("site", "licence", "schema", "demo")} == {
                name: first[name] for name in ("site", "licence", "schema", "demo")
            }
            assert any(head.hash in line for line in about)
            assert any(LICENCE in line and data["schema"] in line for line in about)
            assert head.hash in said(feed, "a:subtitle")[0]
            assert LICENCE in said(feed, "a:rights")[0]
            assert head.hash in visible(reading.get(f"/lists/{slug}/").one("section[aria-labelledby=files] .hash"))

    def test_a_real_site_is_no_demo(self, settings: Any) -> None:
        settings.SHOWCASE = True
        assert "demo" not in json_of("accessories")

    def test_ways_in(self) -> None:
        page = reading.get("/transparency/")
        links = {str(link["href"]) for link in page.all("a[href]")}
        assert {LEDGER, "/transparency/verify_ledger.py", "/transparency/schema/"} <= links
        for slug in LISTS:
            files = {f"/lists/{slug}/{name}" for name in ("list.json", "list.csv", "changes.atom")}
            assert files <= links
            own = reading.get(f"/lists/{slug}/")
            assert files <= {str(link["href"]) for link in own.all("a[href]")}
            assert own.one("link[rel=alternate][href$='changes.atom']")

    def test_none_of_them_is_a_page_for_search_engines(self) -> None:
        paths = [
            LEDGER,
            "/transparency/verify_ledger.py",
            *(f"/lists/{LISTS[0]}/{name}" for name in ("list.json", "list.csv", "changes.atom")),
        ]
        assert all(reading.get(path).is_noindex for path in paths)

    def test_the_script_is_short_and_the_one_we_keep(self) -> None:
        page = reading.get("/transparency/verify_ledger.py")
        assert page.content == downloads.SCRIPT.read_bytes()
        assert len(page.content.splitlines()) < 200
        assert "attachment" in page.headers["Content-Disposition"]

    def test_every_field_is_explained(self) -> None:
        known = schema.names()
        entries = [json.loads(line) for line in reading.get(LEDGER).content.splitlines()[1:]]
        fields = {name for entry in entries for name in (*entry, *entry["payload"])}
        lists = [json_of(slug) for slug in LISTS]
        fields |= {name for data in lists for name in (*data, *data["methodology"])}
        fields |= {
            name for data in lists for kind in ("rows", "kept_out", "placements") for row in data[kind] for name in row
        }
        fields |= {entry["kind"] for entry in entries} | {"removed"}
        assert fields - known == set()


class TestStreaming:
    """Whatever their size, no process holds them whole."""

    def test_in_parts(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ledgerfile, "_CHUNK", 50)
        parts = list(ledgerfile.chunks(ledger.head()))
        count = LedgerEntry.objects.count()
        assert [part.count("\n") for part in parts] == [1, *([50] * (count // 50)), count % 50]
        assert "".join(parts).encode() == reading.get(LEDGER).content

    def test_a_query_a_part(self, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        head = ledger.head()
        monkeypatch.setattr(ledgerfile, "_CHUNK", 100)
        with django_assert_num_queries(2):
            assert len(list(ledgerfile.chunks(head))) == 3

    def test_what_is_written_meanwhile_waits_for_the_next(self) -> None:
        parts = ledgerfile.chunks(ledger.head())
        first = json.loads(next(parts))
        ledger.record("x", "a:1", {"n": 1})
        lines = "".join(parts).splitlines()
        assert json.loads(lines[-1])["hash"] == first["ledger"]["hash"]

    def test_no_cache_keeps_the_ledger(self) -> None:
        page = reading.get(LEDGER)
        assert page.headers["Cache-Control"] == "no-store"
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": LEDGER, "HTTP_HOST": "testserver"}
        assert asking.key_of(environ) is None

    @pytest.mark.parametrize("path", [LEDGER, "/lists/accessories/list.json", "/lists/accessories/list.csv"])
    def test_they_are_streamed(self, path: str) -> None:
        response = Client().get(path)
        assert response.streaming
        assert b"".join(response.streaming_content)  # to its end: the client then leaves the database open
        assert Client().head(path).status_code == 200
        assert Client().post(path).status_code == 405

    def test_an_empty_ledger(self) -> None:
        [line] = ledgerfile.chunks(None)
        assert json.loads(line)["ledger"] == {"number": 0, "hash": "0" * 64}

    def test_queries(self) -> None:
        for slug in LISTS:
            assert len(reading.get(f"/lists/{slug}/list.json").queries) <= 12
            assert len(reading.get(f"/lists/{slug}/changes.atom").queries) <= 8


class TestBadInput:
    """Refused in words."""

    @pytest.mark.parametrize("name", ["list.json", "list.csv", "changes.atom"])
    def test_no_such_list(self, name: str) -> None:
        assert reading.get(f"/lists/nothing/{name}").status == 404
        with override_settings(ALLOW_INFLUENCED_LISTS=False):
            assert reading.get(f"/lists/accessories/{name}").status == 404
        demo.force(Ranking, "accessories", publish_at=timezone.now() + timedelta(days=1))
        assert reading.get(f"/lists/accessories/{name}").status == 404

    def test_a_ledger_that_never_stands_still(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def growing() -> LedgerEntry:
            return ledger.record("x", "a:1", {"n": LedgerEntry.objects.count()})

        monkeypatch.setattr(exports.ledger, "head", growing)
        page = reading.get("/lists/accessories/list.json")
        assert (page.status, page.headers["Retry-After"]) == (503, "5")
        assert "ask again in a moment" in page.html

    def test_no_cell_is_a_formula(self) -> None:
        Placement._base_manager.filter(slug="emberlow-adjustment").update(advertiser='=cmd|"/c calc"!A1')
        _about, table = csv_of("accessories")
        [cell] = [line["paid_by"] for line in table if line["product"] == "emberlow-heat-pack"]
        assert cell.startswith("'=cmd")


class TestFeed:
    """What changed, in plain words."""

    def test_it_works(self) -> None:
        feed = feed_of("accessories")
        titles = said(feed, "a:entry/a:title")
        assert titles[0].endswith(
            "Tovemark Oy paid for place 4 for Tovemark Cork Ball " + titles[0].rpartition("Ball ")[2]
        )
        assert any("came in at place" in title for title in titles)
        assert "began with 1 ranked product" in titles[-1]
        assert len(set(said(feed, "a:entry/a:id"))) == len(titles)
        updated = said(feed, "a:entry/a:updated")
        assert updated == sorted(updated, reverse=True)

    def test_an_advertisement_says_so_first(self) -> None:
        assert said(feed_of("accessories"), "a:title")[0].startswith("Advertisement: ")
        assert said(feed_of("accessories"), "a:subtitle")[0].startswith("Advertisement: order influenced by payment.")
        assert "Advertisement" not in said(feed_of("magnesium-supplements"), "a:title")[0]

    def test_a_new_score_with_its_reason(self) -> None:
        score_again("vintermark-bisglycinate-50", "exact-label", "1.0")
        [summary] = said(feed_of("magnesium-supplements"), "a:entry/a:summary")[:1]
        assert "Vintermark Bisglycinate 50 editorial place" in summary
        assert "The label was printed anew." in summary

    def test_each_leads_to_that_day(self) -> None:
        feed = feed_of("magnesium-supplements")
        [entry] = feed.findall("a:entry", ATOM)[:1]
        link = entry.find("a:link", ATOM)
        assert link is not None
        page = reading.get(link.attrib["href"].replace("http://127.0.0.1:8000", ""))
        assert page.all("section[aria-labelledby=since] li")
        assert "Nothing: the list stood the same" not in page.text

    def test_no_way_to_a_shop(self) -> None:
        for slug in LISTS:
            page = reading.get(f"/lists/{slug}/changes.atom")
            assert "/go/" not in page.html
            assert "/demo-shop/" not in page.html
            assert "href" not in "".join(said(feed_of(slug), "a:entry/a:summary"))

    def test_a_name_is_text(self) -> None:
        score_again("vintermark-bisglycinate-50", "exact-label", "1.0")
        product = Product.objects.get(slug="vintermark-bisglycinate-50")
        with TestCase.captureOnCommitCallbacks():
            product.name = "<b>A&B</b>"
            product.save()
        [summary] = said(feed_of("magnesium-supplements"), "a:entry/a:summary")[:1]
        assert "&lt;b&gt;A&amp;B&lt;/b&gt; editorial place" in summary
        assert "<b>" not in summary

    def test_the_day_it_changes_by_itself(self) -> None:
        with shown.recording() as seen, connection.execute_wrapper(seen.statement):
            Client().get("/lists/accessories/changes.atom")
        assert "table:editorial_ledgerentry" in seen.tags
        assert seen.until is not None
        assert seen.until <= timezone.now().timestamp() + 25 * 3600
