"""The product models, one noun a file."""

from products.models.catalogue import (
    Brand,
    Category,
    Certification,
    Compound,
    Form,
    Ingredient,
    Product,
    Silhouette,
    daily_dose_expression,
)
from products.models.clickcount import ClickBatch, ClickCount, ClickTotal, Dimension, DoubtfulClick
from products.models.commerce import Offer, Price, PriceSource
from products.models.conflict import ConflictDeclaration
from products.models.conversion import Conversion, ConversionStatus
from products.models.feed import (
    Feed,
    FeedFormat,
    FeedItem,
    FeedRejection,
    FeedRun,
    MatchState,
    RunState,
)
from products.models.linkcheck import LinkCheck, LinkState
from products.models.placement import Placement, terms_asked
from products.models.programme import AffiliateProgramme, LinkMode, Merchant
from products.models.slot import PlacementKind, Slot

__all__ = [
    "AffiliateProgramme",
    "Brand",
    "Category",
    "Certification",
    "ClickBatch",
    "ClickCount",
    "ClickTotal",
    "Compound",
    "ConflictDeclaration",
    "Conversion",
    "ConversionStatus",
    "Dimension",
    "DoubtfulClick",
    "Feed",
    "FeedFormat",
    "FeedItem",
    "FeedRejection",
    "FeedRun",
    "Form",
    "Ingredient",
    "LinkCheck",
    "LinkMode",
    "LinkState",
    "Merchant",
    "MatchState",
    "Offer",
    "Placement",
    "PlacementKind",
    "Price",
    "PriceSource",
    "Product",
    "RunState",
    "Silhouette",
    "Slot",
    "daily_dose_expression",
    "terms_asked",
]
