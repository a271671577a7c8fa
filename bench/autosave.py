"""How long does keeping a form in progress take? The large review of bench.open_review_form, and a pasted text of 1 MB.

    .venv/bin/python -m bench.autosave [--times 60] [--goal 100]

In a database of its own, in turns with a view that does nothing; prints what a person waits, what this process
computed, questions to the database and the size of what was sent. Ends with an error when a median is above the goal.
"""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import urlencode

from bench.open_review_form import getter, in_turns, judge, large_review, questions, report, sessions, site, throwaway

PASTED = 1_000_000


def main() -> None:
    """Measure, print, and compare with the goal."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=60)
    parser.add_argument("--goal", type=float, default=100, help="milliseconds that no median may be above")
    options = parser.parse_args()
    application = site()
    with throwaway():
        review = large_review()
        people = sessions()
        form = typed(review)
        words = "<p>A sentence of usual length about calves, pasted.</p>"
        sent = {
            "large review": urlencode(form, doseq=True).encode(),
            "1 MB of text": urlencode({**form, "body": words * (PASTED // len(words))}, doseq=True).encode(),
        }
        address = f"/admin/reviews/review/{review.pk}/autosave/"
        posts = {name: getter(application, address, people["Editor"], body) for name, body in sent.items()}
        asked = {name: questions(post) for name, post in posts.items()}
        sizes = {name: len(body) // 1024 for name, body in sent.items()}
        took = in_turns({**posts, "empty view": getter(application, "/empty/", people["Editor"])}, options.times)
    report(took, asked, sizes)
    judge({name: took[name] for name in posts}, options.goal)


def typed(review: Any) -> dict[str, Any]:
    """Every field and row of the review's form, as its page offers them to an editor."""
    from django.test import Client
    from django.test.utils import setup_test_environment, teardown_test_environment

    from crampinfo.editorial.roles import Role
    from tests.admin.forms import filled
    from tests.admin.people import account

    setup_test_environment()  # for the context of the answer
    try:
        client = Client()
        client.force_login(account(Role.EDITOR, name="typist"))
        return filled(client.get(f"/admin/reviews/review/{review.pk}/change/"))
    finally:
        teardown_test_environment()


if __name__ == "__main__":
    main()
