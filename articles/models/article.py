"""Guides, with their FAQ."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.written import Written
from crampinfo.editorial.citations import without_marks
from crampinfo.editorial.models import PublishableQuerySet


class Article(Written):
    """A guide."""

    objects: ClassVar[Any] = PublishableQuerySet.as_manager()
    content_children = {"faq": ("question", "answer"), "citations": ("reference_id", "position")}

    class Meta(Written.Meta):
        verbose_name = _("guide")
        indexes = (models.Index(fields=("state", "-first_published_at", "-id"), name="articles_article_newest"),)

    @property
    def search_text(self) -> str:
        """The body's words and the short questions with their answers."""
        answers = (f"{entry.question} {without_marks(entry.answer)}" for entry in self.faq.all())
        return " ".join((super().search_text, *answers))

    def get_absolute_url(self) -> str:
        """The guide's page."""
        return reverse("article", args=[self.slug])


class FaqEntry(models.Model):
    """One question with its short answer at the end of a guide."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="faq")
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    question = models.CharField(_("question"), max_length=200)
    answer = models.TextField(_("answer"))

    class Meta:
        ordering = ("position", "pk")
        verbose_name = _("FAQ entry")
        verbose_name_plural = _("FAQ entries")
        constraints = (
            models.UniqueConstraint(
                name="articles_faq_once",
                fields=("article", "question"),
                violation_error_message=_("This guide already answers that question."),
            ),
        )

    def __str__(self) -> str:
        return self.question
