"""Where /go/ leads, remembered in Redis so that a redirect asks the database nothing.

A memory is believed for a minute at most, and never across a change: saving an offer, its programme, shop or product
forgets it, and a moment at which something begins or ends bounds it. When the database is away, readers are still led
where the last answer led, unless that has ended.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import BigIntegerField
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone
from redis.exceptions import RedisError

from crampinfo.lib.prepared import Prepared
from products import affiliate, redisclient
from products.models import AffiliateProgramme, Merchant, Offer, Product

logger = logging.getLogger(__name__)

_BELIEVED = timedelta(minutes=1)
_KEPT_SECONDS = 24 * 3600  # for a database that is away
_CHANGES = "exits:changes"


@dataclass(frozen=True, slots=True)
class Exit:
    """An open offer's way out. Moments are seconds since 1970; changes is how often anything had changed by then."""

    address: str
    source_parameter: str
    believed_until: float
    ends_at: float | None
    changes: str

    def address_from(self, offer_id: int, page: str, slot: str) -> str:
        """Where a reader on that page and slot is led: only our own names of places go along (PRIV-02)."""
        return affiliate.with_source(self.address, self.source_parameter, offer_id, page, slot)


def find(offer_id: int) -> tuple[Exit | None, Offer | None]:
    """The way out of an open offer, or the offer that is closed; (None, None) where there is none.

    Raises DatabaseError when the database is away and nothing is remembered.
    """
    if offer_id > BigIntegerField.MAX_BIGINT:
        return None, None
    known, changes = _remembered(offer_id)
    now = timezone.now()
    if known is not None and known.changes == changes and now.timestamp() < known.believed_until:
        return known, None
    try:
        offer: Offer | None = _stored.first(pk=offer_id)
    except DatabaseError:
        if known is None or (known.ends_at is not None and known.ends_at <= now.timestamp()):
            raise
        logger.exception("The database is away: readers are led where offer %s led before.", offer_id)
        return known, None
    if offer is None or not offer.is_open:
        return None, offer
    way = _exit(offer, now, changes or "")
    if changes is not None:
        _remember(offer_id, way)
    return way, offer


_stored = Prepared(lambda pk: Offer.objects.select_related("merchant", "programme", "product").filter(pk=pk).order_by())


def _exit(offer: Offer, now: datetime, changes: str) -> Exit:
    programme = offer.programme
    moments = [offer.ends_at, programme.starts_at if programme else None, programme.ends_at if programme else None]
    coming = [moment for moment in moments if moment is not None and moment > now]
    ends = [moment for moment in (offer.ends_at, programme.ends_at if programme else None) if moment is not None]
    return Exit(
        address=affiliate.with_partner_code(offer),
        source_parameter=affiliate.source_parameter(offer),
        believed_until=min([now + _BELIEVED, *coming]).timestamp(),
        ends_at=min(ends).timestamp() if ends else None,
        changes=changes,
    )


# --- the memory ---------------------------------------------------------------------------------------------------


def _key(offer_id: int) -> str:
    return redisclient.key(f"exits:{offer_id}")


def _remembered(offer_id: int) -> tuple[Exit | None, str | None]:
    """What is remembered and the number of changes so far, both None where Redis does not answer."""
    server = redisclient.client()
    if server is None:
        return None, None
    try:
        text, changes = server.mget(_key(offer_id), redisclient.key(_CHANGES))
    except RedisError as error:
        redisclient.failed(error)
        return None, None
    return (Exit(**json.loads(text)) if text else None), changes or ""


def _remember(offer_id: int, way: Exit) -> None:
    server = redisclient.client()
    try:
        if server is not None:
            server.set(_key(offer_id), json.dumps(asdict(way)), ex=_KEPT_SECONDS)
    except RedisError as error:
        redisclient.failed(error)


def changed() -> None:
    """Something about offers has changed: nothing that is remembered is believed any more."""
    server = redisclient.client()
    try:
        if server is not None:
            server.incr(redisclient.key(_CHANGES))
    except RedisError as error:
        redisclient.failed(error)


@receiver((post_save, post_delete), sender=Offer, dispatch_uid="products.exits.offer")
@receiver((post_save, post_delete), sender=AffiliateProgramme, dispatch_uid="products.exits.programme")
@receiver((post_save, post_delete), sender=Merchant, dispatch_uid="products.exits.merchant")
@receiver((post_save, post_delete), sender=Product, dispatch_uid="products.exits.product")
def forget(sender: type[Any], **kwargs: Any) -> None:
    """At once for this transaction, and once more when others can see it."""
    changed()
    if transaction.get_connection().in_atomic_block:
        transaction.on_commit(changed)
