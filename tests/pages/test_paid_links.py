"""No paid link without its disclosure and no advert without its label, on every page (promise 3)."""

from __future__ import annotations

import re
from collections import Counter

from bs4 import Tag

from crampinfo.editorial.models import Disclosure, DisclosureKind
from products.models import AffiliateProgramme, Merchant, Offer
from tests.pages import demo
from tests.pages.reading import Page, get, host_of, name_of, squeeze, visible

Pages = dict[str, Page]
# Which words count as saying that money flows, in both languages.
MONEY_WORDS = re.compile(r"\b(?:commission|paid|pays?|earn|compensat|comisi|pag[aoó])", re.I)
NEAR_WORDS = {"Paid link", "Ad", "Enlace pagado", "Anuncio"}
VAGUE = re.compile(r"promoted|presented by|featured partner|from our partners|brought to you by|sponsored by", re.I)
NEVER_AROUND = ("details", "dialog", "footer", "template", "noscript")
FOUND = "[data-aff], [data-ad-slot]"


def commercial(pages: Pages) -> Pages:
    return {path: page for path, page in pages.items() if page.all(FOUND)}


def said(kind: str, language: str = "en-gb") -> str:
    return str(Disclosure.objects.current(kind, language).get().text)


def test_the_demonstration_shows_every_kind_of_money(pages: Pages, types: Pages) -> None:
    assert types["an isolated list"].all("[data-ad-slot]")
    assert types["a guide"].all("[data-ad-slot]")
    assert types["an influenced list"].all(".row-paid")
    assert sum(path.startswith("/reviews/") for path in commercial(pages)) > 5
    assert any(page.all("p > [data-aff]") for page in pages.values()), "a paid link inside a text"
    assert any(page.all("a[rel='nofollow noopener']") for page in pages.values()), "a shop that pays us nothing"


def test_the_disclosure_comes_first(pages: Pages) -> None:
    """US-DISC-01, -02: once, with words, before the first paid link, advert or ranked row."""
    for path, page in commercial(pages).items():
        assert visible(page.one("[data-disclosure=top]")), path
        above, *below = page.order("[data-disclosure=top]", "[data-aff]", "[data-ad-slot]", "[data-rank-item]")
        assert all(place == -1 or above < place for place in below), path


def test_the_disclosure_is_unavoidable(pages: Pages) -> None:
    """US-DISC-03, -04, -09: nothing folds or hides it, a link to it would not do, and it is short."""
    for path, page in commercial(pages).items():
        disclosure = page.one("[data-disclosure=top]")
        around = [disclosure, *disclosure.parents]
        assert [tag for tag in around if tag.name in NEVER_AROUND or tag.has_attr("hidden")] == [], path
        assert [tag for tag in around if tag.get("aria-hidden") or "visually-hidden" in tag.get("class", [])] == [], (
            path
        )
        words = squeeze(text for text in disclosure.strings if text.parent is None or not text.find_parent("a"))
        assert MONEY_WORDS.search(words), f"{path}: {words}"
        assert len(words.split()) <= 60, f"{path}: {words}"


def test_a_page_without_money_has_no_strip(pages: Pages, types: Pages) -> None:
    """It would be as false as none where there is some; a sample is a connection without a link."""
    bare = [path for path, page in pages.items() if page.all("[data-disclosure=top]") and not page.all(FOUND)]
    assert all(said(DisclosureKind.SAMPLE) in pages[path].text for path in bare), bare
    assert "No ads and no paid links on this page." in types["a question"].text
    assert "No ads and no paid links on this page." not in types["a guide"].text


def test_the_disclosure_follows_the_list(types: Pages) -> None:
    isolated = visible(types["an isolated list"].one("[data-disclosure=top]"))
    influenced = visible(types["an influenced list"].one("[data-disclosure=top]"))
    assert isolated.startswith("Ad disclosure")
    assert influenced.startswith("Advertisement")
    assert said(DisclosureKind.COMMISSION) in isolated
    assert said(DisclosureKind.PLACEMENT) in isolated
    assert said(DisclosureKind.INFLUENCED) in influenced
    assert said(DisclosureKind.INFLUENCED) not in isolated
    assert "does not change our scores or order" not in influenced, "it would stand beside its opposite"


def test_a_sample_is_said(pages: Pages) -> None:
    """US-DISC-11, on each review of something that came free."""
    free = [page for page in pages.values() if "The maker sent us this product free." in page.text]
    assert free, "no demo review is of a sample"
    for page in free:
        assert said(DisclosureKind.SAMPLE) in visible(page.one("[data-disclosure=top]")), page


