"""Sensitive topics and urgent pages carry nothing that is sold, whatever is booked (promise 10)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.models import Article, Question
from crampinfo.editorial.models import Topic
from products.models import Offer, Placement, Product, Slot
from tests.pages import demo
from tests.pages.reading import COMMERCIAL, Page, get

GUIDE = "/guides/preventing-night-cramps/"
REVIEW = "/reviews/vintermark-bisglycinate-50/"
LIST = "/lists/magnesium-supplements/"


def nothing_is_sold(page: Page) -> bool:
    return page.status == 200 and not page.all(COMMERCIAL) and not page.all("[data-disclosure=top]")


@pytest.mark.parametrize("name", demo.SENSITIVE)
def test_nothing_is_sold_there(name: str, types: dict[str, Page]) -> None:
    assert nothing_is_sold(types[name])


def test_every_text_on_a_sensitive_topic(pages: dict[str, Page]) -> None:
    sensitive = Topic.objects.filter(sensitive=True)
    assert sensitive.count() >= 5
    texts = [text for model in (Article, Question) for text in model.objects.filter(topic__in=sensitive)]
    assert len(texts) > 3
    assert [text for text in texts if not nothing_is_sold(pages[text.get_absolute_url()])] == []


def test_a_guide_that_becomes_sensitive_loses_its_advert_at_once() -> None:
    assert get(GUIDE).all("[data-ad-slot]")
    Topic._base_manager.filter(pk=Article.objects.get(slug="preventing-night-cramps").topic_id).update(sensitive=True)
    assert Placement.objects.active().filter(slot__slug="guide-button").exists(), "it is still booked"
    assert nothing_is_sold(get(GUIDE))


def test_a_guide_that_becomes_urgent_loses_its_advert_at_once() -> None:
    demo.force(Article, "preventing-night-cramps", urgent=True)
    assert nothing_is_sold(get(GUIDE))


def test_a_list_on_a_topic_that_becomes_sensitive() -> None:
    assert get(LIST).all("[data-ad-slot]")
    Topic._base_manager.filter(slug="magnesium").update(sensitive=True)
    assert Placement.objects.active().filter(slot__slug="magnesium-band").exists(), "it is still booked"
    page = get(LIST)
    assert page.all("[data-rank-item]"), "the judgement stays"
    assert nothing_is_sold(page)


def test_a_review_of_a_product_on_a_sensitive_topic() -> None:
    product = Product.objects.get(slug="vintermark-bisglycinate-50")
    assert product.offers.exists()
    product.topics.add(Topic.objects.get(slug="pregnancy"))
    page = get(REVIEW)
    assert "No shop we know offers it now." not in page.text, "that would be false"
    assert nothing_is_sold(page)


def test_nothing_can_be_booked_on_a_sensitive_topic() -> None:
    slot = Slot(slug="children-band", name="Band", kind="band", topic=Topic.objects.get(slug="children"))
    with pytest.raises(ValidationError, match="sensitive topic"):
        slot.full_clean()


def test_nothing_can_be_booked_in_a_slot_that_became_sensitive() -> None:
    slot = Slot.objects.get(slug="magnesium-band")
    Topic._base_manager.filter(pk=slot.topic_id).update(sensitive=True)
    offer = Offer.objects.filter(product__recalled_on=None).select_related("product").first()
    now = timezone.now()
    booking = Placement(
        slug="late", slot=Slot.objects.get(pk=slot.pk), product=offer.product, offer=offer, advertiser="Late Ltd",
        starts_at=now, ends_at=now + timedelta(days=1),
    )  # fmt: skip
    with pytest.raises(ValidationError, match="sensitive topic"):
        booking.save()


def test_red_flags_stand_on_what_is_urgent(types: dict[str, Page]) -> None:
    for name in ("now", "an urgent guide"):
        assert types[name].all("[data-red-flags]"), name
