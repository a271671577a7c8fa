"""The demonstration in the test database: loaded once for many tests, and taken out again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models
from django.test import TestCase
from django.utils import timezone

from crampinfo.site import search
from crampinfo.site.contentfiles.load.run import run
from tests.standing import standing

CONTENT = Path(settings.BASE_DIR) / "crampinfo/site/demo/content"

# One address a page type (a few of a kind where pages of one type differ), and the queries it may make (product.md).
ARTICLES = {
    "a guide": "/guides/preventing-night-cramps/",
    "a guide with a table": "/guides/magnesium-what-trials-found/",
    "an urgent guide": "/guides/when-to-see-a-doctor/",
    "a sensitive guide": "/guides/medicines-and-conditions-behind-cramps/",
    "a guide in Spanish": "/guides/calambres-nocturnos-que-ayuda/",
    "a question": "/questions/does-magnesium-stop-night-cramps/",
    "a sensitive question": "/questions/leg-cramps-in-pregnancy/",
}
REVIEWS = {
    "a review": "/reviews/vintermark-bisglycinate-50/",
    "a review of an accessory": "/reviews/tovemark-cork-ball/",
    "a review with a failed gate": "/reviews/lunavesper-night-blend/",
}
LISTS = {
    "an isolated list": "/lists/magnesium-supplements/",
    "an influenced list": "/lists/accessories/",
    "an influenced list without advertising": "/lists/accessories/?order=editorial",
    "a list by own weights": "/lists/magnesium-supplements/?w-exact-label=2&w-dose-limits=2&w-price-per-100-mg=10"
    "&w-label-warnings=2&w-load-additives=2",
    "an influenced list by own weights": "/lists/accessories/?w-instructions-safety=1&w-price-to-own=99",
    "a filtered list": "/lists/magnesium-supplements/?vegan=yes&dose=100&dose=200",
}
# A day on which the demonstration's lists stood otherwise, and what changed from then until now.
PAST = {
    f"{name} of another day": f"{path}?as_of={timezone.localdate() - timedelta(days=60)}"
    for name, path in (
        ("an isolated list", LISTS["an isolated list"]),
        ("an influenced list", LISTS["an influenced list"]),
    )
}
COMPARED = "/compare/?p=vintermark-bisglycinate-50&p=harrowbeck-lactate-60"
OTHERS = {
    "two products compared": COMPARED,
    "four products compared": f"{COMPARED}&p=lunavesper-night-blend&p=tovemark-cork-ball",
    "nothing to compare": "/compare/",
    "home": "/",
    "now": "/now/",
    "guides": "/guides/",
    "questions": "/questions/",
    "reviews": "/reviews/",
    "lists": "/lists/",
    "methodologies": "/methodology/",
    "a methodology": "/methodology/magnesium-supplements/",
    "transparency": "/transparency/",
    "what the files mean": "/transparency/schema/",
    "brands": "/brands/",
    "a brand": "/brands/vintermark/",
    "topics": "/topics/",
    "a topic": "/topics/magnesium/",
    "a sensitive topic": "/topics/pregnancy/",
    "a topic in Spanish": "/topics/calambres-nocturnos/",
    "authors": "/authors/",
    "an author": "/authors/tomas-arden/",
    "about": "/about/",
    "terms": "/terms/",
    "privacy": "/privacy/",
    "contact": "/contact/",
    "corrections": "/corrections/",
    "search": "/search/?q=night",
    "search without a find": "/search/?q=zebra",
}
TYPES = ARTICLES | REVIEWS | LISTS | PAST | OTHERS
SENSITIVE = ("a sensitive guide", "an urgent guide", "a sensitive question", "a sensitive topic", "now")


def load() -> None:
    """Import the demonstration's content, with everything that follows once it is committed."""
    with TestCase.captureOnCommitCallbacks(execute=True):
        run([str(CONTENT)], now=timezone.localtime(), progress=lambda step: None)
    search._vocabulary.cache_clear()


@contextmanager
def loaded(blocker: Any, media: Path) -> Iterator[None]:
    """The demonstration, until the block ends; tests inside roll back to it."""
    with standing(blocker, media):
        load()
        yield
    search._vocabulary.cache_clear()


def force(model: type[models.Model], slug: str, **values: Any) -> None:
    """Change a stored row past its rules, as the clock, another process or a slip would."""
    assert model._base_manager.filter(slug=slug).update(**values) == 1
