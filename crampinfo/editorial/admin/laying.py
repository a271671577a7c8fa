"""A draft of changes laid over the form of its live object: shown as it was left, with what changed there since."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import ValidationError
from django.forms.utils import ErrorDict
from django.http import HttpRequest
from django.http.response import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from crampinfo.editorial import workingcopy
from crampinfo.editorial.admin import copying, verbs
from crampinfo.editorial.admin.base import LENT
from crampinfo.editorial.admin.copying import Part, Shown
from crampinfo.editorial.admin.labels import learn
from crampinfo.editorial.admin.opened import Merged, Opened
from crampinfo.editorial.admin.previewing import Previewed
from crampinfo.editorial.models import Publishable, State, WorkingCopy
from crampinfo.editorial.roles import APPROVE

_LAID = "_crampinfo_laid"  # on a request that shows a draft of changes
_FETCHED = "_crampinfo_fetched"
_KNOWN = "_crampinfo_copy"


@dataclass(frozen=True, slots=True)
class Laid:
    """A draft of changes as a form shows it: over the live object as it is now; or a form in progress, opened again."""

    copy: WorkingCopy | None
    merged: Merged
    seen: str
    shown: str


def laid_on(request: HttpRequest) -> Laid | None:
    """The draft of changes that this request's form shows."""
    return getattr(request, _LAID, None)


def mark(copy: WorkingCopy) -> str:
    """Which draft a form shows, and how it stands."""
    return f"{copy.number} {copy.state}"


def when(moment: Any) -> str:
    """A moment as people say it: the time today, else the day too."""
    local = timezone.localtime(moment)
    return local.strftime("%H:%M") if local.date() == timezone.localdate() else date_format(local, "j F Y, H:i")


class Laying(Previewed):
    """One part of PublishableAdmin: what opens."""

    def copy_of(self, request: HttpRequest, key: Any) -> WorkingCopy | None:
        """The draft of changes of an object, asked once a request."""
        known: dict[Any, WorkingCopy | None] = request.__dict__.setdefault(_KNOWN, {})
        if key not in known:
            known[key] = workingcopy.of(self.model, key) if key is not None else None
        return known[key]

    def verbs_for(self, request: HttpRequest, instance: Publishable | None) -> list[verbs.Verb]:
        """The buttons of this person."""
        copy = self.copy_of(request, instance.pk) if instance is not None else None
        return verbs.offered(request.user, instance, copy)

    def may_discard(self, request: HttpRequest, copy: WorkingCopy) -> bool:
        """Whoever wrote in it, and those who decide about changes."""
        return request.user.has_perm(APPROVE) or copy.writers.filter(pk__in=[request.user.pk]).exists()

    def fetch_once(self, request: HttpRequest, object_id: str) -> Any:
        """The object, the same for all that this request does with it: it is only shown."""
        request.__dict__[_FETCHED] = self.get_object(request, unquote(object_id))
        return request.__dict__[_FETCHED]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """See fetch_once."""
        fetched = request.__dict__.get(_FETCHED)
        if fetched is not None and str(fetched.pk) == object_id:
            return fetched
        return super().get_object(request, object_id, from_field)

    def key(self, object_id: str) -> Any:
        try:
            return self.opts.pk.to_python(unquote(object_id))
        except ValidationError:
            return None

    def lay(self, request: HttpRequest, object_id: str, copy: WorkingCopy) -> Laid:
        """The draft over the live object, with the rows that this person may read in it but not write."""
        self.lend(request, copy)
        form, pairs = self.as_opened(request, object_id)
        formsets, parts = [rows for rows, _inline in pairs], self.open_parts(request, form.instance, pairs)
        merged = copying.laid_over(copy.post, Opened.parse(copy.base), form, formsets)
        changeable = [part.rows for part in parts if part.changes]
        seen = Opened.of(form, changeable, self.stands(form.instance))
        shown = Shown.of(mark(copy), merged.post, form, [part.rows for part in parts])
        return Laid(copy, merged, seen.token(), shown.token())

    def _as_opened(self, request: HttpRequest, object_id: str) -> tuple[Any, list[Any]]:
        """What this person could have changed; lent rows are none of it."""
        form, pairs = self.as_opened(request, object_id)
        return form, [part.rows for part in self.open_parts(request, form.instance, pairs) if part.changes]

    def open_parts(self, request: HttpRequest, obj: Any, pairs: Sequence[tuple[Any, Any]]) -> list[Part]:
        """What this person may write themselves."""
        lent = getattr(request, LENT, ())
        parts = [
            Part(
                rows,
                inline.has_change_permission(request, obj),
                inline.has_add_permission(request, obj),
                inline.has_delete_permission(request, obj),
            )
            for rows, inline in pairs
            if inline.model not in lent
        ]
        return [part for part in parts if part.is_open]

    def lend(self, request: HttpRequest, copy: WorkingCopy) -> None:
        """Rows that the draft holds, of kinds that this person could not write."""
        held = []
        for kind in self.get_inlines(request, None):
            inline = kind(self.model, self.admin_site)
            prefix = inline.get_formset(request).get_default_prefix()
            if f"{prefix}-TOTAL_FORMS" in copy.post and not (
                inline.has_change_permission(request) or inline.has_add_permission(request, None)
            ):
                held.append(inline.model)
        setattr(request, LENT, frozenset(held))

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """One that shows a draft of changes is not checked."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        form.looked_at = laid_on(request) is not None and request.method == "POST"
        return form

    def _create_formsets(self, request: HttpRequest, obj: Any, change: bool) -> Any:
        """Rows that show a draft are not checked either; lent ones can't be typed in."""
        formsets, inlines = super()._create_formsets(request, obj, change)  # type: ignore[misc]
        for rows, inline in zip(formsets, inlines, strict=True):
            if inline.model in getattr(request, LENT, ()):
                _close(rows)
            if laid_on(request) is not None and rows.is_bound:
                _look_at(rows)
        return formsets, inlines

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the draft, and with what of it this form shows."""
        obj, laid = context.get("original"), laid_on(request)
        if laid is not None:
            context |= {"laid": laid, "seen": laid.seen, "shown": laid.shown}
        elif request.method == "POST":
            context["shown"] = request.POST.get("_copy", "")
        elif obj is not None and obj.state == State.PUBLISHED and self.has_change_permission(request, obj):
            form = context["adminform"].form
            pairs = [(inline.formset, inline.opts) for inline in context["inline_admin_formsets"]]
            formsets = [part.rows for part in self.open_parts(request, obj, pairs)]
            context["shown"] = Shown.of("", copying.default(form, formsets), form, formsets).token()
        return super().render_change_form(request, context, *args, **kwargs)


def lay_on(request: HttpRequest, laid: Laid) -> None:
    """From now on this request shows the draft."""
    setattr(request, _LAID, laid)


def _close(rows: Any) -> None:
    """They stand in the form to be read; what is sent of them is not heard."""
    rows.max_num = 0  # no link that adds one
    for row in rows.forms:
        for field in row.fields.values():
            field.widget.attrs["disabled"] = True


def _look_at(rows: Any) -> None:
    """As if everything were well: nothing of it is saved, and the names of choices come in one query a field."""
    rows._errors, rows._non_form_errors = [], rows.error_class()
    for row in rows.forms:
        row.looked_at, row._errors, row.cleaned_data = True, ErrorDict(), {}
    learn(rows.forms)