def test_a_programme_says_its_own_sentence(pages: Pages) -> None:
    """On every page with a link of a programme that demands one, and nowhere else."""
    programme = AffiliateProgramme.objects.get(slug="marktplein-direct")
    linked = {path for path, page in pages.items() if "Check price at Marktplein" in page.text}
    told = {path for path, page in pages.items() if programme.required_sentence in visible(page.soup)}
    assert linked
    assert linked <= told <= linked | {"/transparency/"}


def test_each_paid_link_is_marked(pages: Pages) -> None:
    """SEO-LINK-01, US-DISC-06: rel, and words of money beside it."""
    for path, page in pages.items():
        for link in page.all("a[data-aff]"):
            assert {"sponsored", "nofollow", "noopener"} <= set(link["rel"]), path
            near = _near(link)
            assert near is not None, f"{path}: {link}"
            assert visible(near).strip("()") in NEAR_WORDS, f"{path}: {near}"
        assert {str(link["href"]) for link in page.all("a[href^='/go/']:not([data-aff])")} == set(), path


def _near(link: Tag) -> Tag | None:
    inline = link.find_next_sibling()
    if isinstance(inline, Tag) and inline.get("data-disclosure") == "near":
        return inline
    box = link.find_parent(class_="offer")
    return box.select_one("[data-disclosure=near]") if box else None


def test_no_link_leads_to_a_shop_by_the_back_door(pages: Pages) -> None:
    """SEO-LINK-02: only the paid-link tag writes addresses of shops."""
    hosts = set(Merchant.objects.values_list("host", flat=True))
    assert hosts
    for path, page in pages.items():
        shops = [link for link in page.all("a[href]") if host_of(str(link["href"])) in hosts]
        assert all(link.has_attr("data-aff") or "nofollow" in link["rel"] for link in shops), path


def test_a_shop_that_pays_nothing_is_told_apart(pages: Pages) -> None:
    for path, page in pages.items():
        for link in page.all("a[href^='/demo-shop/']:not([data-aff])"):
            assert "sponsored" not in link["rel"], path
            offer = Offer.objects.get(pk=str(link["href"]).split("/")[2])
            assert not offer.is_paid, f"{path}: {link}"


def test_each_button_has_a_name_of_its_own(pages: Pages) -> None:
    """A11Y-07: which shop, which product, and that it is paid for."""
    for path, page in pages.items():
        names = Counter(name_of(link) for link in page.all("a.button[rel~=nofollow], a[data-aff]"))
        assert [name for name, count in names.items() if count > 1] == [], path
        for link in page.all("a.button[data-aff]"):
            assert re.fullmatch(r"Check price at .+ for .+ \(paid link\)", name_of(link)), name_of(link)


def test_adverts_are_labelled_in_plain_words(pages: Pages) -> None:
    """US-NAT-01 to -04: "Ad" first, its advertiser and end, no number, apart from the ranking."""
    adverts = [(path, slot) for path, page in pages.items() for slot in page.all("[data-ad-slot]")]
    assert len(adverts) >= 2
    for path, slot in adverts:
        label = slot.find(True)
        assert isinstance(label, Tag)
        assert label.has_attr("data-ad-label"), path
        assert visible(label).startswith("Ad Position paid for by the advertiser, "), path
        assert re.search(r"until \d{1,2} \w{3} \d{4}\.", visible(label)), path
        assert not VAGUE.search(visible(slot)), path
        assert slot.find_parent(attrs={"data-ranking": True}) is None, path
        assert slot.find_parent("li") is None, path
        assert slot.select("[data-rank-item], [data-score]") == [], path
    assert not any(VAGUE.search(page.text) for page in pages.values())


def test_nothing_denies_the_money(pages: Pages) -> None:
    """US-DISC-10, US-RANK-02: no claim of independence anywhere."""
    claims = re.compile(r"\b(?:un-?biased|impartial|no ?one pays us|we accept no money|100 ?% independent)\b", re.I)
    assert {path: match[0] for path, page in pages.items() if (match := claims.search(page.text))} == {}


def test_red_flags_come_before_money(pages: Pages) -> None:
    """Care before sale, also on a page that has both."""
    both = [page for page in commercial(pages).values() if page.all("[data-red-flags]")]
    assert both
    for page in both:
        flags, *money = page.order("[data-red-flags]", "[data-aff]", "[data-ad-slot]")
        assert all(place == -1 or flags < place for place in money), page


def test_who_should_not_take_it_comes_before_the_offers(types: Pages) -> None:
    for name in demo.REVIEWS:
        safety, *money = types[name].order("[data-safety]", "a.button[href^='/go/']", "a.button[href^='/demo-shop/']")
        assert safety >= 0, name
        assert all(place == -1 or safety < place for place in money), name


def test_search_sells_nothing(site: None) -> None:
    """US-DISC-05: results have no paid link and so no strip."""
    page = get("/search/?q=magnesium")
    assert page.all(".lines .card")
    assert not page.is_commercial
    assert page.all("[data-disclosure=top]") == []
