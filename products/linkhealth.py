"""The link check as a job: whose turn it is, what an answer changes, and what managers accept.

Blocked is never broken: it holds nothing back. What is gone or leads to a wrong page takes its offer off the pages once
it was seen twice, the next-best offer takes over by the usual order, and the ledger says so. It comes back by itself.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from crampinfo.editorial import ledger
from crampinfo.editorial.signals import announce
from crampinfo.lib import urls
from products import standins
from products.linkprobe import Found, Host, Wanted
from products.models import Offer
from products.models.linkcheck import HOLDS, LinkCheck, LinkState

AT_ONCE = 6  # hosts asked side by side; each of them one question after the other
PER_HOST = 30  # offers of a host in one run
_AGAIN = {
    LinkState.FINE: timedelta(days=1),
    LinkState.MOVED: timedelta(days=1),
    LinkState.OUT_OF_STOCK: timedelta(hours=8),
    LinkState.BLOCKED: timedelta(days=7),
    LinkState.TIMED_OUT: timedelta(hours=3),
    LinkState.GONE: timedelta(hours=3),
    LinkState.WRONG_PAGE: timedelta(hours=3),
    LinkState.REFUSED: timedelta(days=1),
}
_CONFIRMED_AGAIN = timedelta(days=1)


def begin_missing() -> int:
    """Give every offer of a real shop its check; how many got one."""
    rows = Offer.objects.filter(link_check=None, merchant__is_demo=False).values_list("pk", flat=True)
    made = [LinkCheck(offer_id=number) for number in rows]
    LinkCheck.objects.bulk_create(made, batch_size=500, ignore_conflicts=True)
    return len(made)


def run(only: Iterable[int] | None = None, *, pause: float = 2.0) -> dict[LinkState, int]:
    """Check every offer whose turn it is (or those given), and store each answer as it comes; how many of each state.

    pause is the least number of seconds between two questions to one host.
    """
    begin_missing()
    counted: dict[LinkState, int] = defaultdict(int)
    by_host = _wanted(only)
    if not by_host:
        return {}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = [pool.submit(_look, wanted, pause) for wanted in by_host.values()]
        for job in as_completed(jobs):
            for wanted, found in job.result():
                take_in(wanted.offer, found)
                counted[found.state] += 1
    return dict(counted)


def _look(wanted: list[Wanted], pause: float) -> list[tuple[Wanted, Found]]:
    """One host's offers, one after the other; runs in a thread of its own and touches no database."""
    host = Host(pause=pause)
    return [(one, host.look(one)) for one in wanted]


def _wanted(only: Iterable[int] | None) -> dict[str, list[Wanted]]:
    checks = LinkCheck.objects.due(timezone.now()) if only is None else LinkCheck.objects.filter(offer__in=list(only))
    rows = checks.select_related("offer__product__brand", "offer__merchant").order_by("due_at", "pk")
    found: dict[str, list[Wanted]] = defaultdict(list)
    for check in rows.iterator(chunk_size=500):
        offer = check.offer
        host = urls.host_of(offer.url)
        if len(found[host]) < PER_HOST:
            names = (offer.product.name, offer.product.brand.name, offer.product.gtin)
            # A marketplace has a host of its own; it was checked when the offer was saved.
            owner = offer.merchant.host if urls.belongs_to(host, offer.merchant.host) else host
            found[host].append(Wanted(offer.pk, offer.url, owner, *names, check.validator))
    return found


@transaction.atomic
def take_in(offer_id: int, found: Found) -> LinkCheck:
    """Store an answer and let it count: hold the offer back, bring it back, or mark it out of stock."""
    check = LinkCheck.objects.select_for_update(of=("self",)).select_related("offer").get(offer=offer_id)
    now = timezone.now()
    same = check.answer == found.answer
    check.times = check.times + 1 if same else 1
    check.since = check.since if same and check.since else now
    check.state, check.detail, check.status = found.state, found.detail[:300], found.status
    check.final_address, check.answer, check.checked_at = found.address[:2000], found.answer, now
    check.validator = found.validator
    if not same:
        # Accepted was another answer: what is new is looked at again.
        check.accepted_answer, check.accepted_by, check.accepted_at = "", "", None
    settled = check.is_confirmed and found.state in HOLDS
    check.due_at = now + (_CONFIRMED_AGAIN if settled else _AGAIN[found.state])
    check.save()
    _let_it_count(check)
    return check


def _let_it_count(check: LinkCheck) -> None:
    offer = check.offer
    state = LinkState(check.state)
    if state in HOLDS and check.is_confirmed and not check.is_accepted:
        hold(offer, check.detail)
    elif state in (LinkState.FINE, LinkState.MOVED, LinkState.OUT_OF_STOCK):
        bring_back(offer)
    stock = {LinkState.OUT_OF_STOCK: False, LinkState.FINE: True}.get(state)
    if state is LinkState.FINE and offer.in_stock is None:
        stock = None  # a page that names its product need not say that it is in stock
    if stock is not None and offer.in_stock is not stock:
        offer.in_stock = stock
        with ledger.because(check.detail):
            offer.save()
        announce(offer)


def hold(offer: Offer, reason: str) -> None:
    """Take an offer from every page until its link works; the next-best one takes over. Noted in the ledger."""
    if offer.held_at is not None:
        return
    offer.held_at = timezone.now()
    offer.save()
    heir = standins.next_best([offer.product_id], [offer.pk]).get(offer.product_id)
    facts = {"offer": offer.pk, "held": True, "taken_over_by": heir.offer.pk if heir else None}
    ledger.record("offer_link", offer, facts, reason=reason)
    announce(offer)


def bring_back(offer: Offer) -> None:
    """Its link works: it stands on the pages again. Noted in the ledger."""
    if offer.held_at is None:
        return
    offer.held_at = None
    offer.save()
    ledger.record("offer_link", offer, {"offer": offer.pk, "held": False, "taken_over_by": None})
    announce(offer)


@transaction.atomic
def accept(check: LinkCheck, by: str) -> None:
    """A manager says that this answer is all right: it is, until the answer changes. by is the account's name."""
    check.accepted_answer, check.accepted_by, check.accepted_at = check.answer, by, timezone.now()
    check.save()
    bring_back(check.offer)


@transaction.atomic
def take_over_address(check: LinkCheck) -> None:
    """Store the address to which the shop moved the page. Raises ValidationError where it is not the shop's."""
    offer = check.offer
    offer.url = check.final_address
    offer.save()
    check.state, check.times, check.answer, check.due_at = LinkState.UNKNOWN, 0, "", timezone.now()
    check.save()
    announce(offer)


def due_again(checks: Iterable[LinkCheck]) -> Iterator[int]:
    """Have these checked in the next run; their numbers."""
    for check in checks:
        LinkCheck.objects.filter(pk=check.pk).update(due_at=timezone.now())
        yield check.pk
