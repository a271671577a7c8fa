"""Kinds of content about facts and money: topics, references, evidence, people, products, shops, placements."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from crampinfo.editorial.models import Certainty, Design, Direction
from crampinfo.site.contentfiles.fields import As, Choice, File, Flag, Many, Number, Picture, Ref, Text, When, Whole
from crampinfo.site.contentfiles.items.common import (
    Count,
    Day,
    Demo,
    Figure,
    Language,
    Line,
    Name,
    Prose,
    Topics,
    Value,
    YesNo,
)
from crampinfo.site.contentfiles.markdown import Body
from crampinfo.site.contentfiles.moments import Moment
from crampinfo.site.contentfiles.reading import Item, Parts
from products.models import Category, Form, LinkMode, PlacementKind, PriceSource, Silhouette


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic(Item):
    """A subject."""

    slug: Name
    name: Line
    language: Language
    sensitive: YesNo = False
    description: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome(Item):
    """One measured result of a reference."""

    name: Line
    measure: Line
    unit: Line = ""
    effect: Figure = None
    ci_low: Figure = None
    ci_high: Figure = None
    p: Line = ""
    studies: Count = None
    n: Count = None
    certainty: Annotated[str, Choice(tuple(Certainty.values))] = Certainty.NOT_RATED
    population: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference(Item):
    """A published source."""

    slug: Name
    title: Line
    authors: Line = ""
    year: Count = None
    source: Line
    url: Line = ""
    doi: Line = ""
    pmid: Line = ""
    design: Annotated[str, Choice(tuple(Design.values))]
    population: Line = ""
    n: Count = None
    condition: Line = ""
    treatment: Line = ""
    no_trials_in: Line = ""
    comparator: Line = ""
    dose_note: Line = ""
    weeks: Figure = None
    direction: Annotated[str, Choice(tuple(Direction.values))] = Direction.NOT_APPLICABLE
    certainty: Annotated[str, Choice(tuple(Certainty.values))] = Certainty.NOT_RATED
    superseded_by: Annotated[str, Ref("reference")] = ""
    retracted: YesNo = False
    summary: Prose = ""
    source_status: Annotated[str, Choice(("V1", "V2", "U"))] = ""
    outcomes: Annotated[tuple[Outcome, ...], Parts(Outcome)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence(Item):
    """The evidence box of a topic; outcome is the name of one of the reference's outcomes."""

    slug: Name
    language: Language
    topic: Annotated[str, Ref("topic")]
    statement: Line
    direction: Annotated[str, Choice(tuple(Direction.values))]
    strength: Value
    strength_note: Line
    studied: Line
    population: Line
    result: Line
    reference: Annotated[str, Ref("reference")]
    outcome: Line = ""
    axis_min: Figure = None
    axis_max: Figure = None
    axis_low_label: Line = ""
    axis_high_label: Line = ""
    caption: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential(Item):
    """A qualification of an author."""

    title: Line
    link: Line
    checked_by: Line
    checked_on: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Author(Item):
    """A person; the body is the biography."""

    slug: Name
    name: Line
    role: Line
    portrait: Annotated[Picture | None, File()] = None
    credentials: Annotated[tuple[Credential, ...], Parts(Credential)] = ()
    demo: Demo = False
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Brand(Item):
    """A name on labels."""

    slug: Name
    name: Line
    owner: Line = ""
    country: Line = ""
    website: Line = ""
    owned_by_us: YesNo = False
    demo: Demo = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant(Item):
    """A shop."""

    slug: Name
    name: Line
    host: Line
    country: Line = ""
    website: Line = ""
    demo: Demo = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Programme(Item):
    """The terms under which a shop pays."""

    slug: Name
    merchant: Annotated[str, Ref("merchant")]
    name: Line
    link_mode: Annotated[str, Choice(tuple(LinkMode.values))] = LinkMode.REDIRECT
    required_sentence: Line = ""
    allowed_parameters: Annotated[tuple[str, ...], Many(Text(one_line=True))] = ()
    partner_parameter: Line = ""
    partner_code: Line = ""
    commission_percent: Figure = None
    manual_prices: YesNo = True
    max_price_age_hours: Annotated[int, Whole()] = 72
    starts: Annotated[Moment | None, When(), As("starts_at")] = None
    ends: Annotated[Moment | None, When(), As("ends_at")] = None
    demo: Demo = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredient(Item):
    """mg of one exact compound a serving."""

    compound: Annotated[str, Ref("compound")]
    mg: Annotated[Decimal, Number(), As("compound_mg")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Certification(Item):
    """A certificate on a product."""

    name: Line
    issuer: Line
    link: Line = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price(Item):
    """What an offer cost at one moment."""

    amount: Value
    currency: Line
    shipping: Figure = None
    source: Annotated[str, Choice(tuple(PriceSource.values))]
    as_of: Day
    max_age_hours: Annotated[int, Whole()] = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Item):
    """A product at a shop."""

    merchant: Annotated[str, Ref("merchant")]
    programme: Annotated[str, Ref("programme")] = ""
    url: Line
    country: Line = ""
    currency: Line
    in_stock: Annotated[bool | None, Flag()] = None
    prices: Annotated[tuple[Price, ...], Parts(Price)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Product(Item):
    """Something sold; the body says what it is."""

    slug: Name
    name: Line
    brand: Annotated[str, Ref("brand")]
    category: Annotated[str, Choice(tuple(Category.values))]
    form: Annotated[str, Choice(tuple(Form.values))]
    silhouette: Annotated[str, Choice(tuple(Silhouette.values))] = Silhouette.BOTTLE
    short_facts: Line = ""
    serving_name: Line = ""
    servings_per_pack: Count = None
    servings_per_day: Figure = None
    vegan: Annotated[bool | None, Flag()] = None
    certifications: Annotated[tuple[Certification, ...], Parts(Certification)] = ()
    gtin: Line = ""
    label_readable: YesNo = True
    label_warns_limit: YesNo = False
    label_elemental_mg: Figure = None
    topics: Topics = ()
    recalled_on: Annotated[Moment | None, When()] = None
    recall_notice: Line = ""
    ingredients: Annotated[tuple[Ingredient, ...], Parts(Ingredient)] = ()
    offers: Annotated[tuple[Offer, ...], Parts(Offer)] = ()
    demo: Demo = False
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict(Item):
    """What an author declares about a brand. A relative day keeps its words in the key, so that it stays the same."""

    author: Annotated[str, Ref("author")]
    brand: Annotated[str, Ref("brand")]
    declared_on: Day
    has_conflict: YesNo
    relationship: Line = ""
    statement: Line = ""
    demo: Demo = False

    @property
    def key(self) -> str:
        """Author, brand and day."""
        return f"{self.author}/{self.brand}/{self.declared_on.words}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Item):
    """A place that can be sold."""

    slug: Name
    name: Line
    kind: Annotated[str, Choice(tuple(PlacementKind.values))]
    topic: Annotated[str, Ref("topic")] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement(Item):
    """A booking; offer_merchant says through which of the product's offers it links."""

    slug: Name
    slot: Annotated[str, Ref("slot")]
    product: Annotated[str, Ref("product")]
    offer_merchant: Annotated[str, Ref("merchant")] = ""
    advertiser: Line
    starts: Annotated[Moment, When(), As("starts_at")]
    ends: Annotated[Moment, When(), As("ends_at")]
    target_place: Count = None
    adjustment: Figure = None
    headline: Line = ""
    text: Line = ""
    approved_by: Line = ""
    demo: Demo = False
