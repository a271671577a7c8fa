"""Corrections: what readers are told of an error stands on the page that was wrong, with its day, for good."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from articles.models import Article, Page
from crampinfo.editorial import workflow
from crampinfo.editorial.corrections import LONGEST
from crampinfo.editorial.models import Revision, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import errors_of
from tests.admin.people import signed_in
from tests.admin.test_admin_drafts import keep, opened, page, seen_by_readers

pytestmark = pytest.mark.django_db
WRONG = "We gave the share of magnesium as 16.2 %. The right figure is 11.3 %."


@pytest.fixture
def live() -> Article:
    made: Article = factories.article("why", published=False, body="<p>It is 16.2 %.</p>")
    workflow.publish(made)
    return made


@pytest.fixture
def ines() -> Client:
    return signed_in(Role.PUBLISHER, name="ines")


def correct(client: Client, instance: Any, told: str = WRONG, **changes: Any) -> Any:
    data = opened(client, instance, "publish", **{"body": "<p>It is 11.3 %.</p>", **changes})
    return client.post(page(instance), {**data, "_correction": told})


def test_it_works(live: Article, ines: Client) -> None:
    assert correct(ines, live).status_code == 302
    today = timezone.localdate()
    assert Article.objects.get().corrections == [{"on": today.isoformat(), "text": WRONG}]
    shown = " ".join(seen_by_readers(live).decode().split())
    assert f'<time datetime="{today:%Y-%m-%d}">{date_format(today, "j M Y")}</time></b>: {WRONG}' in shown
    assert Revision.objects.latest("pk").summary.endswith(f"Correction: {WRONG}")


def test_the_newest_stands_first_and_nothing_is_lost(live: Article, ines: Client) -> None:
    correct(ines, live)
    correct(ines, live, "And the unit is mg.", body="<p>It is 11.3 mg.</p>")
    assert [entry["text"] for entry in Article.objects.get().corrections] == ["And the unit is mg.", WRONG]
    ines.post(page(live), opened(ines, live, "publish", title="Another title"))
    assert len(Article.objects.get().corrections) == 2


def test_a_page_without_one_says_nothing(live: Article) -> None:
    assert b'id="corrections"' not in seen_by_readers(live)


def test_without_words_there_is_none(live: Article, ines: Client) -> None:
    correct(ines, live, " \n ")
    assert Article.objects.get().corrections == []


def test_a_draft_of_changes_is_corrected_when_it_is_published(live: Article, ines: Client) -> None:
    keep(signed_in(Role.EDITOR, name="anna"), live, body="<p>It is 11.3 %.</p>")
    data = {**opened(ines, live, "publish"), "_correction": WRONG}
    assert ines.post(page(live), data).status_code == 302
    assert len(Article.objects.get().corrections) == 1
    assert not WorkingCopy.objects.exists()


@pytest.mark.parametrize(
    ("told", "changes", "why"),
    [
        (WRONG, {"body": "<p>It is 16.2 %.</p>"}, "Nothing of the text was changed"),
        ("x" * (LONGEST + 1), {}, "at most 500 characters"),
        ("[insert date]: the figure was wrong.", {}, "insert date"),
    ],
)
def test_refused_and_nothing_typed_is_lost(
    told: str, changes: dict[str, str], why: str, live: Article, ines: Client
) -> None:
    answer = correct(ines, live, told, **changes)
    assert answer.status_code == 200
    assert why in f"{errors_of(answer)} {answer.content.decode()}"
    assert told in answer.content.decode()
    stored = Article.objects.get()
    assert (stored.corrections, stored.body) == ([], "<p>It is 16.2 %.</p>")


def test_the_gate_reads_it(live: Article) -> None:
    live.body = "<p>It is 11.3 %.</p>"
    with pytest.raises(workflow.gate.GateRefused) as refused, workflow.editing(live):
        workflow.publish(live, correction="This product cures leg cramps; we had said that it does not.")
    assert {finding.field for finding in refused.value.findings if finding.stops} == {"corrections[1].text"}
    assert live.corrections == []


def test_what_is_refused_later_leaves_no_trace_in_memory(live: Article) -> None:
    """The retiring time is looked at after the correction was put in its place."""
    live.body, live.retire_at = "<p>It is 11.3 %.</p>", live.publish_at
    with pytest.raises(ValidationError, match="retire before it is published"):
        workflow.publish(live, correction=WRONG)
    assert live.corrections == []


def test_markup_is_words(live: Article, ines: Client) -> None:
    correct(ines, live, "It said <b>16.2 %</b> & not <script>alert(1)</script>.")
    assert b"It said &lt;b&gt;16.2 %&lt;/b&gt; &amp; not &lt;script&gt;" in seen_by_readers(live)


def test_what_nobody_has_seen_needs_none() -> None:
    draft = factories.article("new", published=False)
    with pytest.raises(ValidationError, match="Readers have not seen this text"):
        workflow.publish(draft, correction=WRONG)


def test_nobody_writes_them_past_the_workflow(live: Article, ines: Client) -> None:
    with pytest.raises(FieldError):
        Article.objects.update(corrections=[])
    editor = signed_in(Role.EDITOR, name="anna")
    editor.post(page(live), {**opened(editor, live, "keep", title="Hers"), "_correction": WRONG, "corrections": "[]"})
    assert Article.objects.get().corrections == []
    assert b"_correction" not in editor.get(page(live)).content


@pytest.mark.parametrize("kind", ["review", "ranking", "question", "page"])
def test_every_kind_shows_its_own(kind: str, ines: Client) -> None:
    product = factories.product("magno")
    review = factories.review(product)
    made = {
        "review": lambda: review,
        "ranking": lambda: factories.ranking(products=(product,)),
        "question": lambda: factories.question("why-at-night"),
        "page": lambda: Page.objects.create(slug="about", title="About", summary="Who we are.", body="<p>We.</p>"),
    }[kind]()
    if kind == "page":
        factories.publish(made, at=timezone.now())
    field = "title" if kind == "ranking" else "summary" if kind in ("page", "question") else "verdict"
    with workflow.editing(made):
        setattr(made, field, "Other words than before")
        workflow.publish(made, correction=WRONG)
    assert WRONG.encode() in seen_by_readers(made)
