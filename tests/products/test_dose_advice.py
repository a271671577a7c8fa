"""Nobody is told to take more than the limit (U4, HC-21), and what one must know stands above the button (HC-10)."""

from __future__ import annotations

from typing import Any

import pytest

from articles.models import Article
from crampinfo.editorial import ahead, gate, rendered
from crampinfo.lib.dom import Page
from products.pagerules import sold_with_care
from tests import factories

pytestmark = pytest.mark.django_db


def codes(words: str) -> list[str]:
    return [finding.code for finding in gate.inspect(factories.article(published=False, body=f"<p>{words}</p>"))]


@pytest.mark.parametrize(
    "words",
    [
        "Take 600 mg of magnesium nightly.",
        "For magnesium, start with 400 mg a day.",
        "Aim for 1,200 mg magnesium.",
        "Toma 400 mg de magnesio cada noche.",
    ],
)
def test_advice_above_the_limit(words: str) -> None:
    assert codes(words) == ["U4"]


@pytest.mark.parametrize(
    "words",
    [
        "Take 200 mg of magnesium.",
        "Do not take 600 mg of magnesium.",
        "To take 600 mg of magnesium is above the limit of 250 mg.",
        "People in the trial of magnesium had to take 900 mg.",
        "Magnesium: take 617 mg of citrate for 100 mg of it, which is elemental.",
        "Take 600 mg of paracetamol.",
    ],
)
def test_other_amounts(words: str) -> None:
    assert codes(words) == []


def test_gb_alone_allows_more(settings: Any) -> None:
    settings.MARKETS = ("GB",)
    assert codes("Take 400 mg of magnesium.") == []
    settings.MARKETS = ("GB", "EU")
    assert [one.code for one in gate.inspect(Article.objects.get())] == ["U4"]


class TestCareBeforeTheButton:
    def broken(self, thing: Any) -> set[str]:
        html = ahead.html(thing)
        assert rendered.inspect(thing, html) == []
        assert 'aside class="notice care" data-safety' in html
        return {finding.code for finding in rendered.inspect(thing, html.replace('care" data-safety', 'care"'))}

    def test_on_a_review(self) -> None:
        item = factories.product("magno")
        factories.offer(item)
        assert self.broken(factories.review(item)) == {"HC-10"}

    def test_on_a_list(self) -> None:
        item = factories.product("magno")
        factories.offer(item)
        factories.review(item)
        assert self.broken(factories.ranking(products=(item,), published=False)) == {"HC-10"}

    def test_in_a_text(self) -> None:
        offer = factories.offer(factories.product("magno"))
        body = f'<p>See <a data-offer="{offer.pk}">it</a>.</p>'
        text = factories.article(published=False, body=body, red_flags_today="One calf is swollen.")
        assert self.broken(text) == {"HC-10"}

    def test_a_strap_needs_none(self) -> None:
        item = factories.product("strap", category="accessory", mg=None)
        factories.offer(item)
        html = ahead.html(factories.review(item))
        assert "data-safety>" not in html.replace('not-for" data-safety', "")

    def test_above_and_not_below(self) -> None:
        page = Page('<a data-aff href="/go/1/">x</a><aside data-safety>y</aside>')
        assert [finding.code for finding in sold_with_care(page)] == ["HC-10"]


def test_a_text_that_sells_says_when_to_get_help() -> None:
    offer = factories.offer(factories.product("magno"))
    text = factories.article(published=False, body=f'<p><a data-offer="{offer.pk}">it</a></p>')
    assert [finding.code for finding in gate.inspect(text)] == ["HC-25"]
    text.red_flags_today = "One calf is swollen."
    assert gate.inspect(text) == []


def test_a_list_says_above_its_rows_how_it_is_made() -> None:
    item = factories.product("magno")
    factories.review(item)
    ranking = factories.ranking(products=(item,))
    html = ahead.html(ranking)
    broken = html.replace('href="/methodology/magnesium/', 'href="/elsewhere/')
    assert {finding.code for finding in rendered.inspect(ranking, broken)} == {"EU-RANK-02"}
