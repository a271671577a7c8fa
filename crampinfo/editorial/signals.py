"""News that must travel up the layers: sent when the transaction has committed, or ahead of it for a preview."""

from __future__ import annotations

from django.db import models, transaction
from django.dispatch import Signal

content_changed = Signal()
"""Sent with sender=the model class and instance=the object whose public appearance may have changed."""

rows_changed = Signal()
"""Sent inside the transaction when rows were changed or added in bulk, with sender=the model and keys=their keys."""

shown_ahead = Signal()
"""Sent inside a preview's transaction with sender=the model class and instance=an object that was put live there:
what is computed from it and stored elsewhere must follow at once. Everything is undone after the page is rendered."""

page_moved = Signal()
"""Sent inside the transaction in which a page's address changes, with old and new: its paths, decoded."""


def announce(instance: models.Model) -> None:
    """Send content_changed for instance once the current transaction commits (at once when there is none)."""
    transaction.on_commit(lambda: content_changed.send(sender=type(instance), instance=instance))
