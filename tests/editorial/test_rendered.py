"""The gate reads the page itself: every page rule fires on a page that breaks it, and on no page as we render it."""

from __future__ import annotations

from typing import Any

import pytest

from articles.models import Article
from crampinfo.editorial import ahead, gate, rendered, workflow
from crampinfo.editorial.findings import Severity
from crampinfo.editorial.models import Picture, Revision, State
from reviews.models import Review
from tests import factories

pytestmark = pytest.mark.django_db


def found(instance: Any, html: str) -> set[str]:
    return {finding.code for finding in rendered.inspect(instance, html)}


def broken(instance: Any, old: str, new: str, count: int = 1) -> set[str]:
    """The codes found on its page with one thing replaced."""
    html = ahead.html(instance)
    assert old in html
    return found(instance, html.replace(old, new, count))


def paid_review() -> Any:
    item = factories.product("magno")
    factories.offer(item)
    return factories.review(item)


def paid_list() -> Any:
    review = paid_review()
    factories.placement(review.product, factories.slot())
    ranking = factories.ranking(products=(review.product,), published=False)
    ranking.slots.add(factories.slot())
    return ranking


def test_it_works() -> None:
    article = factories.article()
    assert rendered.inspect(article) == []
    assert broken(article, "<h1>", "<h4>x</h4><h1>") == {"A11Y-09"}


def test_our_own_pages_break_no_rule() -> None:
    ranking = paid_list()
    review = Review.objects.get()
    body = f'<p>See <a data-offer="{review.product.offers.get().pk}">it</a>.</p>'
    article = factories.article("other", body=body, red_flags_today="One calf is swollen.")
    for instance in (review, ranking, article, factories.question()):
        assert rendered.inspect(instance) == []


class TestEveryPath:
    def test_a_page_that_breaks_a_rule_is_not_published(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rendered, "_rules", [])

        @rendered.rule(Article)
        def never(instance: Any, page: Any) -> Any:
            assert page.first("h1").text() == "About causes"
            yield gate.Finding("X-1", Severity.BLOCK, "page", "", "Why.", "Do it.")

        article = factories.article(published=False)
        with pytest.raises(gate.GateRefused, match=r"X-1 page: Why\. Do it\."):
            workflow.publish(article)
        assert (article.state, article.gate_hash, article.first_published_at) == (State.DRAFT, "", None)
        article.refresh_from_db()
        assert article.state == State.DRAFT
        assert not Revision.objects.filter(summary="Published").exists()

    def test_what_is_scheduled_is_read_as_it_will_stand(self) -> None:
        article = factories.article(published=False, body="<p>Fine.</p>")
        article.publish_at = article.created_at.replace(year=article.created_at.year + 1)
        workflow.publish(article)
        assert Article.objects.published().filter(pk=article.pk).exists() is False
        assert rendered.inspect(article) == []

    def test_the_page_is_read_only_if_nothing_before_stops_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(ahead, "html", lambda instance: pytest.fail("it was rendered"))
        codes = [finding.code for finding in rendered.everything(factories.article(published=False, title="TODO"))]
        assert codes == ["P1"]

    def test_reading_it_changes_nothing(self) -> None:
        article = factories.article(published=False)
        before = dict(article.__dict__)
        rendered.inspect(article)
        assert article.__dict__ == before
        assert Article.objects.get(pk=article.pk).state == State.DRAFT

    def test_no_page_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def gone(instance: Any) -> str:
            raise ahead.NotShown("Readers would find no page.")

        article = factories.article(published=False)
        monkeypatch.setattr(ahead, "html", gone)
        assert [finding.why for finding in rendered.inspect(article)] == ["Readers would find no page."]


class TestFrame:
    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("<title>About causes</title>", "<title></title>"),
            ('<meta name="description"', '<meta name="nothing"'),
            ('<link rel="canonical" href="', '<link rel="canonical" href="https://elsewhere.example'),
            ('<link rel="canonical"', '<link rel="canonical" href="/x"><link rel="canonical"'),
        ],
    )
    def test_title_description_and_address(self, old: str, new: str) -> None:
        assert broken(factories.article(), old, new) == {"SEO-TECH-01"}

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ('<html lang="en-gb"', '<html lang="es"'),
            ("Skip to content", "Saltar al contenido"),
            ("<h1>", "<h1>Again</h1><h1>"),
        ],
    )
    def test_language_and_headings(self, old: str, new: str) -> None:
        assert "A11Y-09" in broken(factories.article(), old, new)

    def test_a_link_that_leads_nowhere_on_the_page(self) -> None:
        assert broken(factories.article(), 'href="#main"', 'href="#gone"') == {"SEO-TECH-01"}

    def test_a_picture_without_words(self) -> None:
        assert broken(factories.article(), "<h1>", '<img src="/x.png" alt=" "><h1>') == {"A11Y-03"}

    def test_a_portrait_of_somebody_else(self) -> None:
        picture = Picture(file="a.png", alt="x", width=2, height=2, digest="d")
        Picture.objects.bulk_create([picture])
        author = factories.author("lena", portrait=Picture.objects.get())
        assert broken(factories.article(author=author), 'alt="Lena"', 'alt="Maren"') == {"SEO-YMYL-01"}

    def test_words_that_stand_in_no_field(self) -> None:
        article = factories.article()
        assert broken(article, "<h1>", "<p>Lorem ipsum</p><h1>") == {"P2"}
        assert broken(article, "<h1>", "<p>Magnesium cures cramps.</p><h1>") == {"D1"}
        assert broken(article, "<h1>", "<p>Magnesium does not cure cramps.</p><h1>") == set()


