"""What does booking a placement touch when the site is large? The demonstration, then 10,000 products and 400 lists.

    .venv/bin/python -m bench.booking [--products 10000] [--lists 400] [--times 20]

In a database of its own (as bench.open_review_form makes it) it books, approves and ends placements, at both sizes in
turns of the same steps. Prints questions to the database, milliseconds and the pages that are rendered again; ends
with an error when a booking of the large site asks more questions, or concerns a list that it is not in.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bench.open_review_form import throwaway

PER_LIST = 20


def demonstration() -> None:
    """The demonstration's content."""
    from django.conf import settings
    from django.utils import timezone

    from crampinfo.site.contentfiles.load.run import run

    run([str(settings.BASE_DIR / "crampinfo/site/demo/content")], now=timezone.localtime(), progress=lambda step: None)


def grow(products: int, lists: int) -> None:
    """More of both; each list is a copy of the accessories' one, with products of its own, and takes their slots."""
    from django.utils import timezone

    from bench import seed
    from products.models import Product
    from reviews.models import Ranking, RankingEntry

    seed.seed(products * 2, 0)
    original = Ranking.objects.get(slug="accessories")
    slots = list(original.slots.all())
    reviewed = list(
        Product.objects.filter(pk__gt=seed.STEP).exclude(review=None).order_by("pk").values_list("pk", flat=True)
    )
    for number in range(lists):
        copy = Ranking.objects.get(pk=original.pk)
        copy.pk, copy.slug, copy.title = None, f"accessories-{number}", f"{original.title} {number}"
        Ranking._base_manager.bulk_create([copy])
        first = number * PER_LIST % len(reviewed)
        RankingEntry._base_manager.bulk_create(
            RankingEntry(ranking=copy, product_id=key, added_on=timezone.localdate())
            for key in reviewed[first : first + PER_LIST]
        )
        if number % 2:  # half of them in other slots
            copy.slots.through._base_manager.bulk_create(
                [copy.slots.through(slot=slot, ranking=copy) for slot in slots if slot.kind != "adjustment"]
            )


def steps() -> dict[str, Callable[[], Any]]:
    """Booking, approving and ending one placement in the accessories' list, in that order."""
    from django.utils import timezone

    from products.models import Placement, Slot
    from reviews.models import Ranking

    entries = Ranking.objects.get(slug="accessories").entries
    product = entries.order_by("-place").first().product
    slot = Slot.objects.get(slug="accessories-adjustment")
    now = timezone.now()
    number = Placement.objects.count()
    made = Placement(
        slot=slot, product=product, slug=f"bench-{number}", advertiser="Acme Ltd", adjustment=Decimal("0.1"),
        starts_at=now + timedelta(days=400 + number), ends_at=now + timedelta(days=400 + number, hours=1),
    )  # fmt: skip

    def approve() -> None:
        made.approved_by, made.approved_at = "Ines", timezone.now()
        made.save()

    def end() -> None:
        made.ended_early_at, made.ended_reason = timezone.now(), "Asked to."
        made.save()

    return {"book": made.save, "approve": approve, "end": end}


def measure(times: int) -> dict[str, dict[str, Any]]:
    """Each step's most questions, median milliseconds, and what is rendered again because of it."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from crampinfo.site.models import PageNews

    found: dict[str, dict[str, Any]] = {}
    for _ in range(times):
        for name, step in steps().items():
            seen = PageNews.objects.count()
            began = time.perf_counter()
            with CaptureQueriesContext(connection) as asked:
                step()
            took = (time.perf_counter() - began) * 1000
            news = [tag for row in PageNews.objects.order_by("pk")[seen:] for tag in json.loads(row.tags)]
            kept = found.setdefault(name, {"questions": 0, "took": [], "tags": set()})
            kept["questions"] = max(kept["questions"], len(asked))
            kept["took"].append(took)
            kept["tags"] |= set(news)
    return found


def _pages(kept: dict[str, Any]) -> set[str]:
    """What is rendered again, without the bookings themselves: each has a key of its own."""
    return {tag for tag in kept["tags"] if not tag.startswith("products.placement:")}


def report(size: str, found: dict[str, dict[str, Any]]) -> None:
    """Print a line a step."""
    for name, kept in found.items():
        lists = sorted(tag for tag in kept["tags"] if tag.startswith("reviews.ranking:"))
        print(
            f"{size:32} {name:8} {kept['questions']:3} questions, median {statistics.median(kept['took']):6.1f} ms, "
            f"{len(_pages(kept))} tags, of lists: {', '.join(lists) or 'none'}"
        )


def main() -> int:
    """Measure at both sizes and compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--products", type=int, default=10_000)
    parser.add_argument("--lists", type=int, default=400)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    os.environ.update(ALLOW_INFLUENCED_LISTS="1", SCORE_ADJUSTMENT_CAP="0.5")
    import django

    django.setup()
    with throwaway():
        demonstration()
        before = measure(options.times)
        report("the demonstration", before)
        grow(options.products, options.lists)
        after = measure(options.times)
        report(f"{options.products} products, {options.lists} lists", after)
    more = [name for name in before if after[name]["questions"] > before[name]["questions"]]
    other = [name for name in before if _pages(after[name]) - _pages(before[name])]
    if more or other:
        print(f"More questions: {', '.join(more) or 'none'}. Other pages: {', '.join(other) or 'none'}.")
        return 1
    print("A booking asks the same questions and concerns the same pages.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
