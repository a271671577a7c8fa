"""The audit reads every page, asks every rule, and says what came and went (manage.py audit_site)."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.http import HttpResponse
from django.utils import timezone

from articles import views
from articles.models import PAGE_SLUGS, Article
from crampinfo.editorial import ahead
from crampinfo.editorial.acknowledgements import sign
from crampinfo.editorial.models import Reference, Topic
from crampinfo.editorial.roles import Role
from crampinfo.lib.dom import Page
from crampinfo.site.audit import crawl, rules, runs
from crampinfo.site.audit.run import Report, audit
from crampinfo.site.models import AuditRun
from tests import factories
from tests.admin.people import account

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_standing_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The frame links to them on every page; these tests don't write them, and give the topic its description."""
    own = tuple(f"/{slug}/" for slug in PAGE_SLUGS)
    monkeypatch.setattr(crawl, "OUTSIDE", (*crawl.OUTSIDE, *own))
    factories.topic(description="Cramps at night.")


def force(thing: Any, **values: Any) -> None:
    """Past gate and workflow, as a slip in the database would."""
    models.QuerySet(type(thing)).filter(pk=thing.pk).update(**values)


def rule_paths(report: Report) -> set[tuple[str, str]]:
    return {(one.finding.rule_id, one.path) for one in report.said}


def test_a_sound_site_has_nothing(django_assert_max_num_queries: Any) -> None:
    article = factories.article(body='<p>See <a href="/topics/">topics</a>.</p>')
    report = audit()
    assert [str(one.finding) for one in report.said] == []
    assert report.pages >= 13  # indexes, home, the article, its topic and its author
    assert {article.get_absolute_url(), "/", "/authors/maren/", "/topics/night-cramps/"} <= {
        one.visit.path for one in crawl.visits(crawl.live())
    }


class TestFindings:
    def test_a_hash_that_no_longer_matches(self) -> None:
        article = factories.article()
        force(article, key_answer="Pull the toes.")
        assert rule_paths(audit()) == {("PUB-03", "/guides/causes/")}

    def test_a_page_no_gate_has_passed(self) -> None:
        article = factories.article()
        article.gate_hash = ""
        assert [finding.code for finding in rules.hashes(article)] == ["PUB-06"]

    def test_words_that_got_in_past_the_gate(self) -> None:
        article = factories.article()
        force(article, summary="Magnesium cures cramps.")
        assert ("HC-01", "/guides/causes/") in rule_paths(audit())

    def test_words_of_pages_that_have_no_gate(self) -> None:
        factories.article()
        Topic.objects.update(description="[Insert description here]")
        codes = {(one.finding.code, one.path) for one in audit().said}
        assert ("P1", "/topics/night-cramps/") in codes

    def test_a_dead_link(self) -> None:
        article = factories.article()
        force(article, body='<p><a href="/guides/gone/">Gone</a></p>')
        report = audit()
        assert ("SEO-TECH-01", "/guides/gone/") in rule_paths(report)
        (dead,) = [one for one in report.said if one.path == "/guides/gone/"]
        assert dead.finding.excerpt == "linked from /guides/causes/"

    def test_a_page_that_falls_over_is_a_finding(self, monkeypatch: pytest.MonkeyPatch) -> None:
        factories.article()

        def broken(*args: Any, **kwargs: Any) -> HttpResponse:
            raise ZeroDivisionError("no such thing")

        monkeypatch.setattr(views.pages, "render", broken)
        assert ("SEO-TECH-01", "/guides/causes/") in rule_paths(audit())

    def test_a_source_withdrawn_since(self) -> None:
        factories.article()
        Reference.objects.filter(slug="ref-0").update(retracted=True)
        assert rule_paths(audit()) == {("PUB-07", "/guides/causes/")}

    def test_what_somebody_signed_is_told_and_stops_nothing(self) -> None:
        article = factories.article()
        Reference.objects.filter(slug="ref-0").update(retracted=True)
        (one,) = audit().said
        sign(article, one.finding, account(Role.COMPLIANCE), "The retraction concerns another table.")
        report = audit()
        assert (len(report.said), report.blocking) == (1, [])

    def test_two_pages_with_one_title(self) -> None:
        factories.article("a")
        twin = factories.article("b")
        force(twin, title="About a")
        assert {path for rule, path in rule_paths(audit()) if rule == "SEO-TECH-01"} == {"/guides/a/", "/guides/b/"}

    def test_two_pages_that_say_the_same(self) -> None:
        words = "".join(f"<p>Sentence {n} says something of its own here.</p>" for n in range(60))
        factories.article("a", body=words)
        factories.article("b", body=words.replace("Sentence 3 ", "Another "), key_answer="Bend the toes.")
        assert {rule for rule, _path in rule_paths(audit())} == {"SEO-SPAM-02"}

    def test_a_cookie_and_a_stranger(self) -> None:
        visit = crawl.Visit("/", 200, cookies=("session",))
        assert [finding.code for finding in rules.answered(visit)] == ["PRIV-03"]
        page = Page('<script src="https://x.example/a.js"></script><img src="/a"><link rel="me" href="//b.example">')
        assert [finding.excerpt for finding in rules.strangers(page)] == ["https://x.example/a.js"]

    def test_prices_that_grew_old(self) -> None:
        now = timezone.now()
        offer = '<script type="application/ld+json">{"@type":"Product","offers":[1]}</script>'

        def page(hours: int) -> Page:
            return Page(f'<b data-price data-as-of="{(now - timedelta(hours=hours)).isoformat()}">€1</b>{offer}')

        assert list(rules.prices(page(1), now)) == []
        assert [finding.code for finding in rules.prices(page(30), now)] == ["LD-PROD-03"]
        assert [finding.code for finding in rules.prices(page(80), now)] == ["AFF-02", "LD-PROD-03"]

    def test_a_text_that_nobody_has_touched(self) -> None:
        article = factories.article()
        assert list(rules.stale(article)) == []
        (late,) = rules.stale(article, timezone.now() + timedelta(days=600))
        assert (late.code, late.severity) == ("SEO-YMYL-02", "warn")
        assert list(rules.stale(factories.ranking(published=False), timezone.now() + timedelta(days=600))) == []

    def test_the_sitemap_names_what_is_not_indexed(self) -> None:
        head = rules.Head("/a/", 200, indexed=False, title="A", description="B")
        assert [path for path, _finding in rules.sitemap({"/a/"}, [head])] == ["/a/"]
        assert list(rules.sitemap({"/b/"}, [head])) == []


