"""Which source decides: of all on one treatment the strongest in force, whatever a single trial found (rules.md HC-06).

Cochrane review over other reviews over trials over observation over the laboratory (rules.md 13.3); of two alike the
newer. What was retracted or superseded decides nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from crampinfo.editorial.models import Citation, Design, Direction, Publishable, Reference, State

# Designs that answer "does it work", the strongest first.
ORDER = (Design.COCHRANE, Design.REVIEW, Design.RCT, Design.OBSERVATIONAL, Design.MECHANISTIC)
# Those that can carry a claim of benefit: people, a comparison, chance ruled out (HC-04, HC-05).
CARRYING = frozenset({Design.COCHRANE, Design.REVIEW, Design.RCT})


def rank(reference: Reference) -> tuple[int, int, int]:
    """Smaller is stronger. Only for designs in ORDER."""
    return ORDER.index(Design(reference.design)), -(reference.year or 0), reference.pk


def strongest(treatments: Iterable[str]) -> Mapping[str, Reference]:
    """The source that decides on each treatment, in one query; a treatment nobody has studied is left out."""
    wanted = {name for name in treatments if name}
    if not wanted:
        return {}
    found: dict[str, Reference] = {}
    rows = Reference.objects.filter(treatment__in=wanted, design__in=ORDER, retracted=False, superseded_by=None)
    for reference in rows.exclude(direction=Direction.NOT_APPLICABLE):
        known = found.get(reference.treatment)
        if known is None or rank(reference) < rank(known):
            found[reference.treatment] = reference
    return found


def resting_on_withdrawn(kinds: Iterable[type[Publishable]]) -> Iterator[tuple[Publishable, Reference]]:
    """Every live page that cites a retracted or superseded source, or shows a box resting on one (PUB-07).

    A page that cites the newer version too has already been told, and is left out.
    """
    withdrawn = Reference.objects.filter(Q(retracted=True) | Q(superseded_by__isnull=False)).in_bulk()
    for kind in kinds if withdrawn else ():
        used = set(_cited(kind, withdrawn)) if hasattr(kind, "citations") else set()
        live: Any = kind._default_manager.filter(state=State.PUBLISHED)
        if hasattr(kind, "evidence"):
            used |= set(live.filter(evidence__reference__in=withdrawn).values_list("pk", "evidence__reference"))
        pages = live.in_bulk([page for page, _reference in used])
        yield from ((pages[page], withdrawn[key]) for page, key in sorted(used) if page in pages)


def _cited(kind: type[Publishable], withdrawn: Mapping[int, Reference]) -> Iterator[tuple[int, int]]:
    """Pages of a kind with the withdrawn sources they cite, but for those whose newer version they cite as well."""
    newer = {one.superseded_by_id for one in withdrawn.values() if one.superseded_by_id}
    mine = Citation.objects.filter(content_type=ContentType.objects.get_for_model(kind))
    cited = set(mine.filter(reference__in={*withdrawn, *newer}).values_list("object_id", "reference"))
    for page, key in cited:
        reference = withdrawn.get(key)
        if reference is not None and (reference.retracted or (page, reference.superseded_by_id) not in cited):
            yield page, key
