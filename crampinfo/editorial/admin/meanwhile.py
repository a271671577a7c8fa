"""Two people, or two tabs, and one object: whoever saves second is told, sees what differs, and loses nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crampinfo.editorial.admin import typed
from crampinfo.editorial.admin.history import Difference
from crampinfo.editorial.admin.opened import Opened, merge
from crampinfo.editorial.models import Revision
from crampinfo.lib import markup

ASIDE = "_crampinfo_meanwhile"  # where a request keeps what came between its form and itself


@dataclass(frozen=True, slots=True)
class Between:
    """What came between opening a form and sending it: the sentence, and what differs."""

    sentence: str
    both: Sequence[Difference]
    taken: Sequence[Difference]
    seen: str  # what the form that comes back has seen

    def after(self, earlier: Between) -> Between:
        """Both in one, told in their order."""
        sentence = f"{earlier.sentence} {self.sentence}"
        return Between(sentence, [*earlier.both, *self.both], [*earlier.taken, *self.taken], self.seen)


@dataclass(frozen=True, slots=True)
class Kept:
    """A field of a form that can no longer be saved: its words to copy, or its text as it looked."""

    label: str
    words: str
    text: SafeString | str = ""


class Meanwhile(admin.ModelAdmin):
    """A form knows what it showed when it was opened. What came since is found before anything is saved."""

    def stands(self, obj: Any) -> str:
        """What decides about an object's form besides its fields, in words: its state, that it is frozen."""
        return ""

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A form that came too late says so, and is not saved."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        between: Between | None = getattr(request, ASIDE, None)
        if between is not None:
            form.told = between.sentence
        return form

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With what this form shows, for the moment when it is sent."""
        between: Between | None = getattr(request, ASIDE, None)
        obj = context.get("original")
        if between is not None:
            context["meanwhile"], context["seen"] = between, between.seen
        elif "seen" in context:
            pass  # a draft of changes, which remembers itself what it was begun from
        elif request.method == "POST":
            context["seen"] = request.POST.get("_seen", "")
        elif obj is not None and self.has_change_permission(request, obj):
            rows = [inline.formset for inline in context["inline_admin_formsets"] if inline.has_change_permission]
            context["seen"] = Opened.of(context["adminform"].form, rows, self.stands(obj)).token()
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Compare what the form showed with what is stored now, while nobody else can save it."""
        seen = Opened.parse(request.POST.get("_seen", "")) if request.method == "POST" and object_id else None
        if seen is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            closed = self._compare(request, str(object_id), seen)
            return closed or super().changeform_view(request, object_id, form_url, extra_context)

    def _compare(self, request: HttpRequest, object_id: str, seen: Opened) -> HttpResponse | None:
        """Put aside what differs; a page of its own where the form can't come back at all."""
        if not self.has_view_or_change_permission(request):
            return None
        obj = self.locked(object_id)
        if obj is None:
            return self.copyable(request, _deleted(request, self.model, object_id), 410)
        if not self.has_change_permission(request, obj):
            now = self.stands(obj)
            return self.copyable(request, _closed(obj, request, now), 403, obj) if now != seen.stands else None
        form, formsets = self._as_opened(request, object_id)
        now_opened = Opened.of(form, formsets, self.stands(obj))
        if now_opened == seen:
            return None
        merged = merge(request.POST, seen, form, formsets)
        sentence = _overtaken(obj, request, seen.stands, now_opened.stands)
        between = Between(sentence, merged.both, merged.taken, now_opened.token())
        earlier: Between | None = getattr(request, ASIDE, None)
        setattr(request, ASIDE, between.after(earlier) if earlier is not None else between)
        request.POST = merged.post  # type: ignore[assignment]  # a QueryDict as before
        return None

    def locked(self, object_id: str) -> Any:
        """The stored object, which nobody else can save until this request ends."""
        try:
            key = self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return None
        return self.model._base_manager.select_for_update().filter(pk=key).first()

    def _as_opened(self, request: HttpRequest, object_id: str) -> tuple[Any, list[Any]]:
        """The form as it would open now, with those of its formsets whose rows this person can change."""
        form, pairs = self.as_opened(request, object_id)
        return form, [rows for rows, inline in pairs if inline.has_change_permission(request, form.instance)]

    def as_opened(self, request: HttpRequest, object_id: str) -> tuple[Any, list[tuple[Any, Any]]]:
        """The form as it would open now, with all its formsets, each with its inline."""
        method, request.method = request.method, "GET"
        try:
            obj = self.get_object(request, unquote(object_id))
            fields = flatten_fieldsets(self.get_fieldsets(request, obj))
            form = self.get_form(request, obj, change=True, fields=fields)(instance=obj)
            formsets, inlines = self._create_formsets(request, obj, change=True)  # type: ignore[attr-defined]
            return form, list(zip(formsets, inlines, strict=True))
        finally:
            request.method = method

    def copyable(self, request: HttpRequest, sentence: str, status: int, obj: Any = None) -> HttpResponse:
        """The page that holds what was written where no form can."""
        form = self.get_form(request, None, change=False)(request.POST)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Not saved"),
            "opts": self.opts,
            "sentence": sentence,
            "kept": [_kept(bound, request.POST) for bound in typed.editable(form) if _has_words(bound, request.POST)],
            "rows": self._typed_rows(request),
            "original": obj,
        }
        return render(request, "admin/kept.html", context, status=status)

    def _typed_rows(self, request: HttpRequest) -> list[Kept]:
        """The rows inside it, a line each."""
        found = []
        for formset, _inline in self.get_formsets_with_inlines(request):
            sent = formset(request.POST, prefix=formset.get_default_prefix())
            for row in sent.forms:
                parts = [typed.words(bound, typed.posted(bound, request.POST)) for bound in typed.cells(row, sent)]
                if any(parts):
                    label = str(formset.model._meta.verbose_name)
                    found.append(Kept(label, " · ".join(part for part in parts if part)))
        return found


