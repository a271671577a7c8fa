"""Many times the demonstration, in bulk: one statement a table and a few hundred generations of copies at a time.

    DATABASE_URL=... VAR_DIR=... .venv/bin/python -m bench.seed 100000 [--clicks 1000000]

Half of the objects are guides, half reviews, with everything that stands on their pages. Ids of a copy are those of the
original plus a million for each generation, so that a copy's rows lead to each other.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass

import django

STEP = 1_000_000  # between the ids of two generations
CHUNK = 250  # generations in one statement
LISTED = 1  # generations whose products are on the lists: one full page of rows and the beginning of another


@dataclass(frozen=True)
class Copy:
    """One table: columns that lead into the copy's own generation, and which of the two halves it belongs to."""

    label: str
    own: tuple[str, ...] = ()
    half: str = "reviews"
    most: int | None = None


TABLES = (
    Copy("products.Product"),
    Copy("products.Product.topics", ("product_id",)),
    Copy("products.Ingredient", ("product_id",)),
    Copy("products.Certification", ("product_id",)),
    Copy("products.Offer", ("product_id",)),
    Copy("products.Price", ("offer_id",)),
    Copy("reviews.Review", ("product_id",)),
    Copy("reviews.Score", ("review_id",)),
    Copy("reviews.TestRecord", ("review_id",)),
    Copy("reviews.Badge", ("review_id",)),
    Copy("reviews.RankingEntry", ("product_id",), most=LISTED),
    Copy("articles.Article", half="articles"),
    Copy("articles.Article.topics", ("article_id",), half="articles"),
    Copy("articles.Article.products", ("article_id",), half="articles"),
    Copy("articles.FaqEntry", ("article_id",), half="articles"),
)
EMPTIED = {"gtin": "''", "translation_of_id": "NULL"}


def seed(objects: int, clicks: int) -> None:
    """Grow the demonstration to so many guides and reviews together, with so many counted clicks."""
    from django.db import connection

    from articles.models import Article
    from reviews.models import Review

    generations = {
        "articles": max(0, (objects // 2) // Article.objects.filter(pk__lt=STEP).count()),
        "reviews": max(0, (objects // 2) // Review.objects.filter(pk__lt=STEP).count()),
    }
    with connection.cursor() as cursor:
        for number, copy in enumerate(TABLES, 1):
            last = min(generations[copy.half], copy.most or generations[copy.half])
            for first in range(1, last + 1, CHUNK):
                end = min(first + CHUNK - 1, last)
                cursor.execute(_statement(copy), [first, end])
                _say(f"{number}/{len(TABLES)} {copy.label}: {end * 100 // last} %")
        _citations(cursor, generations)
        _clicks(cursor, clicks)
        _say("counting rows for the planner ...")
        cursor.execute("ANALYZE")
    _say(f"{Article.objects.count():,} guides and {Review.objects.count():,} reviews.", end="\n")


def _model(label: str) -> type:
    from django.apps import apps

    app, name, *relation = label.split(".")
    model = apps.get_model(app, name)
    return getattr(model, relation[0]).through if relation else model


def _numbers() -> str:
    return "WITH RECURSIVE n(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM n WHERE n < %s)"


def _statement(copy: Copy) -> str:
    model = _model(copy.label)
    columns = [str(field.column) for field in model._meta.local_concrete_fields]
    table = model._meta.db_table
    values = ", ".join(_value(copy, column) for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    rows = f'SELECT {values} FROM "{table}" AS t CROSS JOIN n WHERE t.id < {STEP}'
    head = f'INSERT INTO "{table}" ({names})'
    return f"{_numbers()} {head} {rows}" if _is_postgresql() else f"{head} {_numbers()} {rows}"


def _value(copy: Copy, column: str) -> str:
    if column == "id" or column in copy.own:
        return f't."{column}" + n.n * {STEP}'
    if column in EMPTIED:
        return EMPTIED[column]
    if column == "slug":
        return "t.slug || '-x' || n.n"
    if column == "first_published_at":  # spread over the years, so that pages of an index differ
        if _is_postgresql():
            return "t.first_published_at - n.n * interval '7 minutes'"
        return "strftime('%%Y-%%m-%%d %%H:%%M:%%f000', t.first_published_at, '-' || (n.n * 7) || ' minutes')"
    return f't."{column}"'


def _is_postgresql() -> bool:
    from django.db import connection

    return bool(connection.vendor == "postgresql")


def _citations(cursor: object, generations: dict[str, int]) -> None:
    """References of guides and reviews: a generic relation, so each kind of content has its own number."""
    from django.contrib.contenttypes.models import ContentType

    from articles.models import Article
    from reviews.models import Review

    for model, half in ((Article, "articles"), (Review, "reviews")):
        kind = ContentType.objects.get_for_model(model).pk
        sql = _statement(Copy("editorial.Citation", ("object_id",))).replace(
            't."id" + n.n', f't."id" + {STEP // 2 if half == "reviews" else 0} + n.n'
        )
        for first in range(1, generations[half] + 1, CHUNK):
            end = min(first + CHUNK - 1, generations[half])
            cursor.execute(f"{sql} AND t.content_type_id = {kind}", [first, end])  # type: ignore[attr-defined]
            _say(f"references of {half}: {end * 100 // generations[half]} %")


def _clicks(cursor: object, clicks: int) -> None:
    """Counts of many days for the offers there are."""
    from products.models import ClickCount, Offer

    offers = Offer.objects.count()
    if not clicks or not offers:
        return
    table, offer = ClickCount._meta.db_table, Offer._meta.db_table
    day = "current_date - n.n::int" if _is_postgresql() else "date('now', '-' || n.n || ' days')"
    days = max(1, clicks // offers)
    head = f"INSERT INTO {table} (offer_id, page, slot, day, count)"
    body = f"SELECT o.id, 'list-a', 'row', {day}, 1 FROM {offer} AS o CROSS JOIN n ORDER BY n.n, o.id LIMIT {clicks}"
    sql = f"{_numbers()} {head} {body}" if _is_postgresql() else f"{head} {_numbers()} {body}"
    _say(f"{clicks:,} counted clicks ...")
    cursor.execute(sql, [1, days + 1])  # type: ignore[attr-defined]


_began = time.monotonic()


def _say(text: str, end: str = "\r") -> None:
    print(f"\033[K[{time.monotonic() - _began:5.0f} s] {text}", end=end, flush=True)


def main(arguments: list[str]) -> int:
    """Fill the database of DATABASE_URL, which holds the demonstration."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("objects", type=int)
    parser.add_argument("--clicks", type=int, default=0)
    given = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    django.setup()
    seed(given.objects, given.clicks)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
