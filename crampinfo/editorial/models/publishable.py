"""What every published thing shares: its state, its dates, its gate hash, and the one meaning of "live"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.disclosure import Disclosure, DisclosureKind
from crampinfo.editorial.models.followed import Followed, FollowedQuerySet
from crampinfo.editorial.models.people import MedicalReview


class State(models.TextChoices):
    """Where a publishable thing stands; workflow.py holds the table of moves."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Retired")


# What the workflow alone writes.
_SYSTEM = frozenset(
    {
        "state",
        "first_published_at",
        "content_changed_at",
        "content_hash",
        "gate_hash",
        "gate_passed_at",
        "medical_review",
        "corrections",
    }
)


def _beside(field: Any) -> tuple[str, ...]:
    """The fields that a field computes when it is saved."""
    names: tuple[str, ...] = getattr(field, "kept_beside", ())
    return names


class PublishableQuerySet(FollowedQuerySet):
    """Querysets of publishable things."""

    def published(self, at: datetime | None = None) -> Self:
        """Those a reader may see at a moment (now, by the database's clock, unless given)."""
        moment = at if at is not None else Now()
        return self.filter(
            Q(retire_at__isnull=True) | Q(retire_at__gt=moment), state=State.PUBLISHED, publish_at__lte=moment
        )

    def with_disclosures(self) -> Self:
        """Annotate disclosure_<kind> with the current texts in the object's language: pages need no query for them."""
        return self.annotate(
            **{
                f"disclosure_{kind}": Subquery(
                    Disclosure.objects.filter(kind=kind, language=OuterRef("language"))
                    .order_by("-version")
                    .values("text")[:1]
                )
                for kind in DisclosureKind.values
            }
        )

    def update(self, **values: Any) -> int:
        """Refuse in bulk what goes round the publish gate or the cleaning of texts: saving an object does those."""
        if not _SYSTEM.isdisjoint(values):
            raise FieldError("State changes go through crampinfo.editorial.workflow, which runs the publish gate.")
        fields = [self.model._meta.get_field(name) for name in values]
        if any(getattr(field, "settled_by_saving", False) for field in fields):
            raise FieldError("A text is cleaned when its object is saved: save the objects one by one.")
        model: Any = self.model
        content = any(getattr(field, "attname", "") in model.content_fields for field in fields)
        if content and self.filter(state=State.PUBLISHED).exists():
            raise FieldError("Some of these are live: publish each change through crampinfo.editorial.workflow.")
        return super().update(**values)

    update.alters_data = True  # type: ignore[attr-defined]

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Many drafts at once; nothing goes live that way."""
        rows = list(objs)
        if kwargs.get("update_conflicts") or any(row.state == State.PUBLISHED for row in rows):
            raise FieldError("Create drafts, then publish each through crampinfo.editorial.workflow.")
        return super().bulk_create(rows, *args, **kwargs)

    bulk_create.alters_data = True  # type: ignore[attr-defined]


class Publishable(Followed):
    """Something that passes the publish gate before readers see it.

    publish_at is when it appears (a filter, no job runs then); retire_at when it disappears. first_published_at is
    set once, by the system. content_changed_at is the "updated" date: the workflow moves it when the content's hash
    changes, and no form offers it.
    """

    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT, editable=False)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default=settings.LANGUAGE_CODE)
    publish_at = models.DateTimeField(
        _("publish at"),
        null=True,
        blank=True,
        help_text=_("When readers first see it. Empty: at the moment you publish."),
    )
    retire_at = models.DateTimeField(
        _("retire at"), null=True, blank=True, help_text=_("When it disappears by itself. Usually empty.")
    )
    first_published_at = models.DateTimeField(_("first published"), null=True, editable=False)
    content_changed_at = models.DateTimeField(_("updated"), null=True, editable=False)
    content_hash = models.CharField(max_length=64, editable=False, default="", blank=True)
    gate_hash = models.CharField(max_length=64, editable=False, default="", blank=True)
    gate_passed_at = models.DateTimeField(null=True, editable=False)
    medical_review = models.ForeignKey(
        MedicalReview, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    # What readers are told of errors that stood here, newest first: {"on": ISO date, "text": plain text} each.
    corrections = models.JSONField(_("corrections"), default=list, blank=True, editable=False)
    is_demo = models.BooleanField(
        _("demo"), default=False, help_text=_("Invented for the demonstration: never indexed, refused in production.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(auto_now=True)

    objects: ClassVar[Any] = PublishableQuerySet.as_manager()

    # Its dates decide by themselves when it is live; everything else of a live object passes the workflow.
    followed_fields: ClassVar[frozenset[str] | None] = frozenset({"publish_at", "retire_at"})
    # What kind of ledger entry says since when it is live (docs/ledger.md).
    ledger_kind: ClassVar[str] = "publication"
    # Names of the fields whose change is a change of content: they make the hash and the "updated" date.
    content_fields: ClassVar[tuple[str, ...]] = ()
    # Those of them that came after texts were published: left out of a snapshot while they are empty, so that what was
    # published, approved and read before keeps its hash.
    content_later: ClassVar[frozenset[str]] = frozenset()
    # Related objects whose words its page prints (path of relations: fields): read by the gate, no part of the hash.
    shown_with: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    class Meta:
        abstract = True
        constraints = (
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_published_means_gated",
                condition=~Q(state=State.PUBLISHED) | (~Q(gate_hash="") & Q(gate_passed_at__isnull=False)),
                violation_error_message=_(
                    "Only what passed the publish gate can be published: use Publish, not a saved state."
                ),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_published_has_dates",
                condition=~Q(state=State.PUBLISHED)
                | (Q(publish_at__isnull=False) & Q(first_published_at__isnull=False)),
                violation_error_message=_("A published page needs its publishing time."),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_retires_after_publishing",
                condition=Q(retire_at__isnull=True)
                | Q(publish_at__isnull=True)
                | Q(retire_at__gt=models.F("publish_at")),
                violation_error_message=_("It would retire before it is published: set a later retiring time."),
            ),
        )

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        """Save; some fields alone bring along what is computed from them, such as a body's contents table."""
        if update_fields is not None:
            # An approval that lapses with a change (workflow.end_a_lapsed_approval) lapses with a part of it too.
            named = set(update_fields) | ({"state"} if self.state == State.APPROVED else set())
            beside = {name for field in self._meta.fields if field.name in named for name in _beside(field)}
            update_fields = named | {field.name for field in self._meta.fields if field.name in beside}
        super().save(*args, update_fields=update_fields, **kwargs)

    @property
    def is_live(self) -> bool:
        """Whether readers can see it now; the same rule as PublishableQuerySet.published."""
        now = timezone.now()
        return (
            self.state == State.PUBLISHED
            and self.publish_at is not None
            and self.publish_at <= now
            and (self.retire_at is None or self.retire_at > now)
        )

    @property
    def shows_updated(self) -> bool:
        """Whether the updated date says something the published date does not (another day)."""
        first, changed = self.first_published_at, self.content_changed_at
        return bool(first and changed and timezone.localdate(changed) > timezone.localdate(first))

    @property
    def updated_for_readers(self) -> datetime | None:
        """The updated date, where it says something."""
        return self.content_changed_at if self.shows_updated else None

    @property
    def corrections_told(self) -> list[tuple[date, str]]:
        """The corrections, each with its day, newest first."""
        return [(date.fromisoformat(entry["on"]), entry["text"]) for entry in self.corrections]

    @property
    def contents_top(self) -> list[tuple[str, str]]:
        """The top of the contents table as (anchor, title), for models that keep one; nothing for a single section."""
        found = [(anchor, title) for level, anchor, title in getattr(self, "contents", []) if level == 2]
        return found if len(found) > 1 else []

    @property
    def reviewed(self) -> MedicalReview | None:
        """The medical review, while words and evidence box are still those that were reviewed (rules.md HC-22)."""
        review = self.medical_review
        return review if review is not None and review.counts_for(self.content_hash) else None
