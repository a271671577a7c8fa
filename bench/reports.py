"""How long do reports over a million click rows take?

    [DATABASE_URL=postgres://...] VAR_DIR=/somewhere .venv/bin/python -m bench.reports [--rows 1000000]

It works in the database it is given, migrates it, and leaves 730 days of clicks on 300 offers from 60 pages there.
"""

from __future__ import annotations

import argparse
import os
import time
from datetime import timedelta

import django


def main() -> None:
    """Fill, sum the finished days, and time every report over two years."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    django.setup()

    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from crampinfo.lib.chunks import chunks
    from products import reports, totals, trends
    from products.models import Brand, ClickCount, ClickTotal, Merchant, Offer, Product

    call_command("migrate", verbosity=0)
    call_command("createcachetable")
    ClickCount.objects.all()._raw_delete("default")
    ClickTotal.objects.all()._raw_delete("default")
    shop = Merchant.objects.get_or_create(slug="reports", defaults={"name": "R", "host": "reports.example"})[0]
    brand = Brand.objects.get_or_create(slug="reports", defaults={"name": "Reports"})[0]
    if shop.offers.count() < 300:
        items = Product.objects.bulk_create(
            Product(slug=f"reports-{n}", name=f"Reports {n}", brand=brand, category="accessory", form="other")
            for n in range(300)
        )
        Offer.objects.bulk_create(
            Offer(product=item, merchant=shop, url=f"https://reports.example/{item.pk}", currency="EUR")
            for item in items
        )
    offers = list(shop.offers.values_list("pk", flat=True))
    today = timezone.localdate()
    a_day = -(-options.rows // 730)
    rows = (
        ClickCount(
            offer_id=offers[number % 300], page=f"review-reports-{number % 60}", slot=f"row-{number // 300 % 20}",
            day=today - timedelta(days=back), count=number % 7 + 1,
        )
        for back in range(730)
        for number in range(a_day)
    )  # fmt: skip
    for part in chunks(rows, 5000):
        ClickCount.objects.bulk_create(part, batch_size=500)
    began = time.perf_counter()
    totals.roll()
    print(f"{connection.vendor}: {ClickCount.objects.count()} rows, summed in {time.perf_counter() - began:.1f} s")
    first = today - timedelta(days=729)
    jobs = {
        **{f"by {by}": (lambda by=by: reports.lines(by, first, today)) for by in reports.By},
        "days": lambda: reports.days(first, today),
        "weeks": lambda: reports.weeks(first, today),
        "inside an offer": lambda: reports.inside(reports.By.OFFER, str(offers[0]), first, today),
        "inside a page": lambda: reports.inside(reports.By.PAGE, "review-reports-7", first, today),
        "notes": lambda: trends.notes(today),
        "trend": lambda: trends.trend(today),
    }
    for name, job in jobs.items():
        times = []
        for _ in range(3):
            began = time.perf_counter()
            job()
            times.append(time.perf_counter() - began)
        print(f"{name}: {min(times) * 1000:.0f} to {max(times) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
