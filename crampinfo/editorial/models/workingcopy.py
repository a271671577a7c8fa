"""Working copies: what editors prepare for something live, kept beside it until somebody publishes it."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class CopyState(models.TextChoices):
    """Where a working copy stands; what it is a copy of stays published all the while."""

    DRAFT = "draft", _("Draft")
    IN_REVIEW = "in_review", _("In review")
    APPROVED = "approved", _("Approved")


class WorkingCopy(models.Model):
    """The change form of a live object as somebody left it, with all its rows. Readers see nothing of it.

    post is what the form would send: input names with lists of values, nothing that its writers' forms did not offer.
    base says what the live object held when the copy was begun (crampinfo.editorial.admin.opened.Opened): what has
    changed there since is merged when the copy is opened. digest is the SHA-256 of post; an approval is for one digest.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    title = models.CharField(_("title"), max_length=200)
    post = models.JSONField(_("form"))
    base = models.TextField(_("begun from"))
    number = models.PositiveIntegerField(_("number"), default=1)
    digest = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=10, choices=CopyState, default=CopyState.DRAFT)
    approved_digest = models.CharField(max_length=64, default="", blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    begun_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField(_("saved"))

    class Meta:
        ordering = ("-saved_at",)
        verbose_name = _("draft of changes")
        verbose_name_plural = _("drafts of changes")
        constraints = (
            models.UniqueConstraint(
                name="editorial_workingcopy_one_an_object",
                fields=("content_type", "object_id"),
                violation_error_message=_("Somebody began a draft of changes at the same moment: load the page again."),
            ),
            models.CheckConstraint(
                name="editorial_workingcopy_approved_as_it_stands",
                condition=~Q(state=CopyState.APPROVED)
                | (Q(approved_digest=F("digest")) & Q(approved_at__isnull=False)),
                violation_error_message=_("An approval is for the words as they were read: they have changed since."),
            ),
        )

    def __str__(self) -> str:
        return self.title
