"""Questions with a short answer and a long one."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.written import Written
from crampinfo.editorial.models import PublishableQuerySet


class Question(Written):
    """A question people ask; title is the question, key_answer the short answer, body the long one."""

    objects: ClassVar[Any] = PublishableQuerySet.as_manager()
    content_children = {"citations": ("reference_id", "position")}

    class Meta(Written.Meta):
        verbose_name = _("question")
        indexes = (models.Index(fields=("state", "-first_published_at", "-id"), name="articles_question_newest"),)

    def get_absolute_url(self) -> str:
        """The question's page."""
        return reverse("question", args=[self.slug])