class TestCommand:
    def run(self, *options: str) -> str:
        out = io.StringIO()
        call_command("audit_site", *options, stdout=out, stderr=io.StringIO())
        return out.getvalue()

    def test_a_table_by_rule_and_page(self) -> None:
        force(factories.article(), title="TODO")
        out = io.StringIO()
        with pytest.raises(CommandError, match="stopping"):
            call_command("audit_site", stdout=out, stderr=io.StringIO())
        assert "PUB-01" in out.getvalue()
        assert "  block   /guides/causes/  title: Placeholder or leftover (PUB-01): “TODO”" in out.getvalue()

    def test_json_for_machines_and_exit_status(self) -> None:
        factories.article()
        found = json.loads(self.run("--format=json"))
        assert (found["blocking"], found["warnings"], found["findings"]) == (0, 0, [])
        force(Article.objects.get(), title="TODO")
        with pytest.raises(CommandError):
            self.run()
        assert "TODO" in self.run("--fail-on=never", "--no-keep")
        assert AuditRun.objects.count() == 2

    def test_warnings_fail_only_where_asked(self) -> None:
        Reference.objects.filter(pk=factories.article().citations.first().reference_id).update(
            superseded_by=factories.reference("newer")
        )
        assert "warn" in self.run()
        with pytest.raises(CommandError, match="0 stopping and 1 warning"):
            self.run("--fail-on=warn")


class TestRuns:
    def test_what_came_and_went(self) -> None:
        assert runs.newest() is None
        article = factories.article()
        force(article, title="TODO")
        runs.keep(audit())
        force(article, title="About causes", key_answer="Stretch it.")
        runs.keep(audit())
        news = runs.newest()
        assert news is not None
        assert [one["rule"] for one in news.new] == ["PUB-03"]  # another hash is another finding
        assert "PUB-01" in {one["rule"] for one in news.gone}
        assert news.changed == 0
        factories.article("later")
        assert runs.newest().changed == 1  # type: ignore[union-attr]

    def test_old_runs_are_forgotten(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(runs, "KEPT", 2)
        report = Report(timezone.now(), 1.0, 1, 1, ())
        for _number in range(4):
            runs.keep(report)
        assert AuditRun.objects.count() == 2


def test_the_view_is_asked_as_a_stranger() -> None:
    factories.article()
    assert ahead.public("/guides/causes/").status_code == 200