class TestMoney:
    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('data-disclosure="top"', 'data-disclosure="x"', "US-DISC-01"),
            ('<aside class="disclosure"', '<aside hidden class="disclosure"', "US-DISC-03"),
            ("We earn a commission when you buy through links marked Paid link.", "Read this.", "US-DISC-04"),
            ("Paid link</p>", "Affiliate link</p>", "US-DISC-06"),
            ('rel="sponsored nofollow noopener"', 'rel="nofollow"', "SEO-LINK-01"),
            (" data-aff ", " ", "SEO-LINK-01"),
            (" data-as-of=", " data-x=", "AFF-02"),
        ],
    )
    def test_on_a_review(self, old: str, new: str, code: str) -> None:
        review = paid_review()
        html = ahead.html(review)
        if code == "US-DISC-04":  # both sentences say that something is paid
            html = html.replace("Commission does not change our scores or order.", "")
        assert old in html
        assert code in found(review, html.replace(old, new))

    def test_the_disclosure_comes_first(self) -> None:
        review = paid_review()
        html = ahead.html(review)
        start = html.index('<aside class="disclosure"')
        notice = html[start : html.index("</aside>", start) + len("</aside>")]
        assert "US-DISC-02" in found(review, html.replace(notice, "").replace("</main>", f"{notice}</main>"))

    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('data-ad-label><strong class="money-tag">Ad</strong>', "data-ad-label>Promoted", "US-NAT-01"),
            (" data-ad-label", " data-x", "US-NAT-01"),
            ('<p class="small">Words.</p>', '<p class="small">Stops cramps.</p>', "C1"),
            ('<aside class="ad ad-band"', '<div data-ranking><aside class="ad ad-band"', "US-NAT-04"),
        ],
    )
    def test_on_a_list(self, old: str, new: str, code: str) -> None:
        assert code in broken(paid_list(), old, new)

    def test_an_ad_without_a_name(self) -> None:
        ranking = paid_list()
        html = ahead.html(ranking)
        start = html.index("</strong>", html.index("data-ad-label")) + len("</strong>")
        assert "EU-ADV-03" in found(ranking, html[:start] + html[html.index("</p>", start) :])

    def test_red_flags_come_before_anything_sold(self) -> None:
        review = paid_review()
        offer = review.product.offers.get()
        article = factories.article(
            "sold", body=f'<p><a data-offer="{offer.pk}">it</a></p>', red_flags_today="A swollen calf"
        )
        assert rendered.inspect(article) == []
        html = ahead.html(article)
        start = html.index('<section class="red-flags"')
        flags = html[start : html.index("</section>", start) + len("</section>")]
        assert found(article, html.replace(flags, "").replace("</main>", f"{flags}</main>")) == {"HC-25"}


class TestStructuredData:
    @pytest.mark.parametrize(
        ("old", "new", "code"),
        [
            ('"headline":"About causes"', '"headline":"The best guide"', "LD-00"),
            ('"@type":"Article"', '"@type":"QAPage"', "LD-QA-01"),
            ('"@type":"Article"', '"@type":"FAQPage"', "LD-FAQ-01"),
            ('"@type":"Article"', '"@type":"HowTo"', "LD-HOW-01"),
            ('"@type":"Article"', '"aggregateRating":{"@type":"AggregateRating"},"@type":"Article"', "LD-REV-02"),
            (
                '{"@type":"Article"',
                '{"@type":"Organization","review":{"@type":"Review"}},{"@type":"Article"',
                "LD-REV-04",
            ),
            ('"position":2', '"position":3', "LD-BC-01"),
            ("<head>", '<head><meta name="robots" content="noindex">', "DEMO-01"),
        ],
    )
    def test_of_a_guide(self, old: str, new: str, code: str) -> None:
        assert code in broken(factories.article(), old, new)

    def test_a_rating_that_the_page_does_not_show(self) -> None:
        assert "LD-00" in broken(factories.review(), '"ratingValue":"7.6"', '"ratingValue":"9.6"')
