"""What can be done with a publishable thing from its form: the buttons, who gets them, and what they call."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial import workingcopy
from crampinfo.editorial.models import CopyState, Publishable, State, WorkingCopy
from crampinfo.editorial.roles import APPROVE, PUBLISH, is_second_person

_UNPUBLISHED = frozenset({State.DRAFT, State.IN_REVIEW, State.APPROVED})


@dataclass(frozen=True, slots=True)
class Verb:
    """One button. permission "" means: whoever may change the object; judging is closed to who wrote it.

    copies says in which states of its draft of changes a live object gets the button, "" being that there is none.
    target is the state it leads to, for what can be handed over along with it; "" for the others.
    """

    name: str
    label: str | Promise
    states: frozenset[State]
    permission: str = ""
    judges: bool = False
    main: bool = False
    copies: frozenset[str] = frozenset({"", *CopyState})
    target: str = ""


CHECK = Verb("check", _("Check only"), _UNPUBLISHED | {State.PUBLISHED})
SAVE = Verb("save", _("Save"), _UNPUBLISHED, main=True)
SUBMIT = Verb("submit", _("Hand in for review"), frozenset({State.DRAFT}), target=State.IN_REVIEW)
REOPEN = Verb(
    "reopen",
    _("Back to draft"),
    frozenset({State.IN_REVIEW, State.APPROVED, State.RETIRED}),
    target=State.DRAFT,
)
APPROVAL = Verb("approve", _("Approve"), frozenset({State.IN_REVIEW}), APPROVE, judges=True, target=State.APPROVED)
PUBLICATION = Verb("publish", _("Publish"), _UNPUBLISHED, PUBLISH, judges=True)
_LIVE = frozenset({State.PUBLISHED})
KEEP = Verb("keep", _("Save as draft"), _LIVE, main=True)
HAND_IN = Verb(
    "hand_in",
    _("Hand in for review"),
    _LIVE,
    copies=frozenset({"", CopyState.DRAFT}),
    target=CopyState.IN_REVIEW,
)
SEND_BACK = Verb(
    "send_back",
    _("Back to draft"),
    _LIVE,
    copies=frozenset({CopyState.IN_REVIEW, CopyState.APPROVED}),
    target=CopyState.DRAFT,
)
ACCEPT = Verb(
    "accept",
    _("Approve"),
    _LIVE,
    APPROVE,
    judges=True,
    copies=frozenset({CopyState.IN_REVIEW}),
    target=CopyState.APPROVED,
)
CHANGE = Verb("publish", _("Publish changes"), _LIVE, PUBLISH, judges=True)

VERBS = (CHECK, SAVE, KEEP, SUBMIT, HAND_IN, REOPEN, SEND_BACK, APPROVAL, ACCEPT, PUBLICATION, CHANGE)
OF_COPIES = (KEEP, HAND_IN, SEND_BACK, ACCEPT)  # what touches no live row


def offered(
    user: AbstractBaseUser | AnonymousUser, instance: Publishable | None, copy: WorkingCopy | None = None
) -> list[Verb]:
    """The buttons this person gets for this object (a new one when None), once they may change it at all."""
    state = State(instance.state) if instance is not None else State.DRAFT
    stands = copy.state if copy is not None else ""
    allowed = [
        verb
        for verb in VERBS
        if state in verb.states and stands in verb.copies and (not verb.permission or user.has_perm(verb.permission))  # type: ignore[union-attr]
    ]
    if not any(verb.judges for verb in allowed):
        return allowed
    second = _is_second(user, instance, copy)
    return [verb for verb in allowed if second or not verb.judges]


def _is_second(user: AbstractBaseUser | AnonymousUser, instance: Publishable | None, copy: WorkingCopy | None) -> bool:
    if instance is None:
        return bool(settings.SINGLE_OPERATOR)
    return is_second_person(user, instance) and workingcopy.is_second(user, copy)
