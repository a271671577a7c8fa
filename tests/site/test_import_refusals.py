"""What the models, the pictures' door and the publish gate refuse, mapped back to file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from crampinfo.editorial.models import Topic
from products.models import Price
from tests.site.conftest import Content
from tests.standing import standing

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parent / "content" / "refusals.yaml"
PRICE = "{amount: 9.90, currency: EUR, source: site, as_of: 2026-03-01T10:00}"


@pytest.mark.parametrize(
    ("price", "expected"),
    [
        ("{amount: 0, currency: EUR, source: site, as_of: today}", "A price is above 0 and at most 100,000."),
        ("{amount: -3, currency: EUR, source: site, as_of: today}", "A price is above 0 and at most 100,000."),
        ("{amount: 100000.01, currency: EUR, source: site, as_of: today}", "A price is above 0 and at most 100,000."),
        (
            "{amount: 9.999, currency: EUR, source: site, as_of: today}",
            "amount: Ensure that there are no more than 2 decimal places.",
        ),
        ("{amount: 9.99, source: site, as_of: today}", "currency is missing: every object of this kind needs it."),
        ("{amount: 9.99, currency: USD, source: site, as_of: today}", "currency: The offer is in EUR."),
        (
            "{amount: 9.99, currency: EUR, source: label, as_of: today}",
            "source can't be “label”. Use one of: api, feed, manual, site.",
        ),
        (
            "{amount: 9.99, currency: EUR, source: site, as_of: today+2d}",
            "as_of: A price can't have been read in the future.",
        ),
        (
            "{amount: 9.99, currency: EUR, source: site, as_of: today, max_age_hours: 0}",
            "A price may be shown for between one hour and a year.",
        ),
    ],
)
def test_prices(content: Any, price: str, expected: str) -> None:
    content.whole().edit("products/tablet-one.md", PRICE, price)
    assert content.refusal() == f"products/tablet-one.md:31: {expected}"


def cases(*, new: bool) -> Any:
    """Those of a new site, or those of one that holds the content: what is frozen there can't be changed at all."""
    found = [case for case in yaml.safe_load(CASES.read_text()) if case.get("new_site", False) is new]
    return pytest.mark.parametrize("case", found, ids=[f"{case['file']}:{case['line']}" for case in found])


def refused(content: Any, case: dict[str, Any]) -> None:
    content.whole().edit(case["file"], case["old"], case["new"])
    found = content.refusals()
    assert any(line.startswith(f"{case['file']}:{case['line']}: {case['says']}") for line in found), found


@cases(new=True)
def test_one_refusal_on_a_new_site(content: Any, case: dict[str, Any]) -> None:
    refused(content, case)


class TestChanges:
    """One thing is changed of what was imported before."""

    @pytest.fixture(scope="class", autouse=True)
    def _imported(
        self, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
    ) -> Iterator[None]:
        root = tmp_path_factory.mktemp("imported")
        with standing(django_db_blocker, root / "media"):
            Content(root / "content").whole().load()
            yield

    @cases(new=False)
    def test_one_refusal(self, content: Any, case: dict[str, Any]) -> None:
        refused(content, case)


def test_an_adjustment_past_the_cap(content: Any, settings: Any) -> None:
    settings.SCORE_ADJUSTMENT_CAP = 0
    content.whole().edit("slots.yaml", "kind: order", "kind: adjustment")
    content.edit("placements.yaml", "slot: list-band", "slot: list-order").edit(
        "placements.yaml", "demo: true", "adjustment: 0.4"
    )
    assert content.refusal() == "placements.yaml:13: adjustment: 0.4 is past the cap of 0 points."


def test_two_placements_for_one_place(content: Any) -> None:
    content.whole().edit("placements.yaml", "slot: list-band", "slot: list-order").edit(
        "placements.yaml", "demo: true", "target_place: 1"
    )
    text = (content.root / "placements.yaml").read_text().split("items:\n")[1].replace("autumn", "winter")
    content.add("more.yaml", "kind: placements\nitems:\n" + text)
    assert content.refusal().startswith("placements.yaml:3: Plain Ltd has place 1 or this product from ")


def test_pictures_that_are_none(content: Any) -> None:
    content.whole().add("authors/portraits/ana.png", b"GIF89a")
    refused = content.refusal()
    assert refused.startswith("authors/ana-example.md:6: portraits/ana.png: This file is really a GIF, but its name")
    content.add("authors/portraits/ana.png", b"<svg xmlns='x'></svg>")
    assert "This is an SVG drawing" in content.refusal()
    content.add("authors/portraits/ana.png", b"hello")
    assert "This is not a JPEG, PNG, WebP, AVIF or GIF picture" in content.refusal()


@pytest.mark.parametrize("name", ["../whole/a.png", "/etc/passwd", "https://pictures.example/a.png"])
def test_pictures_lie_beside_their_file(content: Any, name: str) -> None:
    content.whole().edit("authors/ana-example.md", "portraits/ana.png", name)
    expected = f"portrait: The picture “{name}” must lie beside this file: write its name alone, such as portrait.png."
    assert content.refusals()[0] == f"authors/ana-example.md:6: {expected}"


def test_a_missing_picture(content: Any) -> None:
    content.whole().edit("authors/ana-example.md", "portraits/ana.png", "ana.png")
    expected = "authors/ana-example.md:6: portrait: There is no picture ana.png beside this file"
    assert content.refusal().startswith(expected)


def test_the_publish_gate_is_asked(content: Any) -> None:
    content.whole().edit("pages/now.md", "Ask a pharmacist.", "Ask a\npharmacist [Insert name here].")
    (refused,) = content.refusals()
    assert refused.startswith("pages/now.md:18: P1 body: ")
    assert "[Insert name here]" in refused
    assert Topic.objects.count() == 0


def test_the_gate_finds_the_line_in_a_part(content: Any) -> None:
    content.whole().edit("pages/now.md", "Then rest.", "TODO rest.")
    assert content.refusals()[0].startswith("pages/now.md:10: P1 steps[2].text: ")


def test_a_chain_of_dependents_is_not_reported(content: Any) -> None:
    content.whole().edit("brands.yaml", "country: NO", "country: Norway")
    assert content.refusal() == "brands.yaml:3: country: Ensure this value has at most 2 characters (it has 6)."
    assert Price.objects.count() == 0
