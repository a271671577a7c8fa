"""People: authors with their credentials, and medical reviews by them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crampinfo.editorial.models.picture import Picture


class Author(models.Model):
    """A person who writes, reviews or checks. A byline shows the portrait, whose alt text is this name."""

    slug = models.SlugField(_("slug"), max_length=80, unique=True, allow_unicode=True)
    name = models.CharField(_("name"), max_length=99, help_text=_("As readers see it, without titles."))
    role = models.CharField(_("role"), max_length=80, help_text=_("What this person does here, such as Health editor."))
    biography = models.TextField(_("biography"), blank=True)
    portrait = models.ForeignKey(
        Picture, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("portrait")
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="author",
        verbose_name=_("account"),
        help_text=_("The account this person signs in with; nobody approves their own text."),
    )
    is_demo = models.BooleanField(_("demo"), default=False)

    class Meta:
        ordering = ("name",)
        verbose_name = _("author")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The author's page."""
        return reverse("author", args=[self.slug])


class Credential(models.Model):
    """A qualification with the place where anyone can verify it, and who here did."""

    author = models.ForeignKey(Author, on_delete=models.CASCADE, related_name="credentials")
    title = models.CharField(_("qualification"), max_length=200)
    link = models.URLField(_("where it can be verified"), max_length=500)
    checked_by = models.CharField(_("checked by"), max_length=99)
    checked_on = models.DateField(_("checked on"))

    class Meta:
        ordering = ("pk",)
        verbose_name = _("credential")

    def __str__(self) -> str:
        return self.title


class MedicalReview(models.Model):
    """One reading of one content by one qualified person.

    It stops counting when the content's hash changes, and from void_since on, when the evidence box that the page shows
    was made to say something else (crampinfo/editorial/boxes.py).
    """

    reviewer = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="medical_reviews")
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    content_hash = models.CharField(max_length=64)
    reviewed_on = models.DateField(_("reviewed on"))
    note = models.TextField(_("note"), blank=True)
    void_since = models.DateTimeField(_("no longer counts since"), null=True, blank=True, editable=False)

    class Meta:
        ordering = ("-reviewed_on",)
        verbose_name = _("medical review")
        indexes = (models.Index(fields=("content_type", "object_id")),)

    def __str__(self) -> str:
        return f"{self.reviewer} {self.reviewed_on}"

    def counts_for(self, content_hash: str) -> bool:
        """Whether it still speaks for words of this hash; counting() asks the database the same."""
        return self.void_since is None and self.content_hash == content_hash

    @staticmethod
    def counting() -> Q:
        """Of publishable rows: those whose reading still counts."""
        return Q(
            medical_review__isnull=False,
            medical_review__void_since__isnull=True,
            medical_review__content_hash=F("content_hash"),
        )
