"""Authors with their credentials, and the readings of those who are qualified to check."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import revisions
from crampinfo.editorial.admin.base import AppendOnly, HouseAdmin, HouseInline
from crampinfo.editorial.models import Author, Credential, MedicalReview, Publishable
from crampinfo.editorial.roles import may_publish


class CredentialInline(HouseInline):
    """Qualifications, each with where anyone can verify it."""

    model = Credential


@admin.register(Author)
class AuthorAdmin(HouseAdmin):
    """People as readers see them. The account decides whose own text is whose, so only publishers link it."""

    list_display = ("name", "role", "user", "portrait", "is_demo")
    list_filter = ("role", "is_demo")
    search_fields = ("name", "role", "slug")
    related = ("user", "portrait")
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ("portrait",)
    short_texts = ("biography",)
    inlines = (CredentialInline,)
    fieldsets = (
        (None, {"fields": ("name", "slug", "role", "biography", "portrait")}),
        (gettext_lazy("Behind the scenes"), {"fields": ("user", "is_demo")}),
    )

    def label_for(self, instance: Author) -> str:
        """Name and role."""
        return f"{instance.name} – {instance.role}"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """The account is for those who may publish."""
        return () if may_publish(request.user) else ("user",)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Accounts of people who work here."""
        if db_field.name == "user":
            kwargs["queryset"] = get_user_model()._default_manager.filter(is_staff=True).order_by("username")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


def _readable() -> models.QuerySet[ContentType]:
    types = ContentType.objects.get_for_models(*_publishables())
    return ContentType.objects.filter(pk__in=[found.pk for found in types.values()])


def _publishables() -> list[type[models.Model]]:
    found: list[type[models.Model]] = []
    waiting: list[type[models.Model]] = [Publishable]
    while waiting:
        model = waiting.pop()
        waiting.extend(model.__subclasses__())
        if not model._meta.abstract:
            found.append(model)
    return found


class MedicalReviewForm(forms.ModelForm):
    """One reading of one text; who read is who is signed in, and what was read is the text of this moment."""

    reader: Any = None

    class Meta:
        model = MedicalReview
        fields = ("content_type", "object_id", "reviewed_on", "note")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "content_type" not in self.fields:  # a reading that is only looked at
            return
        kind: Any = self.fields["content_type"]
        kind.queryset, kind.label = _readable(), _("kind of text")
        self.fields["object_id"].label = _("its number")
        self.fields["reviewed_on"].initial = timezone.localdate

    def clean(self) -> dict[str, Any]:
        """The text exists, and the reader is qualified in public (HC-22)."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        kind, number = data.get("content_type"), data.get("object_id")
        model = kind.model_class() if kind else None
        self.content = model._default_manager.filter(pk=number).first() if model else None
        if kind and number and not isinstance(self.content, Publishable):
            self.add_error("object_id", _("There is no such text."))
        reader = getattr(self.reader, "author", None)
        if reader is None:
            raise forms.ValidationError(_("Your account is not linked to an author: a publisher can link it."))
        if not reader.credentials.exists():
            raise forms.ValidationError(_("Your author page has no qualification that anyone can verify."))
        return data


@admin.register(MedicalReview)
class MedicalReviewAdmin(AppendOnly, HouseAdmin):
    """Readings by qualified people. They stop counting by themselves when the text changes."""

    form = MedicalReviewForm
    list_display = ("reviewed_on", "reviewer", "what", "counts", "note")
    list_filter = ("reviewer", "content_type")
    search_fields = ("note", "reviewer__name")
    date_hierarchy = "reviewed_on"
    related = ("reviewer", "content_type")
    fields = ("content_type", "object_id", "reviewed_on", "note")

    def get_queryset(self, request: HttpRequest) -> Any:
        """With what was read."""
        return super().get_queryset(request).prefetch_related("content")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """The form knows who is signed in."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.reader = request.user
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Bind the reading to the text as it stands now, and let the text carry it."""
        content = form.content
        obj.reviewer = request.user.author  # type: ignore[union-attr]
        obj.content_hash = revisions.content_hash(content)
        super().save_model(request, obj, form, change)
        content.medical_review = obj
        content.content_hash = obj.content_hash
        content.save(update_fields=["medical_review", "content_hash"])

    @admin.display(description=gettext_lazy("text"))
    def what(self, review: MedicalReview) -> str:
        """What was read."""
        return str(review.content or "–")

    @admin.display(description=gettext_lazy("counts"), boolean=True)
    def counts(self, review: MedicalReview) -> bool:
        """Whether the text is still the one that was read, and its evidence box says what it said."""
        return review.counts_for(getattr(review.content, "content_hash", ""))
