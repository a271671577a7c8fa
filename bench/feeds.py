"""How fast is a feed read, and in how much memory? 200,000 rows in every format that shops send.

    [DATABASE_URL=postgres://...] VAR_DIR=/somewhere .venv/bin/python -m bench.feeds [--rows 200000]

It works in the database it is given, migrates it, and leaves its shop there. Of the rows a quarter are of other
categories, a quarter match 2,000 products by their GTIN (each once) or repeat one, and half wait for a match.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from typing import IO

import django

PRODUCTS = 2000


def lines(count: int) -> Iterator[dict[str, str]]:
    """Rows as a shop sends them."""
    for number in range(count):
        kind = number % 4
        yield {
            "id": str(number), "title": f"Magnesium bisglycinate {number} capsules, high strength",
            "link": f"https://bench.example/p/{number}", "price": f"{number % 90 + 1}.99 EUR",
            "gtin": gtin(number // 4 % PRODUCTS) if kind == 1 else "", "availability": "in stock",
            "product_type": "Garden > Hoses" if kind == 0 else "Health > Minerals",
        }  # fmt: skip


def gtin(number: int) -> str:
    """A GTIN-13 with its check digit."""
    digits = f"400{number:09d}"
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{(10 - weighted % 10) % 10}"


def written(count: int, form: str) -> IO[bytes]:
    """The file, on disk: it must not count as memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (read by whoever asked for it)
    rows = lines(count)
    names = list(next(lines(1)))
    if form in ("csv", "tsv"):
        mark = "," if form == "csv" else "\t"
        file.write((mark.join(names) + "\n").encode())
        for row in rows:
            cells = (f'"{cell}"' if form == "csv" else cell for cell in row.values())
            file.write((mark.join(cells) + "\n").encode())
    elif form == "xml":
        file.write(b'<rss xmlns:g="http://base.google.com/ns/1.0"><channel>')
        for row in rows:
            inner = "".join(f"<g:{name}>{cell.replace('>', '&gt;')}</g:{name}>" for name, cell in row.items())
            file.write(f"<item>{inner}</item>".encode())
        file.write(b"</channel></rss>")
    else:
        for row in rows:
            file.write((json.dumps(row) + "\n").encode())
    file.seek(0)
    return file


def main() -> None:
    """Read each format, and print rows a second and the process's greatest memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--formats", default="csv,tsv,xml,json")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    django.setup()

    from django.core.management import call_command
    from django.db import connection

    from products.feeds import rows, runs
    from products.models import Brand, Feed, Merchant, Product

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    shop = Merchant.objects.get_or_create(slug="bench", defaults={"name": "Bench", "host": "bench.example"})[0]
    brand = Brand.objects.get_or_create(slug="bench", defaults={"name": "Bench"})[0]
    have = set(Product.objects.filter(brand=brand).values_list("gtin", flat=True))
    Product.objects.bulk_create(
        Product(slug=f"bench-{n}", name=f"Bench {n}", brand=brand, category="accessory", form="other", gtin=gtin(n))
        for n in range(PRODUCTS)
        if gtin(n) not in have
    )
    mapping = rows.guess_mapping(next(lines(1)))
    for form in options.formats.split(","):
        feed = Feed.objects.update_or_create(
            name=f"Bench {form}",
            defaults={"merchant": shop, "format": form, "mapping": mapping, "categories": "minerals"},
        )[0]
        run = runs.begin(feed, written(options.rows, form))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        began = time.perf_counter()
        run = runs.go_on(run)
        took = time.perf_counter() - began
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(
            f"{connection.vendor} {form}: {run.position} rows in {took:.1f} s, {run.position / took:.0f} rows/s, "
            f"{most} MB at most ({before} before); new offers {run.created}, prices {run.updated}, "
            f"waiting {run.waiting}, other categories {run.filtered}, rejected {run.rejected}"
        )


if __name__ == "__main__":
    main()
