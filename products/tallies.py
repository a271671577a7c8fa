"""The counters of clicks: kept in Redis while readers leave, carried into the database exactly once.

open:   a hash in Redis, field (offer, day, page, slot) -> number; a click is one increment.
once:   a name of its own for each click of the last minutes, so that a click that is sent twice is counted once.
batch:  what the worker is carrying. Renaming open to batch is atomic, and so is giving it its name.
ClickBatch: the name of a batch, written in the transaction that adds its numbers. Whoever finds the name there knows
that the numbers are in: a worker may die at any line, a database may be away for days, nothing is lost or doubled.
DoubtfulClick: a click that Redis did not answer for. Nobody knows whether it was counted there, so the worker sends it
again under the same name.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from redis.exceptions import RedisError

from crampinfo.lib.chunks import chunks
from products import redisclient, totals
from products.models import ClickBatch, ClickCount, DoubtfulClick, Offer

logger = logging.getLogger(__name__)

_SETTLED_AT_ONCE = 1000
_AT_ONCE = 100  # rows a statement: SQLite takes few parameters
_REMEMBERED = timedelta(days=30)

_ONCE_SECONDS = 3600  # as long as the worker may be late with a doubtful click

# KEYS: the click's own name, open. ARGV: how long the name is kept, field.
_ADD = """
if redis.call('SET', KEYS[1], 1, 'NX', 'EX', ARGV[1]) then redis.call('HINCRBY', KEYS[2], ARGV[2], 1) end
return 1
"""
# KEYS: open, batch, name. ARGV: a new name. Gives the name of the batch to carry, or nothing.
_TAKE = """
if redis.call('EXISTS', KEYS[2]) == 0 then
  if redis.call('EXISTS', KEYS[1]) == 0 then return false end
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('SET', KEYS[3], ARGV[1])
end
return redis.call('GET', KEYS[3])
"""
# KEYS: batch, name. ARGV: the name of what was carried; another worker may have begun the next by now.
_DROP = "if redis.call('GET', KEYS[2]) == ARGV[1] then return redis.call('DEL', KEYS[1], KEYS[2]) end return 0"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What a click is counted for."""

    offer: int
    page: str
    slot: str
    day: date

    def field(self) -> str:
        """Its name in Redis."""
        return f"{self.offer}|{self.day.isoformat()}|{self.page}|{self.slot}"

    @classmethod
    def read(cls, field: str) -> Place:
        """The place that field() wrote."""
        offer, day, page, slot = field.split("|")
        return cls(int(offer), page, slot, date.fromisoformat(day))


def add(place: Place) -> bool:
    """Count one click in Redis; False where there is none, or it is known to be away.

    Where it was asked and did not answer, the click is put down as doubtful: that may raise DatabaseError.
    """
    server = redisclient.client()
    if server is None:
        return False
    name = uuid.uuid4().hex
    try:
        _add(server, name, place)
    except RedisError as error:
        redisclient.failed(error)
        with transaction.atomic():
            DoubtfulClick.objects.create(name=name, offer=place.offer, page=place.page, slot=place.slot, day=place.day)
    return True


def _add(server: Any, name: str, place: Place) -> None:
    keys = [redisclient.key(f"clicks:once:{name}"), redisclient.key("clicks:open")]
    server.register_script(_ADD)(keys=keys, args=[_ONCE_SECONDS, place.field()])


def settle() -> None:
    """Send doubtful clicks again: Redis knows which of them it had counted. While it is away they wait."""
    server = redisclient.client()
    if server is None:
        return
    for click in DoubtfulClick.objects.order_by("at")[:_SETTLED_AT_ONCE]:
        _add(server, click.name, Place(click.offer, click.page, click.slot, click.day))
        click.delete()


def flush() -> int:
    """Carry what waits in Redis into the database; how many clicks were carried (0 without Redis).

    A database that is away raises its error and everything stays where it is; the next call carries it.
    """
    settle()
    server = redisclient.client()
    carried = 0
    # At most two rounds: what a worker left half-way, and what has gathered since.
    for _round in range(2):
        found = _carry(server) if server is not None else None
        if found is None:
            break
        carried += found
    return carried


def _carry(server: Any) -> int | None:
    opened, batch, name = (redisclient.key(f"clicks:{part}") for part in ("open", "batch", "name"))
    taken = server.eval(_TAKE, 3, opened, batch, name, uuid.uuid4().hex)
    if not taken:
        return None
    numbers = {Place.read(field): int(number) for field, number in server.hgetall(batch).items()}
    carried = _store(taken, numbers)
    server.eval(_DROP, 2, batch, name, taken)
    return carried


@transaction.atomic
def _store(name: str, numbers: Mapping[Place, int]) -> int:
    """Add a batch's numbers unless they are in already; how many clicks went in."""
    _row, is_new = ClickBatch.objects.get_or_create(name=name)
    if not is_new:
        return 0
    # Offers that are gone take their clicks along; those that stay can't be deleted before this commits.
    wanted = {place.offer for place in numbers}
    known: set[int] = set()
    for part in chunks(sorted(wanted), 500):
        rows = Offer.objects.order_by("pk").select_for_update(no_key=True).filter(pk__in=part)
        known |= set(rows.values_list("pk", flat=True))
    kept = {place: number for place, number in numbers.items() if place.offer in known}
    upsert(kept)
    totals.roll_again({place.day for place in kept})
    ClickBatch.objects.filter(carried_at__lt=timezone.now() - _REMEMBERED).delete()
    if len(kept) < len(numbers):
        logger.info("Clicks on offers that no longer exist were dropped.")
    return sum(kept.values())


def upsert(numbers: Mapping[Place, int]) -> None:
    """Add numbers to the table, a hundred places in one statement that PostgreSQL and SQLite both take."""
    table = connection.ops.quote_name(ClickCount._meta.db_table)
    for part in chunks(sorted(numbers), _AT_ONCE):
        rows = ", ".join(["(%s, %s, %s, %s, %s)"] * len(part))
        sql = (
            f"INSERT INTO {table} (offer_id, page, slot, day, count) VALUES {rows} "  # noqa: S608 (our own table name)
            f"ON CONFLICT (offer_id, page, slot, day) DO UPDATE SET count = {table}.count + excluded.count"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, list(_values(part, numbers)))


def _values(part: list[Place], numbers: Mapping[Place, int]) -> Iterator[int | str | date]:
    for place in part:
        yield from (place.offer, place.page, place.slot, place.day, numbers[place])
