"""What every loader is given: where to find objects, where pictures go, when now is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from crampinfo.editorial.models import Publishable, State
from crampinfo.site.contentfiles.load import saving
from crampinfo.site.contentfiles.load.lookup import Lookup
from crampinfo.site.contentfiles.load.texts import Album
from crampinfo.site.contentfiles.reading import Item


@dataclass(frozen=True, slots=True)
class Desk:
    """One load."""

    now: datetime
    lookup: Lookup = field(default_factory=Lookup)
    album: Album = field(default_factory=Album)

    def fill(self, obj: Any, item: Item, **more: Any) -> None:
        """Set the item's values and more, check, and save; something live is saved later, by passing the gate again."""
        saving.assign(obj, item, self.lookup, more)
        if is_live(obj):
            saving.check(obj, item)
        else:
            saving.save(obj, item)

    def children(self, obj: Any, relation: str, items: Any, key: str) -> list[tuple[Any, Any]]:
        """Make the children what the items say."""
        return saving.sync(obj, relation, items, key, self.lookup)

    def many(self, obj: Any, item: Item) -> None:
        """Set the many-to-many fields."""
        saving.set_many(obj, item, self.lookup)


def is_live(obj: Any) -> bool:
    """Whether the gate guards every save of it."""
    return isinstance(obj, Publishable) and obj.state == State.PUBLISHED
