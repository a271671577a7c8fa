"""The demonstration's own content comes in whole, passes the gate, and comes in again without a change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count

from articles.models import Article, Page, Question
from crampinfo.editorial.models import Author, Publishable, Revision
from products.models import Placement, Product
from reviews.models import Ranking, Review, Score

pytestmark = pytest.mark.django_db
CONTENT = Path(__file__).resolve().parents[2] / "crampinfo" / "site" / "demo" / "content"
PUBLISHABLE: tuple[type[Publishable], ...] = (Article, Question, Page, Review, Ranking)


def test_it_works_and_works_again(content: Any) -> None:
    content.root = CONTENT
    said = content.load()
    assert " 0 changed, 0 unchanged, 0 kept" in said
    for model in PUBLISHABLE:
        assert model.objects.exists()
        assert model.objects.published().count() == model.objects.count()
    _is_whole()
    before = (Revision.objects.count(), Score.objects.count())
    assert " 0 created, 0 changed, " in content.load()
    assert " 0 kept" in content.load()
    assert (Revision.objects.count(), Score.objects.count()) == before


def _is_whole() -> None:
    assert not Author.objects.filter(portrait=None).exists()
    assert not Product.objects.exclude(is_demo=True).exists()
    assert not Review.objects.annotate(cited=Count("citations")).filter(cited=0).exists()
    assert Placement.objects.active().exists()
    assert Article.objects.exclude(translation_of=None).exists()
    assert set(Ranking.objects.values_list("compensation", flat=True)) == {"isolated", "influenced"}
    assert [step.position for step in Page.objects.get(slug="now").steps.all()] == [1, 2, 3, 4]
