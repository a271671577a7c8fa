"""What guides and questions share: words with an answer first, sources, red flags, and perhaps one call-out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.contenttypes.fields import GenericRelation
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from modelsearch import index

from articles.models.redflags import RedFlags
from crampinfo.editorial.citations import without_marks
from crampinfo.editorial.models import Author, Citation, Evidence, Picture, Publishable, State, Topic
from crampinfo.lib import markup, stems
from products.bodies import BodyField
from products.models import PlacementKind, Product, Slot


class Written(index.Indexed, RedFlags, Publishable):  # type: ignore[misc]  # modelsearch has no types
    """A text with a key answer. Red flags hold one sign a line; contents is the body's contents table, kept at save."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    title = models.CharField(_("title"), max_length=120)
    short_title = models.CharField(
        _("short title"), max_length=50, blank=True, help_text=_("For the path at the top of the page.")
    )
    summary = models.CharField(_("summary"), max_length=160, help_text=_("For lists and search results."))
    key_answer = models.TextField(
        _("key answer"), help_text=_("What a reader needs if they read nothing else: 2-4 sentences.")
    )
    body = BodyField(_("text"), blank=True)
    contents = models.JSONField(default=list, editable=False)
    author = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="%(class)ss", verbose_name=_("author"))
    topic = models.ForeignKey(
        Topic, on_delete=models.PROTECT, related_name="main_%(class)ss", verbose_name=_("main topic")
    )
    topics = models.ManyToManyField(Topic, blank=True, related_name="%(class)ss", verbose_name=_("more topics"))
    products = models.ManyToManyField(
        Product, blank=True, related_name="%(class)ss", verbose_name=_("products it speaks of")
    )
    evidence = models.ForeignKey(
        Evidence,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("evidence box"),
    )
    picture = models.ForeignKey(
        Picture,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("picture"),
        help_text=_("Shown after the answer and the red flags. Leave it empty rather than take one that says nothing."),
    )
    urgent = models.BooleanField(
        _("urgent"), default=False, help_text=_("Read in an emergency: carries no placement and no paid link.")
    )
    button_slot = models.ForeignKey(
        Slot,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="%(class)ss",
        verbose_name=_("slot for a call-out"),
    )
    translation_of = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="translations",
        verbose_name=_("translation of"),
    )
    citations = GenericRelation(Citation)

    content_fields: ClassVar[tuple[str, ...]] = (
        "slug",
        "title",
        "short_title",
        "summary",
        "key_answer",
        "body",
        "author_id",
        "topic_id",
        "evidence_id",
        "picture_id",
        "red_flags_emergency",
        "red_flags_today",
        "urgent",
        "button_slot_id",
        "language",
    )
    content_later: ClassVar[frozenset[str]] = frozenset({"picture_id"})
    shown_with: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "picture": ("alt", "credit"),
        "topic": ("name",),
        "evidence": ("statement", "strength_note", "studied", "population", "result", "caption"),
    }
    search_fields = [
        index.SearchField("title", boost=4),
        index.SearchField("key_answer", boost=2),
        index.SearchField("summary"),
        index.SearchField("search_text"),
        index.SearchField("search_stems"),
        index.FilterField("state"),
        index.FilterField("language"),
    ]

    class Meta(Publishable.Meta):
        abstract = True
        ordering = ("-first_published_at", "-pk")

    def __str__(self) -> str:
        return self.title

    @property
    def search_text(self) -> str:
        """What search reads besides title and answer: the body's words without markup and citation marks."""
        return without_marks(markup.plain(self.body))

    @property
    def search_stems(self) -> str:
        """All its words as search compares them."""
        return stems.stems(self.title, self.summary, without_marks(self.key_answer), self.search_text)

    @classmethod
    def get_indexed_objects(cls) -> models.QuerySet:
        """Search knows what is published, also ahead of its time: whoever searches looks at the dates."""
        found: models.QuerySet = cls.objects.filter(state=State.PUBLISHED)
        return found

    @property
    def takes_money(self) -> bool:
        """Whether this page may carry a placement or a paid link at all (promise 10)."""
        return not (self.urgent or self.topic.sensitive)

    def clean(self) -> None:
        """A call-out only where money may stand, in a slot for buttons; a translation is in another language."""
        if self.button_slot is not None:
            if self.button_slot.kind != PlacementKind.BUTTON:
                raise ValidationError({"button_slot": _("This slot is not for call-out buttons.")})
            if self.topic_id and not self.takes_money:
                raise ValidationError(
                    {"button_slot": _("An urgent page or one on a sensitive topic carries no call-out.")}
                )
        if self.translation_of is not None and self.translation_of.language == self.language:
            raise ValidationError({"translation_of": _("The original is in the same language.")})
