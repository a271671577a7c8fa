"""Readers' comments, held until somebody has read them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class CommentState(models.TextChoices):
    """Nothing appears before it was read."""

    HELD = "held", _("Held")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")


class RejectionReason(models.TextChoices):
    """A closed list that says nothing about praise or blame (rules.md REV-06)."""

    ABUSE = "abuse", _("Abuse")
    PERSONAL_DATA = "personal_data", _("Personal data")
    OFF_TOPIC = "off_topic", _("Off topic")
    FAKE = "fake", _("Not by a real person or about a real experience")
    ILLEGAL = "illegal", _("Unlawful")
    ADVERTISING = "advertising", _("Advertising")


class Comment(models.Model):
    """One comment on a guide, question or review. No address, browser or e-mail is kept."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+")
    object_id = models.PositiveBigIntegerField()
    content = GenericForeignKey("content_type", "object_id")
    name = models.CharField(_("name"), max_length=60)
    text = models.TextField(_("text"), max_length=3000)
    state = models.CharField(_("state"), max_length=8, choices=CommentState, default=CommentState.HELD)
    rejection_reason = models.CharField(_("why it was rejected"), max_length=13, choices=RejectionReason, blank=True)
    moderated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    moderated_at = models.DateTimeField(_("read at"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-created_at",)
        verbose_name = _("comment")
        indexes = (models.Index(fields=("content_type", "object_id", "state")),)
        constraints = (
            models.CheckConstraint(
                name="articles_comment_rejection_has_reason",
                condition=(Q(state=CommentState.REJECTED) & ~Q(rejection_reason=""))
                | (~Q(state=CommentState.REJECTED) & Q(rejection_reason="")),
                violation_error_message=_("A rejected comment needs a reason from the list; others have none."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.text[:40]}"