def _has_words(bound: Any, post: Any) -> bool:
    return any(any(values) for values in typed.posted(bound, post).values())


def _kept(bound: Any, post: Any) -> Kept:
    """A text is shown as it looked, so that it can be copied into another form."""
    values = typed.posted(bound, post)
    if typed.is_prose(bound):
        return Kept(str(bound.label), "", markup.trusted(markup.sanitise(post.get(bound.html_name, ""))))
    plain = isinstance(bound.field.widget, (forms.TextInput, forms.Textarea))
    return Kept(str(bound.label), post.get(bound.html_name, "") if plain else typed.words(bound, values))


def _last(obj: models.Model | None, model: type[models.Model], key: str) -> tuple[Any, datetime] | None:
    """Who last changed an object in the admin, and when: from its history or, without one, from the log."""
    of_it = {"content_type": ContentType.objects.get_for_model(model), "object_id": key}
    logged = LogEntry.objects.filter(**of_it).select_related("user").order_by("-action_time").first()
    moments: list[tuple[Any, datetime]] = [(logged.user, logged.action_time)] if logged is not None else []
    if obj is not None:
        kept = Revision.objects.filter(**of_it).select_related("author").order_by("-number").first()
        moments += [(kept.author, kept.created_at)] if kept is not None else []
    return max(moments, key=lambda moment: moment[1]) if moments else None


def _who_and_when(obj: models.Model | None, model: type[models.Model], key: str, me: Any) -> tuple[str, str]:
    last = _last(obj, model, key)
    if last is None:
        return _("Somebody, or a feed,"), ""
    user, moment = last
    name = user.get_username() if user is not None else _("Somebody")
    who = _("You, in another tab or window,") if user is not None and user.pk == me.pk else name
    local = timezone.localtime(moment)
    today = local.date() == timezone.localdate()
    return who, _("at %s") % local.strftime("%H:%M") if today else _("on %s") % date_format(local, "j F Y, H:i")


def _overtaken(obj: models.Model, request: HttpRequest, stood: str, stands: str) -> str:
    who, when = _who_and_when(obj, type(obj), str(obj.pk), request.user)
    said = _("%(who)s saved this %(when)s while you were writing.") % {"who": who, "when": when}
    if stands != stood:
        said += " " + _("It was “%(before)s” and is “%(now)s” now.") % {"before": stood, "now": stands}
    return (
        " ".join(said.split())
        + " "
        + _("Nothing of yours is lost: it stands in this form. See what differs, then save it if it is right.")
    )


def _closed(obj: models.Model, request: HttpRequest, stands: str) -> str:
    who, when = _who_and_when(obj, type(obj), str(obj.pk), request.user)
    said = _("%(who)s changed this %(when)s while you were writing: it is “%(now)s” now, and you can't change it.")
    return " ".join((said % {"who": who, "when": when, "now": stands}).split())


def _deleted(request: HttpRequest, model: type[models.Model], key: str) -> str:
    who, when = _who_and_when(None, model, key, request.user)
    return " ".join((_("%(who)s deleted this %(when)s while you were writing.") % {"who": who, "when": when}).split())
