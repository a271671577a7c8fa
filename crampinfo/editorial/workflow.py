"""The table of moves between states, and the verbs that make them; publishing always asks the gate."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.signals import pre_delete, pre_save
from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import corrections, gate, handover, ledger, rendered, revisions, roles
from crampinfo.editorial.dates import date_publication
from crampinfo.editorial.handover import NOTHING, Along
from crampinfo.editorial.models import Publishable, State
from crampinfo.editorial.signals import announce

Given = ParamSpec("Given")
Result = TypeVar("Result")

MOVES: dict[str, frozenset[str]] = {
    State.DRAFT: frozenset({State.IN_REVIEW, State.PUBLISHED, State.RETIRED}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.APPROVED, State.PUBLISHED, State.RETIRED}),
    State.APPROVED: frozenset({State.DRAFT, State.IN_REVIEW, State.PUBLISHED, State.RETIRED}),
    State.PUBLISHED: frozenset({State.PUBLISHED, State.RETIRED}),
    State.RETIRED: frozenset({State.DRAFT}),
}

# The objects (by id) that editing() holds open, so that their steps may be saved before the gate is asked.
_in_hand: ContextVar[frozenset[int]] = ContextVar("in_hand", default=frozenset())


def submit(instance: Publishable, by: User | None = None, along: Along = NOTHING) -> None:
    """Hand a draft to a reviewer."""
    _move(instance, State.IN_REVIEW, by, _("Handed in for review"), along)


def approve(instance: Publishable, by: User | None = None, along: Along = NOTHING, summary: str = "") -> None:
    """Approve what is in review, as it stands. Nobody approves what they alone have written."""
    if by is not None and not roles.is_second_person(by, instance):
        raise ValidationError(_("Nobody approves or publishes their own text."))
    _move(instance, State.APPROVED, by, summary or _("Approved"), along)


def lapse(instance: Publishable, by: User | None = None) -> None:
    """Back to review, because an approved text has changed: an approval is for the words that were read (PUB-03)."""
    instance.state = State.APPROVED  # what saving it has done already is put on record here
    _move(instance, State.IN_REVIEW, by, _("Changed after it was approved: in review again"), NOTHING)


def reopen(instance: Publishable, by: User | None = None, along: Along = NOTHING, summary: str = "") -> None:
    """Back to draft."""
    _move(instance, State.DRAFT, by, summary or _("Back to draft"), along)


@transaction.atomic
def retire(instance: Publishable, by: User | None = None, reason: str = "") -> None:
    """Take something from the public; its address answers 404 from now on."""
    _move(instance, State.RETIRED, by, reason or _("Retired"), Along(reason[:500]))


def _unchanged_when_refused(
    move: Callable[Concatenate[Publishable, Given], Result],
) -> Callable[Concatenate[Publishable, Given], Result]:
    """What is refused has changed nothing: not in memory either."""

    @wraps(move)
    def moved(instance: Publishable, /, *args: Given.args, **kwargs: Given.kwargs) -> Result:
        before = dict(instance.__dict__)
        try:
            return move(instance, *args, **kwargs)
        except ValidationError:
            instance.__dict__.update(before)
            raise

    return moved


@_unchanged_when_refused
@transaction.atomic
def publish(
    instance: Publishable,
    *,
    by: User | None = None,
    at: datetime | None = None,
    first_published_at: datetime | None = None,
    summary: str = "",
    correction: str = "",
    readdressed: bool = False,
) -> list[gate.Finding]:
    """Publish at a moment (now unless given), or publish a change of something live; returns the gate's warnings.

    first_published_at is for content that was published elsewhere before it came here. The "updated" date moves when,
    and only when, the content's hash differs from the published one; not when it was only readdressed: its links
    follow pages that moved, and readers are told nothing new. correction is what they are told, for good and on the
    page itself, of an error that this mends. Raises GateRefused, and nothing has changed.
    """
    _allow(instance, State.PUBLISHED)
    corrections.add(instance, correction)
    findings = gate.check(instance, by)
    now = timezone.now()
    when = at or instance.publish_at or now
    if instance.retire_at is not None and instance.retire_at <= when:
        raise ValidationError({"retire_at": _("It would retire before it is published: set a later retiring time.")})
    fresh, previous = revisions.content_hash(instance), instance.gate_hash
    stood, was_public = instance.state, instance.state == State.PUBLISHED
    date_publication(instance, when, first_published_at, changed=previous != fresh and not readdressed)
    instance.content_hash = instance.gate_hash = fresh
    instance.gate_passed_at = now
    instance.state = State.PUBLISHED
    words = summary or (_("Changed while live") if was_public else _("Published"))
    if correction.strip():
        words = _("%(words)s. Correction: %(told)s") % {"words": words, "told": instance.corrections[0]["text"]}
    with _hold(instance), _put_down(by, words):
        instance.save()
    findings += rendered.check(instance, by)
    if previous != fresh or not was_public:
        revisions.record(instance, summary=words, author=by, gate_report=[finding.as_dict() for finding in findings])
    if not was_public:
        handover.record(instance, stood, State.PUBLISHED, by)
    announce(instance)
    return [finding for finding in findings if finding.severity is gate.Severity.WARN]


@contextmanager
def _hold(instance: Publishable) -> Iterator[None]:
    """Inside, the object may be saved although it is live."""
    token = _in_hand.set(_in_hand.get() | {id(instance)})
    try:
        yield
    finally:
        _in_hand.reset(token)


@contextmanager
def _put_down(by: User | None, words: str) -> Iterator[None]:
    """What saving puts on record has this reason, and the role of whoever does it."""
    with ExitStack() as stack:
        stack.enter_context(ledger.because(words))
        if by is not None:
            stack.enter_context(ledger.acting(roles.finder(by)))
        yield


@contextmanager
def editing(instance: Publishable) -> Iterator[None]:
    """Change something live in steps (its fields, then its children) and publish it before the block ends.

    Inside, the object may be saved although the gate has not seen its content. Leaving the block without publishing
    raises ValidationError; that and every other exception undo all steps, and the object in memory is stale then.
    """
    with transaction.atomic():
        with _hold(instance):
            yield
        if instance.state == State.PUBLISHED and revisions.content_hash(instance) != instance.gate_hash:
            raise ValidationError(_("It is live and was changed without being published: nothing was saved."))


def _allow(instance: Publishable, target: str) -> None:
    if target not in MOVES[instance.state]:
        raise ValidationError(
            _("It is %(state)s: from there it can't become %(target)s.")
            % {"state": State(instance.state).label, "target": State(target).label}
        )


@transaction.atomic
def _move(instance: Publishable, target: str, by: User | None, summary: str, along: Along) -> None:
    _allow(instance, target)
    stood, instance.state = instance.state, target
    instance.content_hash = revisions.content_hash(instance)
    with _put_down(by, summary):
        instance.save()
    revisions.record(instance, summary=summary, author=by)
    handover.record(instance, stood, target, by, along)
    announce(instance)


@receiver(pre_save)
def end_a_lapsed_approval(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Whatever path saves it: a text that is approved is the text that was read (PUB-03).

    Whoever changes what is no word of it, such as where a link leads, brings the hash along and keeps the approval.
    """
    if raw or not isinstance(instance, Publishable) or instance.state != State.APPROVED:
        return
    stored = sender._base_manager.filter(pk=instance.pk).values_list("state", "content_hash").first()
    if stored is None or stored[0] != State.APPROVED or not stored[1]:
        return
    if revisions.content_hash(instance) not in (stored[1], instance.content_hash):
        instance.state = State.IN_REVIEW


@receiver(pre_save)
def refuse_ungated_change(sender: type[Any], instance: Any, raw: bool = False, **kwargs: Any) -> None:
    """Nothing goes live by being saved, and what is live keeps the content that the gate has seen (promise 4)."""
    if raw or not isinstance(instance, Publishable) or instance.state != State.PUBLISHED:
        return
    if id(instance) in _in_hand.get():
        return
    stored = sender._base_manager.filter(pk=instance.pk).values_list("state", "gate_hash").first()
    if stored is None or stored[0] != State.PUBLISHED:
        raise ValidationError(_("Only what passed the publish gate can be published: use Publish, not a saved state."))
    if not revisions.content_hash(instance) == instance.gate_hash == stored[1]:
        raise ValidationError(_("It is live: publish the change through the gate instead of saving it."))


@receiver(pre_delete)
def refuse_deleting_history(sender: type[Any], instance: Any, **kwargs: Any) -> None:
    """What readers have seen is retired, never deleted: its scores and revisions stay (promise 7)."""
    if isinstance(instance, Publishable) and instance.first_published_at is not None:
        raise PermissionDenied("It was public: retire it instead of deleting it, so that its history stays.")
