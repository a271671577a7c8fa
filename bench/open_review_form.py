"""How long does the form of a large review take to open? 12 criteria, 20 references, 40 offers, 30 revisions.

    .venv/bin/python -m bench.open_review_form [--times 60] [--goal 400]

It makes a database of its own (a file on SQLite, test_<name> where DATABASE_URL names a PostgreSQL one), and takes it
away again. Every form is asked for in turns with a view that does nothing. Prints median and 95th percentile of what a
person waits, the median of what this process computed (waiting for a busy machine is the difference between the two),
questions to the database and size; ends with an error when what a person waits is above the goal in the median.
"""

from __future__ import annotations

import argparse
import io
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CRITERIA, REFERENCES, OFFERS, REVISIONS = 12, 20, 40, 30
# The part of a change form that all pages share: sessions, sign-in, security headers.
URLS = "bench.open_review_form_urls"


def site() -> Any:
    """The site's application, set up to be asked from within this process."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crampinfo.settings")
    from django.conf import settings

    settings.ROOT_URLCONF = URLS
    # Names of static files without their hashes: nothing has to be collected first.
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.LOGGING["root"]["level"] = "ERROR"
    from django.core.wsgi import get_wsgi_application

    return get_wsgi_application()


@contextmanager
def throwaway() -> Iterator[None]:
    """A database with all tables, gone at the end."""
    from django.db import connection

    with tempfile.TemporaryDirectory() as folder:
        if connection.vendor == "sqlite":
            connection.settings_dict["TEST"]["NAME"] = str(Path(folder) / "bench.sqlite3")
        before = connection.settings_dict["NAME"]
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            yield
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)


def large_review() -> Any:
    """The review that is opened."""
    from django.utils import timezone

    from crampinfo.editorial import revisions
    from crampinfo.editorial.models import Citation
    from tests import factories

    method = factories.methodology("large", tuple(f"c{n}" for n in range(CRITERIA)), ("10",) * CRITERIA)
    item = factories.product("large")
    for number in range(OFFERS):
        factories.offer(item, at=factories.merchant(f"shop-{number}"), paid=number % 2 == 0)
    text = "".join(f"<h2>Part {n}</h2><p>{'A sentence of usual length about calves. ' * 12}</p>" for n in range(12))
    review = factories.review(
        item, scores=("7.0",) * CRITERIA, methodology=method, published=False, dek="A dek.", body=text
    )
    for number in range(CRITERIA):  # each was scored twice
        factories.score(review, f"c{number}", "6.5", at=timezone.now(), changed_because="A new label.")
    Citation.objects.bulk_create(
        Citation(content=review, reference=factories.reference(f"source-{n}"), position=n) for n in range(REFERENCES)
    )
    factories.ranking("large", (item,), published=False, methodology=method)
    for number in range(REVISIONS):
        revisions.record(review, summary=f"Changed text {number}")
    return review


def sessions() -> dict[str, str]:
    """The session of somebody in each role that opens reviews, and of the operator."""
    from django.test import Client

    from crampinfo.editorial.roles import Role
    from tests.admin.people import account

    people = {role.value: account(role) for role in (Role.EDITOR, Role.REVIEWER, Role.PUBLISHER)}
    people["operator"] = account(name="operator", is_superuser=True)
    found = {}
    for name, user in people.items():
        client = Client()
        client.force_login(user)
        found[name] = client.cookies["sessionid"].value
    return found


def getter(application: Any, path: str, session: str, sent: bytes | None = None) -> Callable[[], int]:
    """A function that asks for a path through the whole application and gives how many bytes came; with the fields of a
    form, as a browser encodes them, it sends these."""
    token = "b" * 32  # a secret in the cookie that the header repeats is what the check of forms asks for

    def get() -> int:
        said: list[str] = []
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8000", "HTTP_HOST": "127.0.0.1:8000", "HTTP_COOKIE": f"sessionid={session}",
            "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.version": (1, 0),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False, "SCRIPT_NAME": "",
        }  # fmt: skip
        if sent is not None:
            environ |= {
                "REQUEST_METHOD": "POST", "wsgi.input": io.BytesIO(sent), "CONTENT_LENGTH": str(len(sent)),
                "CONTENT_TYPE": "application/x-www-form-urlencoded", "HTTP_X_CSRFTOKEN": token,
                "HTTP_COOKIE": f"sessionid={session}; csrftoken={token}",
            }  # fmt: skip
        answer = application(environ, lambda status, headers, exc_info=None: said.append(status))
        size = sum(len(part) for part in answer)
        answer.close()
        if said != ["200 OK"]:
            raise SystemExit(f"{path} was answered {said}.")
        return size

    return get


def questions(get: Callable[[], int]) -> int:
    """How many questions one request asks the database."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        get()
    return len(captured)


def in_turns(gets: dict[str, Callable[[], int]], times: int) -> dict[str, list[tuple[float, float]]]:
    """Milliseconds waited and computed, by name; the first few of each only warm up."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in gets}
    for _ in range(times + 5):
        for name, get in gets.items():
            began, computed = time.perf_counter(), time.process_time()
            get()
            took[name].append(((time.perf_counter() - began) * 1000, (time.process_time() - computed) * 1000))
    return {name: values[5:] for name, values in took.items()}


def waited(values: list[tuple[float, float]]) -> list[float]:
    """The first of each pair."""
    return [value for value, _computed in values]


def main() -> None:
    """Measure, print, and compare with the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--goal", type=float, default=400, help="milliseconds that no median may be above")
    options = parser.parse_args()
    application = site()
    with throwaway():
        review = large_review()
        form = f"/admin/reviews/review/{review.pk}/change/"
        people = sessions()
        gets = {name: getter(application, form, session) for name, session in people.items()}
        asked = {name: questions(get) for name, get in gets.items()}
        sizes = {name: get() // 1024 for name, get in gets.items()}
        took = in_turns({**gets, "empty view": getter(application, "/empty/", people["operator"])}, options.times)
    report(took, asked, sizes)
    judge({name: took[name] for name in gets}, options.goal)


def judge(took: dict[str, list[tuple[float, float]]], goal: float) -> None:
    """SystemExit when what a person waits is above the goal (milliseconds) in the median, with the names."""
    slow = [name for name, values in took.items() if statistics.median(waited(values)) > goal]
    if slow:
        raise SystemExit(f"Above {goal:.0f} ms: {', '.join(sorted(slow))}.")


def report(took: dict[str, list[tuple[float, float]]], asked: dict[str, int], sizes: dict[str, int]) -> None:
    """A line for each who opened it."""
    for name, values in took.items():
        cuts, computed = statistics.quantiles(waited(values), n=20), statistics.median(cpu for _waited, cpu in values)
        figures = f"median {cuts[9]:7.2f} ms, p95 {cuts[18]:7.2f} ms, computed {computed:7.2f} ms"
        more = f", {asked[name]} questions, {sizes[name]} KB" if name in asked else ""
        print(f"{name:12} {figures}{more}")


if __name__ == "__main__":
    main()
