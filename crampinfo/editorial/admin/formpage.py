"""The page around a publishable thing's form: buttons, side panel, what happened, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.contrib.admin.utils import unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import acknowledgements, links
from crampinfo.editorial.admin import history, verbs
from crampinfo.editorial.admin.handing import Handing
from crampinfo.editorial.admin.laying import laid_on
from crampinfo.editorial.admin.panel import Panel, Use, lines, state_sentences, to_be_read
from crampinfo.editorial.admin.refusal import ASIDE, Refusal
from crampinfo.editorial.admin.reports import last_reports
from crampinfo.editorial.admin.signing import Signing
from crampinfo.editorial.gate import Finding
from crampinfo.editorial.models import Publishable, Revision, State
from crampinfo.editorial.roles import may_publish

_PER_PAGE = 20
_SAID = {
    "save": gettext_lazy("Saved: %(object)s."),
    "submit": gettext_lazy("Saved and handed in for review: %(object)s."),
    "reopen": gettext_lazy("Back to draft: %(object)s."),
    "approve": gettext_lazy("Approved: %(object)s."),
}


class FormPage(Signing, Handing):
    """One half of PublishableAdmin."""

    change_form_template = "admin/publishable/change_form.html"

    # --- the form's page ------------------------------------------------------------------------------------

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Add the buttons this person has here, and the panel."""
        instance: Publishable | None = obj
        mine = self.has_change_permission(request, instance) if instance else self.has_add_permission(request)
        context["verbs"] = self.verbs_for(request, instance) if mine else []
        context |= self.handing(request, instance, context["verbs"], mine)
        laid = laid_on(request)
        context["may_discard"] = bool(laid and laid.copy and self.may_discard(request, laid.copy))
        context["may_correct"] = instance is not None and verbs.CHANGE in context["verbs"]
        context["correction"] = request.POST.get("_correction", "")
        context["may_retire"] = instance is not None and self._may_retire(request, instance)
        if instance is not None:
            context["panel"] = self._panel(request, instance, context["adminform"].form, mine)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _may_retire(self, request: HttpRequest, instance: Publishable) -> bool:
        return instance.state == State.PUBLISHED and may_publish(request.user)

    def _panel(self, request: HttpRequest, instance: Publishable, form: Any, mine: bool) -> Panel:
        refusal: Refusal | None = getattr(request, ASIDE, None)
        if refusal is not None and refusal.findings is not None:
            found: list[Finding] | None = refusal.findings
        elif laid_on(request) is not None:
            found = None  # what the gate said was said of the live text
        else:
            kept = last_reports([(type(instance), instance.pk, instance.content_hash)])
            found = kept.get((type(instance), instance.pk))
            found = links.still_broken(found) if found else found
        return Panel(
            state=instance.state,
            label=str(State(instance.state).label),
            sentences=(
                *state_sentences(instance),
                *to_be_read(instance),
                *self._of_changes(request, instance, mine),
            ),
            findings=lines(acknowledgements.applied(instance, found or []), self.model, list(form.fields), request),
            asked=found is not None,
            checked=refusal is not None and refusal.checked,
            closed="" if mine else self._closed(request, instance),
            reading=self._reading(request, instance),
            links=self.also(request, instance),
            sign="" if mine else self._address("sign", instance.pk),
        )

    @admin.display(description=gettext_lazy("updated"), ordering="content_changed_at")
    def updated(self, instance: Publishable) -> str:
        """The day of the last change that readers saw, or that nobody has seen it yet."""
        changed = instance.content_changed_at
        return date_format(timezone.localtime(changed), "j M Y") if changed else "–"

    def _reading(self, request: HttpRequest, instance: Publishable) -> str:
        if not request.user.has_perm("editorial.add_medicalreview"):
            return ""
        kind = ContentType.objects.get_for_model(instance)
        page = reverse("admin:editorial_medicalreview_add")
        return f"{page}?content_type={kind.pk}&object_id={instance.pk}"

    def also(self, request: HttpRequest, instance: Any) -> Sequence[Use]:
        """What else this person can do with it, on another page."""
        return ()

    def _closed(self, request: HttpRequest, instance: Publishable) -> str:
        """Why this person can't change it."""
        return _("You can read this, not change it.")

    def _of_changes(self, request: HttpRequest, instance: Publishable, mine: bool) -> tuple[str, ...]:
        """What saving does to something live, and who makes it public."""
        if instance.state != State.PUBLISHED:
            return ()
        copy = self.copy_of(request, instance.pk)
        if not mine:
            return () if copy is None else (_("A draft of changes is being prepared: this is the page readers see."),)
        if verbs.CHANGE in self.verbs_for(request, instance):
            return (_("What you save is a draft of changes. Readers see it when you publish the changes."),)
        if may_publish(request.user):
            return (_("These are your own words: a second person publishes what changes in them."),)
        return (_("What you save is a draft of changes. Readers see it when somebody publishes the changes."),)

    def get_view_on_site_url(self, obj: Any = None) -> str | None:
        """Its address, once readers see it; before, and after, how it is stored."""
        if obj is None:
            return None
        return str(obj.get_absolute_url()) if obj.is_live else self.preview_address(obj)

    # --- what happened --------------------------------------------------------------------------------------

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """Stay with the object, and say what was done."""
        if IS_POPUP_VAR in request.POST:
            return super().response_add(request, obj, post_url_continue)
        return self._stay(request, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Stay with the object, and say what was done."""
        if IS_POPUP_VAR in request.POST:
            return super().response_change(request, obj)
        return self._stay(request, obj)

    def _stay(self, request: HttpRequest, obj: Publishable) -> HttpResponse:
        verb, words = request.__dict__["_crampinfo_done"]
        if verb.name == "publish":
            appears = obj.publish_at is not None and obj.publish_at > timezone.now()
            said = _("It appears at its time: %(object)s.") if appears else _("Readers see it now: %(object)s.")
        elif verb is verbs.SAVE and not words:
            said = _("Nothing was changed: %(object)s.")
        else:
            said = str(_SAID[verb.name])
        messages.success(request, said % {"object": obj})
        return HttpResponseRedirect(self._address("change", obj.pk))

    def _address(self, page: str, *args: Any) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_{page}", args=args)

    # --- history --------------------------------------------------------------------------------------------

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Every revision with who, when and what, twenty a page."""
        instance = self.get_object(request, unquote(object_id))
        if instance is None:
            raise Http404
        if not self.has_view_or_change_permission(request, instance):
            raise PermissionDenied
        pages = Paginator(revisions_of(instance).select_related("author"), _PER_PAGE)
        page = pages.get_page(request.GET.get("p"))
        # One more than is shown: the oldest of this page is compared with its predecessor.
        start = (page.number - 1) * _PER_PAGE
        rows = list(pages.object_list[start : start + _PER_PAGE + 1])
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(object)s") % {"object": instance},
            "subtitle": None,
            "entries": history.entries(self.model, rows)[:_PER_PAGE],
            "page": page,
            "may_restore": self.has_change_permission(request),
            "handovers": self.handovers(request, instance),
            "module_name": str(self.opts.verbose_name_plural).capitalize(),
            "object": instance,
            "opts": self.opts,
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "admin/publishable/history.html", context)


def revisions_of(instance: Publishable) -> QuerySet[Revision]:
    """All revisions of one object, newest first."""
    content_type = ContentType.objects.get_for_model(instance)
    return Revision.objects.filter(content_type=content_type, object_id=instance.pk).order_by("-number")
