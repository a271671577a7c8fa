"""Looking behind one offer's address and saying what the answer means; no database here."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from urllib.robotparser import RobotFileParser

from django.utils import timezone

from crampinfo.lib import urls
from products import safefetch, shoppage
from products.models.linkcheck import LinkState
from products.safefetch import Answer, Limits, Refused, Unanswered

RETRIES = 2
_LONGEST_WAIT = 30.0
_ROBOTS = Limits(connect=5, total=10, size=512 * 1024)
# What shops say to programs and not to readers; it tells nothing about the page.
_NOT_FOR_US = frozenset({401, 403, 406, 407, 418, 429, 430, 444, 451, 498, 499, 999})


@dataclass(frozen=True, slots=True)
class Wanted:
    """An offer as far as a look at its page needs it. validator is the page's mark when it was last found fine."""

    offer: int
    address: str
    host: str
    name: str
    brand: str
    gtin: str = ""
    validator: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a look found. validator is the page's ETag or date, by which an unchanged page is known again."""

    state: LinkState
    detail: str
    status: int | None = None
    address: str = ""
    validator: str = ""

    @property
    def answer(self) -> str:
        """The answer in short: what a manager accepts, until it changes."""
        parts = urlsplit(self.address)
        return f"{self.state} {self.status or '-'} {parts.netloc}{parts.path}"[:80]


@dataclass
class Host:
    """A shop's server: its robots.txt, and how long to wait between questions (seconds)."""

    pause: float = 2.0
    sleep: Callable[[float], None] = time.sleep
    limits: Limits = field(default_factory=Limits)
    _asked_at: float | None = None
    _robots: dict[str, RobotFileParser | None] = field(default_factory=dict)

    def look(self, wanted: Wanted) -> Found:
        """Ask politely, and say what the answer means. Never raises for what a server does."""
        try:
            if not self._may_ask(wanted.address):
                return Found(LinkState.BLOCKED, "Its robots.txt asks programs not to look at this page.")
            return self._ask(wanted)
        except Refused as refusal:
            return Found(LinkState.REFUSED, str(refusal))
        except Unanswered as trouble:
            return Found(LinkState.TIMED_OUT, str(trouble))

    def _ask(self, wanted: Wanted) -> Found:
        """HEAD, then GET unless the page is unchanged; again after a pause while the server is in trouble."""
        for attempt in range(RETRIES + 1):
            last = attempt == RETRIES
            try:
                answer = self._fetch(wanted.address, "HEAD")
                if answer.status < 300 and wanted.validator and _validator(answer) == wanted.validator:
                    return Found(LinkState.FINE, "Unchanged.", answer.status, answer.address, wanted.validator)
            except Unanswered:
                pass  # many servers know GET alone
            try:
                answer = self._fetch(wanted.address, "GET")
            except Unanswered:
                if last:
                    raise
                self.sleep(2.0 ** (attempt + 1))
                continue
            if answer.status < 500 or last:
                return meaning(wanted, answer)
            self.sleep(min(_retry_after(answer) or 2.0 ** (attempt + 1), _LONGEST_WAIT))
        raise AssertionError("unreachable")

    def _fetch(self, address: str, method: str) -> Answer:
        if self._asked_at is not None:
            self.sleep(max(0.0, self.pause - (time.monotonic() - self._asked_at)))
        try:
            return safefetch.fetch(address, method, self.limits)
        finally:
            self._asked_at = time.monotonic()

    def _may_ask(self, address: str) -> bool:
        parts = urlsplit(address)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in self._robots:
            self._robots[origin] = self._read_robots(f"{origin}/robots.txt")
        rules = self._robots[origin]
        if rules is None:
            return True
        self.pause = max(self.pause, min(float(rules.crawl_delay(safefetch.AGENT) or 0), 10.0))
        return rules.can_fetch(safefetch.AGENT, address)

    def _read_robots(self, address: str) -> RobotFileParser | None:
        """None where there are no rules: none are written, or they can't be read (RFC 9309 lets us look then)."""
        try:
            answer = safefetch.fetch(address, "GET", _ROBOTS)
        except Unanswered:
            return None
        if answer.status != 200:
            return None
        rules = RobotFileParser()
        rules.parse(answer.body.decode("utf-8", "replace").splitlines())
        return rules


def meaning(wanted: Wanted, answer: Answer) -> Found:
    """What an answer to GET means."""
    state, detail = _meaning(wanted, answer)
    return Found(state, detail, answer.status, answer.address, _validator(answer) if state is LinkState.FINE else "")


def _meaning(wanted: Wanted, answer: Answer) -> tuple[LinkState, str]:
    if answer.status in (404, 410):
        return LinkState.GONE, f"The shop says that the page is gone ({answer.status})."
    if answer.status in _NOT_FOR_US or (answer.status == 503 and "cf-mitigated" in answer.headers):
        return LinkState.BLOCKED, f"The shop keeps programs out ({answer.status}); readers may see it all the same."
    if answer.status >= 500:
        return LinkState.TIMED_OUT, f"The shop's server is in trouble ({answer.status})."
    if answer.status >= 300:
        return LinkState.BLOCKED, f"The shop answers programs with {answer.status}."
    return _of_page(wanted, answer)


def _of_page(wanted: Wanted, answer: Answer) -> tuple[LinkState, str]:
    before, after = urlsplit(wanted.address), urlsplit(answer.address)
    if not urls.belongs_to(urls.host_of(answer.address), wanted.host):
        return LinkState.WRONG_PAGE, f"It leads to another site: {after.netloc}."
    if before.path.strip("/") and not after.path.strip("/"):
        return LinkState.WRONG_PAGE, "It leads to the shop's first page."
    if "html" in answer.headers.get("content-type", "html"):
        page = shoppage.read(answer.body, answer.headers.get("content-type", ""))
        if page.is_about(wanted.name, wanted.brand, wanted.gtin) is False and not answer.truncated:
            return LinkState.WRONG_PAGE, "The page does not name the product."
        if page.is_out_of_stock:
            return LinkState.OUT_OF_STOCK, "The page says that it is out of stock."
    if answer.moved and (before.netloc, before.path.rstrip("/")) != (after.netloc, after.path.rstrip("/")):
        return LinkState.MOVED, "The shop moved the page for good: take over the new address."
    return LinkState.FINE, "The page answers and names the product."


def _validator(answer: Answer) -> str:
    return (answer.headers.get("etag") or answer.headers.get("last-modified") or "")[:200]


def _retry_after(answer: Answer) -> float:
    """Seconds a server asks us to wait, 0 where it says nothing that can be read."""
    said = answer.headers.get("retry-after", "")
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return 0.0
