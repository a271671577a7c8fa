"""Lists: what is ranked, how payment is kept out or shown, what was considered and left out."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.signals import m2m_changed
from django.dispatch import receiver
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models import Author, Evidence, Followed, Publishable, PublishableQuerySet, Topic
from products.models import PlacementKind, Product, Slot
from reviews.models.methodology import Methodology


class Compensation(models.TextChoices):
    """Isolated: no payment reaches order or score. Influenced: the whole list is an advertisement and says so."""

    ISOLATED = "isolated", _("Isolated")
    INFLUENCED = "influenced", _("Influenced")


class RankingQuerySet(PublishableQuerySet):
    """Querysets of rankings."""

    def published(self, at: Any = None) -> Self:
        """Live ones; influenced lists only where the site allows them (16 CFR 255.4(b)(3) Example 3)."""
        live = super().published(at)
        return live if settings.ALLOW_INFLUENCED_LISTS else live.filter(compensation=Compensation.ISOLATED)


class Ranking(Publishable):
    """A list of reviewed products. The none_* fields make its first, unnumbered row: "you may need none of these"."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(_("title"), max_length=90)
    short_title = models.CharField(_("short title"), max_length=40, help_text=_("For the path at the top of the page."))
    summary = models.CharField(_("summary"), max_length=160)
    dek = models.TextField(_("introduction"))
    compensation = models.CharField(_("payment"), max_length=10, choices=Compensation, default=Compensation.ISOLATED)
    methodology = models.ForeignKey(Methodology, on_delete=models.PROTECT, related_name="rankings")
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="rankings")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="rankings")
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="rankings")
    slots = models.ManyToManyField(Slot, blank=True, related_name="rankings")
    none_title = models.CharField(_("first row: title"), max_length=80, default="You may need none of these")
    none_text = models.TextField(_("first row: text"))
    none_detail = models.CharField(_("first row: what instead"), max_length=200, blank=True)
    none_source = models.CharField(_("first row: source"), max_length=250, blank=True)
    none_link = models.CharField(_("first row: link"), max_length=200, blank=True)
    none_link_text = models.CharField(_("first row: link text"), max_length=60, blank=True)

    objects: ClassVar[Any] = RankingQuerySet.as_manager()
    ledger_kind = "ranking"
    content_fields = (
        "slug",
        "title",
        "short_title",
        "summary",
        "dek",
        "compensation",
        "methodology_id",
        "topic_id",
        "evidence_id",
        "author_id",
        "none_title",
        "none_text",
        "none_detail",
        "none_source",
        "none_link",
        "none_link_text",
        "language",
    )
    content_children = {"entries": ("product_id",), "rejections": ("name", "reason", "considered_on")}
    shown_with: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "topic": ("name",),
        "evidence": ("statement", "strength_note", "studied", "population", "result", "caption"),
    }

    class Meta(Publishable.Meta):
        ordering = ("title",)
        verbose_name = _("list")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The list's page."""
        return reverse("ranking", args=[self.slug])

    @property
    def further_addresses(self) -> tuple[str, ...]:
        """Pages that are named after it: how its scores come about."""
        return (reverse("methodology", args=[self.slug]),)

    @property
    def is_influenced(self) -> bool:
        """Whether placements may change what is shown."""
        return self.compensation == Compensation.INFLUENCED

    def accepts(self, kind: str) -> bool:
        """Which kinds of placement this list takes: a band beside any list, the others on influenced ones alone."""
        if kind == PlacementKind.BAND:
            return True
        return self.is_influenced and kind in (PlacementKind.ORDER, PlacementKind.ADJUSTMENT)

    def clean(self) -> None:
        """A list that was influenced and is made isolated must first lose its slots."""
        if self.pk and any(not self.accepts(slot.kind) for slot in self.slots.all()):
            raise ValidationError(
                {"compensation": _("This list has slots that an isolated list does not take: remove them first.")}
            )


@receiver(m2m_changed, sender=Ranking.slots.through)
def refuse_wrong_slots(
    action: str, instance: models.Model, pk_set: set[int] | None, reverse: bool, **kwargs: Any
) -> None:
    """A slot of a kind the list does not take is refused on every path, also when set from the slot's side."""
    if action != "pre_add" or not pk_set:
        return
    pairs: list[tuple[Any, Any]] = (
        [(ranking, instance) for ranking in Ranking.objects.filter(pk__in=pk_set)]
        if reverse
        else [(instance, slot) for slot in Slot.objects.filter(pk__in=pk_set)]
    )
    for ranking, slot in pairs:
        if not ranking.accepts(slot.kind):
            raise ValidationError(_("%(list)s does not take the slot %(slot)s.") % {"list": ranking, "slot": slot})
        if ranking.topic.sensitive:
            raise ValidationError(_("%(list)s is on a sensitive topic: nothing is sold there.") % {"list": ranking})
    for ranking in {ranking for ranking, slot in pairs if slot.kind == PlacementKind.ORDER}:
        new = {slot.pk for other, slot in pairs if other == ranking and slot.kind == PlacementKind.ORDER}
        if len(new.union(ranking.slots.filter(kind=PlacementKind.ORDER).values_list("pk", flat=True))) > 1:
            raise ValidationError(
                _("%(list)s sells its places through one slot: two could book one place.") % {"list": ranking}
            )


class RankingEntry(Followed):
    """A product in a list.

    place is its editorial place as printed ("2="), '' while a gate keeps it out; keeps_place is rank robustness, the
    share (0-1) of weightings in which it keeps that place. Both are stored by reviews.standing.refresh when their
    inputs change, for pages that show one product; a list itself computes its places at every rendering.
    """

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="entries")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="ranking_entries")
    added_on = models.DateField(_("added on"))
    place = models.CharField(max_length=8, blank=True, editable=False)
    keeps_place = models.DecimalField(max_digits=4, decimal_places=3, null=True, editable=False)

    followed_fields = frozenset({"ranking", "product"})

    class Meta:
        ordering = ("pk",)
        verbose_name = _("list entry")
        verbose_name_plural = _("list entries")
        constraints = (
            models.UniqueConstraint(
                name="reviews_entry_once",
                fields=("ranking", "product"),
                violation_error_message=_("This product is already in the list."),
            ),
            models.CheckConstraint(
                name="reviews_entry_share",
                condition=Q(keeps_place__isnull=True) | Q(keeps_place__gte=Decimal(0), keeps_place__lte=Decimal(1)),
                violation_error_message=_("A share goes from 0 to 1."),
            ),
        )

    def __str__(self) -> str:
        return str(self.product)


class RankingRejection(models.Model):
    """A product that was considered and left out, with the reason readers see."""

    ranking = models.ForeignKey(Ranking, on_delete=models.CASCADE, related_name="rejections")
    name = models.CharField(_("product"), max_length=120)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(_("why it is not here"), max_length=250)
    considered_on = models.DateField(_("looked at"))

    class Meta:
        ordering = ("-considered_on", "name")
        verbose_name = _("considered and rejected")
        verbose_name_plural = _("considered and rejected")
        constraints = (
            models.UniqueConstraint(
                name="reviews_rejection_once",
                fields=("ranking", "name"),
                violation_error_message=_("This product is already among the rejected."),
            ),
        )

    def __str__(self) -> str:
        return self.name
