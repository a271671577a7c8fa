"""“Hand over” beside the buttons: a note, somebody and a day that go along with a move; and who has it now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import handover, workingcopy
from crampinfo.editorial.admin import verbs
from crampinfo.editorial.admin.laying import Laying
from crampinfo.editorial.admin.refusal import Complaint, Refusal, Stop
from crampinfo.editorial.handover import NOTHING, Along
from crampinfo.editorial.models import Handover, Publishable, State
from crampinfo.editorial.roles import own_of

LAPSED = gettext_lazy("It was approved. The approval was for the words as they were read, so it is in review again.")
UNREAD = gettext_lazy(
    "Approval is for the words as they are saved: save what you changed, then somebody else approves it."
)
_NO_MOVE = gettext_lazy(
    "What you wrote under “Hand over” goes along with “Hand in for review”, “Approve” or “Back to draft”, not with "
    "“%(button)s”: press one of these, or empty it first."
)
_SENT = "_crampinfo_handing"  # on a request: the fields as they were refused
_MOST = 30  # handovers on the history page
_NEXT = {
    State.DRAFT: gettext_lazy("Back to draft: who may change it"),
    State.IN_REVIEW: gettext_lazy("In review: who may approve it"),
    State.APPROVED: gettext_lazy("Approved: who may publish it"),
}
_TO_READ = gettext_lazy("In review: who may approve it, or reads it first")

Group = tuple[str, list[tuple[str, str]]]


class HandOver(forms.Form):
    """What goes along with a move. to offers, in groups, who may do what comes next."""

    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "cols": 60}),
        help_text=gettext_lazy("What is asked for. “Back to draft” needs one: what is to be mended."),
        error_messages={"required": gettext_lazy("Say what is to be mended before it goes back to draft.")},
    )
    to = forms.ChoiceField(
        label=gettext_lazy("To"),
        required=False,
        error_messages={
            "invalid_choice": gettext_lazy(
                "This person can't do what comes next, or can't any more: choose somebody else."
            )
        },
    )
    due = forms.DateField(
        label=gettext_lazy("Due"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": gettext_lazy("This is no day: write it as 2030-03-31.")},
    )

    def __init__(self, data: Any, groups: Sequence[Group]) -> None:
        super().__init__(data, prefix="_hand")
        self.offer(groups)
        self.fields["due"].widget.attrs["min"] = timezone.localdate().isoformat()

    def offer(self, groups: Sequence[Group]) -> None:
        """Show these people, after everybody."""
        to: Any = self.fields["to"]
        to.choices = [("", gettext_lazy("anybody who may")), *groups]

    def clean_due(self) -> Any:
        """Nobody is late from the start."""
        due = self.cleaned_data["due"]
        if due is not None and due < timezone.localdate():
            raise forms.ValidationError(_("This day is past: choose today or a later one."))
        return due

    @property
    def is_filled(self) -> bool:
        """Whether there is something in it to see: words, or what is wrong with them."""
        return self.is_bound and (bool(self.errors) or any(self[name].value() for name in self.fields))

    @property
    def sentences(self) -> list[str]:
        """What is wrong, with the names of the fields."""
        return [f"{self.fields[name].label}: {said}" for name, several in self.errors.items() for said in several]


class Handing(Laying):
    """One part of PublishableAdmin."""

    def along(
        self,
        request: HttpRequest,
        verb: verbs.Verb,
        instance: Publishable | None = None,
        own: frozenset[int | None] = frozenset(),
    ) -> Along:
        """What was typed beside the button. Raises Stop where it is wrong, or where no move takes it along."""
        if not verb.target or instance is None:
            if any(str(request.POST.get(f"_hand-{name}", "")).strip() for name in ("note", "to", "due")):
                raise Stop(Refusal([Complaint("", str(_NO_MOVE) % {"button": verb.label})]))
            return NOTHING
        people = handover.staff(self.model) if request.POST.get("_hand-to") else []
        reading = instance.state != State.PUBLISHED and handover.wants_reading(instance)
        able = {str(one.pk): one for one in handover.next_people(verb.target, people, own, reading=reading)}
        form = HandOver(request.POST, [("", [(key, key) for key in able])])
        form.fields["note"].required = _needs_note(verb, instance)
        if not form.is_valid():
            setattr(request, _SENT, form)
            raise Stop(Refusal([Complaint("", sentence) for sentence in form.sentences]))
        given = form.cleaned_data
        return Along(given["note"], able.get(given["to"]), given["due"])

    # --- on the form's page -----------------------------------------------------------------------------------

    def handing(
        self, request: HttpRequest, instance: Publishable | None, offered: Sequence[verbs.Verb], mine: bool
    ) -> dict[str, Any]:
        """The fields beside the buttons, where one of them moves it; and who has it now."""
        found: dict[str, Any] = {}
        if instance is not None:
            copy = self.copy_of(request, instance.pk) if mine else None
            found["has_it"] = handover.standing(instance, copy)
        if any(verb.target for verb in offered):
            found["hand"] = self._fields(request, instance, offered)
        return found

    def _fields(self, request: HttpRequest, instance: Publishable | None, offered: Sequence[verbs.Verb]) -> HandOver:
        people = handover.staff(self.model)
        own, reading = frozenset({request.user.pk}), False
        if instance is not None:
            copy = self.copy_of(request, instance.pk)
            own = own_of(instance) | (workingcopy.own_of(copy) if copy is not None else frozenset())
            reading = instance.state != State.PUBLISHED and handover.wants_reading(instance)
        groups = []
        for verb in offered:
            able = handover.next_people(verb.target, people, own, reading=reading)
            if able:
                title = _TO_READ if reading and verb.target == State.IN_REVIEW else _NEXT[State(verb.target)]
                groups.append((str(title), [(str(one.pk), one.get_full_name() or one.get_username()) for one in able]))
        sent: HandOver | None = getattr(request, _SENT, None)
        if sent is not None:
            sent.offer(groups)
            return sent
        return HandOver(request.POST if "_hand-note" in request.POST else None, groups)

    def handovers(self, request: HttpRequest, instance: Publishable) -> list[Handover]:
        """The last moves, newest first; those of drafts of changes for whoever may see these."""
        rows = handover.of(type(instance), instance.pk)
        return list((rows if self.has_change_permission(request) else rows.filter(of_changes=False))[:_MOST])


def _needs_note(verb: verbs.Verb, instance: Publishable) -> bool:
    """Whoever gets something back from review is told why."""
    return verb is verbs.SEND_BACK or (verb is verbs.REOPEN and instance.state != State.RETIRED)
