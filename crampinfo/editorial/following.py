"""Links that follow a page that moved: stored texts are rewritten to its new address, found by the index.

What readers see is rewritten through the gate and keeps its "updated" date, for it says what it said before. Left to
the redirect, and warned about by the gate: what a qualified person has read word by word, live pages that have a draft
of changes, and those that the gate would no longer let pass.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crampinfo.editorial import links, redirects, revisions, workflow
from crampinfo.editorial.models import InternalLink, Publishable, State, WorkingCopy

logger = logging.getLogger(__name__)


def follow(old: str, new: str) -> int:
    """Rewrite every stored link from one path (decoded) to another; how many objects were rewritten.

    Each object is a transaction of its own, and doing it again changes nothing. Where the page has moved on meanwhile,
    links go to where it is now.
    """
    new = redirects.target(new) or new
    found: dict[tuple[int, int], set[str]] = defaultdict(set)
    for kind, key, field in InternalLink.objects.filter(target=old).values_list("content_type", "object_id", "field"):
        found[kind, key].add(field)
    return sum(_rewrite(kind, key, fields, old, new) for (kind, key), fields in sorted(found.items()))


def _rewrite(kind: int, key: int, fields: set[str], old: str, new: str) -> bool:
    model: Any = ContentType.objects.get_for_id(kind).model_class()
    if model is None or not issubclass(model, Publishable):
        return False
    try:
        with transaction.atomic():
            instance = model._base_manager.select_for_update().filter(pk=key).first()
            return instance is not None and _readdress(instance, fields, old, new)
    except ValidationError as refused:
        logger.warning("%s %s: its links to %s are left to the redirect: %s", model._meta.label, key, old, refused)
        return False


def _readdress(instance: Publishable, fields: set[str], old: str, new: str) -> bool:
    """Inside a transaction; raises ValidationError where the gate refuses."""
    live = instance.state == State.PUBLISHED
    if instance.reviewed is not None or (live and _has_copy(instance)):
        return False
    texts = {name: links.readdressed(getattr(instance, name), old, new) for name in sorted(fields)}
    changed = {name: text for name, text in texts.items() if text != getattr(instance, name)}
    if not changed:
        return False
    bound = instance.content_hash == revisions.content_hash(instance)
    for name, text in changed.items():
        setattr(instance, name, text)
    words = _("Links follow %(old)s to %(new)s") % {"old": old, "new": new}
    if live:
        workflow.publish(instance, summary=words, readdressed=True)
        return True
    saved = [*changed, "saved_at"]
    if bound:  # an approval is for these words: they are the same
        instance.content_hash = revisions.content_hash(instance)
        saved.append("content_hash")
    instance.save(update_fields=saved)
    revisions.record(instance, summary=words)
    return True


def _has_copy(instance: Publishable) -> bool:
    kind = ContentType.objects.get_for_model(instance)
    return WorkingCopy.objects.filter(content_type=kind, object_id=instance.pk).exists()
