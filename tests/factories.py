"""Plain functions that make objects with sane defaults; nothing random. Each returns a saved object."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from django.utils import timezone

from articles.models import Article, Question
from crampinfo.editorial import rendered, workflow
from crampinfo.editorial.models import (
    Author,
    Citation,
    Design,
    Evidence,
    Publishable,
    Reference,
    ReferenceOutcome,
    Topic,
)
from products.models import (
    AffiliateProgramme,
    Brand,
    Compound,
    ConflictDeclaration,
    Ingredient,
    Merchant,
    Offer,
    Placement,
    PlacementKind,
    Price,
    Product,
    Slot,
)
from reviews.models import Criterion, Methodology, MethodologyVersion, Ranking, RankingEntry, Review, Score, Weight


def publish(content: Publishable, at: datetime) -> None:
    """Put a prop on the stage through the gate, all but its last step, which renders the page.

    That step is half of the cost of publishing, and has tests of its own (tests/editorial/test_rendered.py), as have
    the paths that lead through it: the admin, the import of the demonstration, the worker.
    """
    with patch.object(rendered, "check", return_value=[]):
        workflow.publish(content, at=at)


def author(slug: str = "maren", **fields: Any) -> Author:
    """An author with a role."""
    return Author.objects.get_or_create(slug=slug, defaults={"name": slug.title(), "role": "Health editor", **fields})[
        0
    ]


def topic(slug: str = "night-cramps", **fields: Any) -> Topic:
    """A topic, not sensitive."""
    return Topic.objects.get_or_create(slug=slug, defaults={"name": slug.replace("-", " ").capitalize(), **fields})[0]


def reference(slug: str = "garrison-2020", **fields: Any) -> Reference:
    """A Cochrane review."""
    defaults = {"title": f"Title of {slug}", "source": "Cochrane", "year": 2020, "design": Design.COCHRANE, **fields}
    return Reference.objects.get_or_create(slug=slug, defaults=defaults)[0]


def evidence(slug: str = "magnesium", **fields: Any) -> Evidence:
    """An evidence box with a drawn outcome."""
    source = reference()
    outcome, _ = ReferenceOutcome.objects.get_or_create(
        reference=source,
        name="cramps a week",
        defaults={
            "measure": "MD",
            "unit": "cramps a week",
            "effect": Decimal("-0.18"),
            "ci_low": Decimal("-0.84"),
            "ci_high": Decimal("0.49"),
        },
    )
    defaults = {
        "topic": topic(),
        "statement": "Little or no effect in older adults.",
        "direction": "no_effect",
        "strength": Decimal("3.5"),
        "strength_note": "Moderate to high certainty",
        "studied": "11 trials",
        "population": "Older adults",
        "result": "RR 1.04",
        "reference": source,
        "outcome": outcome,
        "axis_min": Decimal(-2),
        "axis_max": Decimal(2),
        **fields,
    }
    return Evidence.objects.get_or_create(slug=slug, defaults=defaults)[0]


def article(slug: str = "causes", *, published: bool = True, references: int = 3, **fields: Any) -> Article:
    """A guide with its references, published unless told otherwise."""
    text = Article(**_words(slug, fields))
    return _finish(text, references, published)


def question(slug: str = "why", *, published: bool = True, references: int = 3, **fields: Any) -> Question:
    """A question with its references, published unless told otherwise."""
    text = Question(**_words(slug, fields))
    return _finish(text, references, published)


def _words(slug: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {
        "slug": slug,
        "title": f"About {slug}",
        "summary": f"What is known about {slug}.",
        "key_answer": "Stretch the calf.",
        "body": "<h2>Why</h2><p>Nobody knows.</p><h2>What then</h2><p>Stretch.</p>",
        "author": author(),
        "topic": topic(),
        **fields,
    }


def _finish(text: Any, references: int, published: bool) -> Any:
    text.save()
    for number in range(references):
        Citation.objects.create(content=text, reference=reference(f"ref-{number}"), position=number)
    if published:
        publish(text, at=timezone.now() - timedelta(days=1))
    return text


def brand(slug: str = "acme", **fields: Any) -> Brand:
    """A brand."""
    return Brand.objects.get_or_create(slug=slug, defaults={"name": slug.title(), **fields})[0]


def product(
    slug: str = "acme-100", *, mg: str | None = "617", compound: str = "citrate-trimagnesium", **fields: Any
) -> Product:
    """A supplement: 60 tablets, one a day, mg of one compound a serving (None: no ingredient)."""
    defaults = {
        "name": slug.replace("-", " ").title(),
        "brand": brand(),
        "category": "supplement",
        "form": "tablet",
        "serving_name": "tablet",
        # A review of it is not thin (reviews/originality.py).
        "description": " ".join(f"Line {n} of the label of {slug} is read out here." for n in range(30)),
        "servings_per_pack": 60,
        "servings_per_day": Decimal(1),
        **fields,
    }
    made = Product.objects.create(slug=slug, **defaults)
    if mg is not None:
        Ingredient.objects.create(product=made, compound=Compound.objects.get(slug=compound), compound_mg=Decimal(mg))
    return made


def merchant(slug: str = "northshop", **fields: Any) -> Merchant:
    """A shop on <slug>.example."""
    return Merchant.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "host": f"{slug}.example", **fields}
    )[0]


def programme(slug: str = "north-programme", **fields: Any) -> AffiliateProgramme:
    """A running programme of northshop."""
    defaults = {
        "name": slug.title(),
        "merchant": fields.pop("merchant", None) or merchant(),
        "commission_percent": Decimal(4),
        **fields,
    }
    return AffiliateProgramme.objects.get_or_create(slug=slug, defaults=defaults)[0]


def offer(
    of: Product, *, paid: bool = True, price: str | None = "8.40", at: Merchant | None = None, **fields: Any
) -> Offer:
    """An offer with a price read an hour ago; it pays us unless told otherwise."""
    shop = at or merchant("northshop" if paid else "pharmacy")
    terms = (
        (programme() if shop.slug == "northshop" else programme(f"{shop.slug}-programme", merchant=shop))
        if paid
        else None
    )
    made = Offer(
        product=of,
        merchant=shop,
        programme=terms,
        currency="EUR",
        **{"url": f"https://{shop.host}/p/{of.slug}", **fields},
    )
    made.full_clean()
    made.save()
    if price is not None:
        Price.objects.create(
            offer=made, amount=Decimal(price), currency="EUR", source="feed", as_of=timezone.now() - timedelta(hours=1)
        )
    return made


def methodology(
    slug: str = "label", criteria: tuple[str, ...] = ("label", "dose"), weights: tuple[str, ...] = ("60", "40")
) -> Methodology:
    """A methodology with a frozen version 1; ties are broken by the first criterion."""
    found = Methodology.objects.filter(slug=slug).first()
    if found is not None:
        return found
    made = Methodology.objects.create(slug=slug, title=f"How we score {slug}")
    rows = [
        Criterion.objects.create(methodology=made, slug=name, name=name.title(), description="How.", position=number)
        for number, name in enumerate(criteria)
    ]
    version = MethodologyVersion.objects.create(
        methodology=made, number=1, effective_from=date(2026, 1, 1), tie_breaker=rows[0]
    )
    for row, weight in zip(rows, weights, strict=True):
        Weight.objects.create(version=version, criterion=row, value=Decimal(weight))
    version.freeze()
    made.current_version = version
    made.save()
    return made


def score(of: Review, criterion: str, value: str, *, at: datetime | None = None, **fields: Any) -> Score:
    """A score of one criterion with a reason and evidence."""
    return Score.objects.create(
        review=of,
        criterion=Criterion.objects.get(methodology=of.methodology, slug=criterion),
        value=Decimal(value),
        **{
            "reason": f"Because of {criterion}.",
            "evidence": ["label"],
            "scored_at": at or timezone.now() - timedelta(days=2),
            **fields,
        },
    )


def review(
    of: Product | None = None, *, scores: tuple[str, ...] = ("8.0", "7.0"), published: bool = True, **fields: Any
) -> Review:
    """A review of a product with a score a criterion, published unless told otherwise."""
    item = of or product()
    how = fields.pop("methodology", None) or methodology()
    defaults = {
        "author": author(),
        "acquisition": "bought",
        "verdict": "Clear label.",
        "summary": f"Review of {item}.",
        "dek": "A clear label.",
        "pros": "Clear label\nSmall dose",
        "cons": "Large tablet",
        "not_for": "Anyone with kidney disease.",
        **fields,
    }
    made = Review.objects.create(product=item, methodology=how, **defaults)
    for row, value in zip(how.criteria.order_by("position"), scores, strict=True):
        score(made, row.slug, value)
    ConflictDeclaration.objects.get_or_create(
        author=made.author, brand=item.brand, declared_on=timezone.localdate(), defaults={"has_conflict": False}
    )
    if published:
        publish(made, at=timezone.now() - timedelta(days=1))
    return made


def ranking(
    slug: str = "magnesium", products: tuple[Product, ...] = (), *, published: bool = True, **fields: Any
) -> Ranking:
    """A list of reviewed products; isolated and published unless told otherwise."""
    defaults = {
        "title": f"List of {slug}",
        "short_title": slug.title(),
        "summary": f"A list of {slug}.",
        "dek": "What we compared.",
        "methodology": fields.pop("methodology", None) or methodology(),
        "topic": topic(),
        "evidence": evidence(),
        "author": author(),
        "none_text": "Stretching costs nothing.",
        **fields,
    }
    made = Ranking.objects.create(slug=slug, **defaults)
    for item in products:
        RankingEntry.objects.create(ranking=made, product=item, added_on=timezone.localdate())
    if published:
        publish(made, at=timezone.now() - timedelta(days=1))
    return made


def slot(kind: str = PlacementKind.BAND, slug: str | None = None, **fields: Any) -> Slot:
    """A slot for one kind of placement."""
    name = slug or f"slot-{kind}"
    return Slot.objects.get_or_create(slug=name, defaults={"name": name, "kind": kind, **fields})[0]


def placement(of: Product, into: Slot, **fields: Any) -> Placement:
    """An approved placement in effect from yesterday for ten days."""
    now = timezone.now()
    defaults: dict[str, Any] = {
        "slug": f"placement-{Placement.objects.count() + 1}",
        "advertiser": "Acme Ltd",
        "starts_at": now - timedelta(days=1),
        "ends_at": now + timedelta(days=10),
        "approved_by": "Ines",
        "approved_at": now,
        "headline": "Acme",
        "text": "Words.",
    }
    if into.kind == PlacementKind.ORDER:
        defaults["target_place"] = 1
    elif into.kind == PlacementKind.ADJUSTMENT:
        defaults["adjustment"] = Decimal("0.4")
    else:
        defaults["offer"] = of.offers.first() or offer(of)
    made = Placement(slot=into, product=of, **{**defaults, **fields})
    made.save()
    return made
