"""What the public files hold, field by field, for the schema page; tests hold it against the files themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

Rows = Sequence[tuple[str, object]]


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of thing: its name in the files ('' for a heading of words), what it is, and its fields."""

    id: str
    title: object
    about: object
    rows: Rows


ENTRY: Rows = (
    ("number", _("1, 2, 3 … without a gap.")),
    ("at", _("From when it counts. Never earlier than in the entry before.")),
    ("recorded", _("When it was written: the same, except for history that was imported when the ledger was opened.")),
    ("kind", _("What it is about: one of the kinds below.")),
    ("subject", _("Whose state it gives, such as product:12.")),
    ("role", _("In which role somebody acted. Never a name.")),
    ("reason", _("Why, in words for outsiders. May be empty.")),
    ("payload", _("The facts: see the kind. The last entry about a subject counts.")),
    ("removed", _("Only after a removal: the digest of each field that a notice stands in for.")),
    (
        "marks",
        _("The first 8 digits of each field’s digest, by the fields’ names: they name a field that was changed."),
    ),
    ("previous", _("The hash of the entry before; 64 zeros in the first.")),
    ("hash", _("SHA-256 of the fields, the marks and the previous hash, as the script computes it.")),
)
KINDS: Rows = (
    (
        "settings",
        _("site, zone, cap, influenced_lists, limits: the site’s rules. The first entry, and when one changes."),
    ),
    ("methodology", _("slug, version, margin, tie_breaker, weights: the version that counts from now on.")),
    (
        "product",
        _("slug, name, supplement, mg_per_day, label_readable, label_warns_limit, recalled_on: what gates look at."),
    ),
    (
        "score",
        _("score, criterion, value, scored_at, evidence, evidence_note, reference_price: one criterion of a review."),
    ),
    ("review", _("from, until, content: when a review is live; content is the hash of what was published.")),
    (
        "ranking",
        _("slug, title, compensation, methodology, slots, from, until, content: a list, and what is sold on it."),
    ),
    ("listing", _("product, listed: a product was added to a list or dropped from it.")),
    (
        "placement",
        _("slug, slot, sells, product, advertiser, from, until, ended_early, place, points, offer_ends, on_hold."),
    ),
    ("paid_offer", _("offer, merchant, paid, since: whether an offer of a product pays us.")),
    ("publication", _("title, from, until, content: when any other text is live. Moves no place.")),
    ("redaction", _("fields: words of an earlier entry had to go, and why.")),
)
LIST: Rows = (
    (
        "site, licence, schema, demo",
        _("Whose data it is, how it may be used, where this page is, and whether it is invented."),
    ),
    ("ledger", _("Number and hash of the entry from which the list follows.")),
    ("at", _("The moment at which the list was taken.")),
    ("number, slug, title, address", _("Which list. Its entries in the ledger are those of ranking:number.")),
    ("compensation", _("isolated: payment can’t reach order or scores. influenced: it may, in the open.")),
    ("cap", _("By how many points payment may change a shown score at most.")),
    ("methodology", _("version, margin, tie_breaker, weights, criteria: the arithmetic.")),
    ("editorial_order", _("The products in the order without advertising.")),
    ("rows", _("The products in the order shown, each with its inputs, both scores and both places.")),
    ("kept_out", _("What a gate keeps out of the order, and which.")),
    ("placements", _("What is booked on the list and in effect.")),
)
ROW: Rows = (
    ("product, name", _("The product; its review is at /reviews/product/.")),
    ("scores", _("Its scores by criterion, 0 to 10.")),
    ("supplement, mg_per_day, label_readable, label_warns_limit, recalled_on", _("What the gates look at.")),
    ("editorial_score, editorial_place", _("What the editors found.")),
    ("shown_score, shown_place", _("What is shown.")),
    ("paid_by", _("The numbers of its own placements.")),
    ("moved_by", _("The numbers of others’ placements that put it at another place.")),
    ("gates", _("Of a product that is kept out: the gates it fails.")),
)
PLACEMENT: Rows = (
    ("placement", _("Its number: in the ledger it is placement:number.")),
    ("sells", _("band and button: an ad of its own. order: a place. adjustment: points on the shown score.")),
    ("product, advertiser", _("For what, and who pays.")),
    ("from, until", _("When it runs: from the first moment to before the last.")),
    ("place, points", _("What was bought.")),
)


_ENTRY = _("One JSON object a line. The first line is no entry: it says whose the file is and how far it goes.")
_LIST = _("One object. The CSV holds the same rows, after four lines that begin with #.")
_ROW = _("In rows and kept_out, and as columns of the CSV, where each criterion has one of its own.")


def tables() -> list[Table]:
    """The page's tables, in its order."""
    return [
        Table("entry", _("An entry of the ledger"), _ENTRY, ENTRY),
        Table("kinds", _("Kinds of entries"), _("What the payload of each kind holds."), KINDS),
        Table("list", _("A list as JSON"), _LIST, LIST),
        Table("row", _("A row of a list"), _ROW, ROW),
        Table("placement", _("A placement on a list"), _("In placements; the CSV tells them in words."), PLACEMENT),
    ]


def names() -> set[str]:
    """Every field that the page explains, by its name."""
    found: set[str] = set()
    with override("en"):
        for table in tables():
            for name, about in table.rows:
                found |= {part.strip() for part in name.split(",")}
                found |= {part.strip(" .") for part in str(about).partition(":")[0].replace(".", ",").split(",")}
    return found
