"""workflow.editing: a live object changes in steps, all of them through the gate or none."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from articles.models import Article, FaqEntry
from crampinfo.editorial import gate, workflow
from crampinfo.editorial.models import Author, Citation, Reference, Topic

pytestmark = pytest.mark.django_db


@pytest.fixture
def live() -> Article:
    article = Article(
        slug="one",
        title="What causes cramps",
        summary="What is known.",
        key_answer="Mostly nobody knows.",
        body="<p>" + "Calf muscles shorten at night. " * 40 + "</p>",
        author=Author.objects.create(slug="maren", name="Maren Holt", role="Health editor"),
        topic=Topic.objects.create(slug="night", name="Night cramps"),
    )
    article.save()
    source = Reference.objects.create(slug="trial", title="A trial", source="A journal", design="rct")
    Citation.objects.create(content=article, reference=source)
    workflow.publish(article)
    return article


def test_it_works(live: Article) -> None:
    with workflow.editing(live):
        live.title = "What causes leg cramps"
        live.save()
        FaqEntry.objects.create(article=live, question="Why at night?", answer="The foot points down.")
        workflow.publish(live)
    stored = Article.objects.get()
    assert (stored.title, stored.faq.count(), stored.gate_hash) == ("What causes leg cramps", 1, live.gate_hash)


def rename_without_publishing(live: Article) -> None:
    with workflow.editing(live):
        live.title = "Something else"
        live.save()


def add_what_the_gate_refuses(live: Article) -> None:
    with workflow.editing(live):
        FaqEntry.objects.create(article=live, question="Why?", answer="TODO")
        workflow.publish(live)


def test_leaving_without_publishing_saves_nothing(live: Article) -> None:
    with pytest.raises(ValidationError, match="without being published"):
        rename_without_publishing(live)
    assert Article.objects.get().title == "What causes cramps"


def test_a_refusal_of_the_gate_saves_nothing(live: Article) -> None:
    with pytest.raises(gate.GateRefused):
        add_what_the_gate_refuses(live)
    assert FaqEntry.objects.count() == 0


def test_outside_the_block_the_guard_stands(live: Article) -> None:
    with workflow.editing(live):
        pass
    live.title = "Something else"
    with pytest.raises(ValidationError, match="through the gate"):
        live.save()


def test_another_object_is_not_in_hand(live: Article) -> None:
    again = Article.objects.get()
    again.title = "Something else"
    with workflow.editing(live), pytest.raises(ValidationError, match="through the gate"):
        again.save()
