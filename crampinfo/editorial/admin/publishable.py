"""The admin of everything that is published: one form, one transaction, one gate, whatever the button."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import gate, handover, rendered, revisions, workflow, workingcopy
from crampinfo.editorial.admin import copying, history, signing, verbs
from crampinfo.editorial.admin.autosaving import Autosaving
from crampinfo.editorial.admin.bulk import BulkVerbs
from crampinfo.editorial.admin.copies import Copies
from crampinfo.editorial.admin.copypages import CopyPages
from crampinfo.editorial.admin.experts import Experts
from crampinfo.editorial.admin.formpage import FormPage
from crampinfo.editorial.admin.handing import LAPSED, UNREAD
from crampinfo.editorial.admin.laying import mark
from crampinfo.editorial.admin.notes import Notes
from crampinfo.editorial.admin.previewing import is_preview
from crampinfo.editorial.admin.refusal import (
    Complaint,
    Refusal,
    Stop,
    of_findings,
    of_warnings,
)
from crampinfo.editorial.admin.restoring import Restoring
from crampinfo.editorial.models import Publishable, State
from crampinfo.editorial.roles import is_second_person, own_of
from crampinfo.lib.markup import trusted


class PublishableAdmin(Autosaving, Restoring, Notes, Experts, CopyPages, Copies, BulkVerbs, FormPage):
    """Save, hand in, approve, publish and retire, as state and rights allow; live objects change through the gate.

    Whoever may change the model may open the form of a live object: what they save there is a draft of changes.
    """

    prose_fields: tuple[str, ...] = ("body",)

    def stands(self, obj: Any) -> str:
        """Its state decides about the buttons, and about who may change it at all."""
        return str(State(obj.state).label)

    # --- who may --------------------------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was ever public is retired, never deleted: its history stays."""
        never_public = obj is None or obj.first_published_at is None
        return never_public and super().has_delete_permission(request, obj)

    # --- what a person who may only look sees -------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Where the editor widget is not offered the text is shown as text, not as markup."""
        sets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return sets
        return [(name, {**options, "fields": self._readable(options["fields"])}) for name, options in sets]

    def _readable(self, fields: Any) -> list[Any]:
        return ["body_as_text" if field in self.prose_fields else field for field in fields]

    @admin.display(description=gettext_lazy("Text"))
    def body_as_text(self, obj: Any) -> SafeString:
        """The stored body, which was sanitised when it was saved."""
        return format_html('<div class="body-as-text">{}</div>', trusted(obj.body))

    # --- saving ---------------------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Nothing yet: save_related saves the object with its rows, so that a live one changes all at once."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Iterable[Any], change: bool) -> None:
        """The object, its rows, and then the button's verb: all of it or nothing."""
        instance: Publishable = form.instance
        stored = type(instance)._base_manager.select_for_update().get(pk=instance.pk) if change else None
        verb = self._verb(request, stored)
        live = stored is not None and stored.state == State.PUBLISHED
        with workflow.editing(instance) if live else nullcontext():
            instance.save()
            super().save_related(request, form, formsets, change)
            words = self._words(request, instance, history.summarise(form, formsets))
            request.__dict__["_crampinfo_done"] = (verb, words)
            self._conclude(request, instance, stored, verb, words)
            self._use_up(request, instance)

    def _words(self, request: HttpRequest, instance: Publishable, words: str) -> str:
        """What a save changed, and whose draft of changes it came from."""
        copy = self.copy_of(request, instance.pk) if words else None
        if copy is None:
            return words
        told = _("%(changes)s (draft by %(names)s)") % {"changes": words, "names": workingcopy.names(copy)}
        if copy.approved_by is not None and copy.approved_digest == copy.digest:
            told = _("%(told)s, approved by %(name)s") % {"told": told, "name": copy.approved_by.get_username()}
        return told

    def _use_up(self, request: HttpRequest, instance: Publishable) -> None:
        """What stood in the draft of changes is stored now."""
        copy = self.copy_of(request, instance.pk)
        if copy is not None and copying.Shown.parse(request.POST.get("_copy", "")).mark == mark(copy):
            by: Any = request.user
            if instance.state == State.PUBLISHED:
                handover.record(copy, copy.state, State.PUBLISHED, by)
            copy.delete()

    def _verb(self, request: HttpRequest, stored: Publishable | None) -> verbs.Verb:
        if is_preview(request):
            return verbs.CHECK  # it is left before any verb is heard
        name = request.POST.get("_verb", "save")
        for verb in self.verbs_for(request, stored):
            if verb.name == name:
                return verb
        raise PermissionDenied

    def _conclude(
        self, request: HttpRequest, instance: Publishable, stored: Publishable | None, verb: verbs.Verb, words: str
    ) -> None:
        """Keep a revision of what was saved, and make the verb's move."""
        by: Any = request.user
        if verb.judges and stored is not None and not is_second_person(by, instance):
            raise Stop(Refusal([Complaint("author", _("Nobody approves or publishes their own text."))]))
        if verb is verbs.CHECK:
            raise Stop(self._checked(instance))
        signing.sign(instance, by, signing.typed(request))
        if verb is verbs.CHANGE:
            self.along(request, verb)
            correction = request.POST.get("_correction", "").strip()
            self._warn(request, self._publish_change(instance, by, words, correction))
            return
        if verb is verbs.APPROVAL and _differs(instance, stored):
            raise Stop(Refusal([Complaint("", str(UNREAD))]))
        if self._keep(instance, by, stored, words) and verb is verbs.SAVE:
            messages.warning(request, str(LAPSED))
        along = self.along(request, verb, instance, own_of(instance))
        if verb is verbs.SUBMIT:
            workflow.submit(instance, by, along)
        elif verb is verbs.REOPEN:
            workflow.reopen(instance, by, along)
        elif verb is verbs.APPROVAL:
            workflow.approve(instance, by, along)
        elif verb is verbs.PUBLICATION:
            self._warn(request, workflow.publish(instance, by=by))

    def _checked(self, instance: Publishable) -> Refusal:
        findings = rendered.everything(instance)
        answer = of_findings(findings, self.model)
        answer.checked = True
        if any(finding.stops for finding in findings):
            said = _("Checked, not saved: the gate stops it, see below.")
        elif answer.complaints:
            said = _("Checked, not saved: the gate warns, see below.")
        else:
            said = _("Checked, not saved: the gate lets it pass.")
        answer.complaints.insert(0, Complaint("", said))
        return answer

    def _publish_change(self, instance: Publishable, by: Any, words: str, correction: str) -> list[gate.Finding]:
        before = instance.gate_hash
        try:
            findings = workflow.publish(instance, by=by, summary=words, correction=correction)
        except gate.GateRefused:
            raise
        except ValidationError as error:
            said = _("Correction for readers: %(why)s") if correction else "%(why)s"
            raise Stop(Refusal([Complaint("", said % {"why": line}) for line in error.messages])) from error
        if words and instance.gate_hash == before:  # only what is no content: dates, topics, products
            revisions.record(instance, summary=words, author=by)
        return findings

    def _keep(self, instance: Publishable, by: Any, stored: Publishable | None, words: str) -> bool:
        """A revision of a save that changed something; whether an approval lapsed with it (PUB-03)."""
        fresh = revisions.content_hash(instance)
        first = instance.content_hash == ""
        lapsed = stored is not None and stored.state == State.APPROVED and fresh != instance.content_hash
        if fresh != instance.content_hash:
            instance.content_hash = fresh
            instance.save(update_fields=["content_hash", "saved_at"])
        if words or first:
            report = [finding.as_dict() for finding in gate.inspect(instance)]
            revisions.record(instance, summary=_("Written") if first else words, author=by, gate_report=report)
        if lapsed:
            workflow.lapse(instance, by)
        return lapsed

    def _warn(self, request: HttpRequest, findings: list[gate.Finding]) -> None:
        for line in of_warnings(findings, self.model):
            messages.warning(request, line)


def _differs(instance: Publishable, stored: Publishable | None) -> bool:
    """Whether these are other words than those that were handed in."""
    return stored is not None and stored.content_hash not in ("", revisions.content_hash(instance))
