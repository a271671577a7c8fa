"""Drafts of changes: what is saved at a live object's form stays beside it until somebody publishes it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import workingcopy
from crampinfo.editorial.admin import copying, verbs
from crampinfo.editorial.admin.base import LENT
from crampinfo.editorial.admin.copying import Part, Shown
from crampinfo.editorial.admin.handing import LAPSED, UNREAD, Handing
from crampinfo.editorial.admin.laying import laid_on, lay_on, mark, when
from crampinfo.editorial.admin.meanwhile import ASIDE, Between
from crampinfo.editorial.admin.opened import Merged, Opened, put
from crampinfo.editorial.admin.previewing import is_preview, refused
from crampinfo.editorial.admin.refusal import ASIDE as REFUSAL
from crampinfo.editorial.admin.refusal import Complaint, Refusal, Stop
from crampinfo.editorial.handover import Along
from crampinfo.editorial.models import CopyState, State, WorkingCopy
from crampinfo.editorial.roles import own_of

_MOST = 5  # complaints told after a save
_SAID = {
    "keep": gettext_lazy("Saved as a draft of changes: %(object)s. Readers see the page as it was."),
    "hand_in": gettext_lazy("Saved and handed in for review: %(object)s. Readers see the page as it was."),
    "send_back": gettext_lazy("The changes are a draft again: %(object)s."),
    "accept": gettext_lazy("The changes are approved: %(object)s. Somebody who may publish makes them public."),
}


class Copies(Handing):
    """One part of PublishableAdmin. The verbs of verbs.OF_COPIES end here; the others go on to the live object."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> Any:
        """Lay a draft of changes over the form when it opens; keep, hand in or approve it when it is sent."""
        if object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if laid_on(request) is not None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        if request.method != "POST":
            return self._opened(request, object_id, form_url, extra_context)
        with transaction.atomic():
            answer = self._sent(request, object_id)
            return answer or super().changeform_view(request, object_id, form_url, extra_context)

    def _opened(self, request: HttpRequest, object_id: str, form_url: str, extra_context: Any) -> Any:
        copy = self.copy_of(request, self.key(object_id))
        if copy is None or not self.has_change_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        method, post = request.method, request.POST
        if self.fetch_once(request, object_id) is None:
            request.POST = query(copy.post)  # type: ignore[assignment]
            said = _("This no longer exists; %(who)s left a draft of changes.") % {"who": name_of(copy, request)}
            return self.copyable(request, said, 410)
        laid = self.lay(request, object_id, copy)
        lay_on(request, laid)
        # The form is shown as one that was sent: every field and row stands as it was typed, checked or not.
        request.method, request.POST = "POST", laid.merged.post  # type: ignore[assignment]
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        finally:
            request.method, request.POST = method, post

    # --- what was sent ----------------------------------------------------------------------------------------

    def _sent(self, request: HttpRequest, object_id: str) -> HttpResponse | None:
        """Do what a draft's verb says; nothing for the others, which the live object's form hears."""
        if not self.has_change_permission(request):
            return None
        obj = self.locked(object_id)
        copy = self.copy_of(request, obj.pk) if obj is not None else None
        if obj is None or (obj.state != State.PUBLISHED and copy is None):
            return None
        verb = self._heard(request, obj, copy)
        if copy is not None:
            self.lend(request, copy)
        form, pairs = self.as_opened(request, object_id)
        parts = self.open_parts(request, form.instance, pairs)
        if copy is not None:
            self._meet(request, copy, form, pairs, parts)
        elif obj.state == State.PUBLISHED and verb is not verbs.KEEP and not is_preview(request):
            self._miss(request)
        if getattr(request, ASIDE, None) is not None or verb not in verbs.OF_COPIES:
            return None
        return self._do(request, obj, verb, form, parts)

    def _heard(self, request: HttpRequest, obj: Any, copy: WorkingCopy | None) -> verbs.Verb | None:
        """The verb of the button; None where the form has not seen how things stand, which it is told below."""
        if obj.state != State.PUBLISHED or is_preview(request):
            return None
        name = request.POST.get("_verb")
        for verb in self.verbs_for(request, obj):
            if verb.name == name:
                return verb
        seen = Opened.parse(request.POST.get("_seen", ""))
        shown = Shown.parse(request.POST.get("_copy", ""))
        overtaken = shown.mark != (mark(copy) if copy is not None else "")
        if not overtaken and (seen is None or seen.stands == self.stands(obj)):
            raise PermissionDenied
        return None

    def _meet(
        self, request: HttpRequest, copy: WorkingCopy, form: Any, pairs: Sequence[Any], parts: Sequence[Part]
    ) -> None:
        """Put somebody else's rows beside what was typed; and their newer words, if this form has not seen them."""
        formsets = [rows for rows, _inline in pairs]
        laid = copying.laid_over(copy.post, Opened.parse(copy.base), form, formsets).post
        lent = getattr(request, LENT, ())
        starts = tuple(f"{rows.prefix}-" for rows, inline in pairs if inline.model in lent)
        request.POST = _with(request.POST, laid, starts)  # type: ignore[assignment]
        seen = Shown.parse(request.POST.get("_copy", ""))
        if seen.mark == mark(copy) or is_preview(request):
            return
        mine = [part.rows for part in parts]
        shown = Shown.of(mark(copy), laid, form, mine).token()
        who = {"who": name_of(copy, request), "when": when(copy.saved_at), "now": copy.get_state_display()}
        said = _(
            "There is a draft of changes that this form has not seen: saved by %(who)s (%(when)s), and “%(now)s” now. "
            "Nothing of yours is lost: it stands in this form. See what differs, then save it if it is right."
        )
        self._tell(request, said % who, copying.meet(request.POST, seen, laid, form, mine), shown)

    def _miss(self, request: HttpRequest) -> None:
        """The draft that this form showed is gone."""
        if Shown.parse(request.POST.get("_copy", "")).mark:
            said = _(
                "The draft of changes that you had opened was published or thrown away meanwhile. Nothing of yours is "
                "lost: it stands in this form."
            )
            self._tell(request, said, Merged(request.POST.copy()), "")

    def _tell(self, request: HttpRequest, sentence: str, merged: Merged, shown: str) -> None:
        merged.post["_copy"] = shown
        seen = str(request.POST.get("_seen", ""))
        setattr(request, ASIDE, Between(sentence, merged.both, merged.taken, seen))
        request.POST = merged.post  # type: ignore[assignment]

    def _do(
        self, request: HttpRequest, obj: Any, verb: verbs.Verb, form: Any, parts: Sequence[Part]
    ) -> HttpResponse | None:
        """Keep what was sent, and make the verb's move."""
        copy = self.copy_of(request, obj.pk)
        post = copying.offered(request.POST, form, parts)
        if copy is not None:
            post = copying.beyond(copy.post, form, parts) | post
        changed = workingcopy.digest(post) != (copy.digest if copy is not None else self._plain(form, parts))
        if verb is verbs.ACCEPT and changed:
            setattr(request, REFUSAL, Refusal([Complaint("", str(UNREAD))]))
            return None
        try:
            along = self.along(request, verb, obj, self._own(request, obj, verb, copy, changed))
        except Stop as stop:  # before anything of it was kept
            setattr(request, REFUSAL, stop.refusal)
            return None
        stood = copy.state if copy is not None else ""
        if changed:
            copy = workingcopy.keep(obj, post, self._base(request, copy, form, parts), request.user)
        elif copy is None:
            messages.info(request, _("Nothing was changed: %(object)s.") % {"object": obj})
            return HttpResponseRedirect(request.path)
        self._move(copy, verb, request.user, along)
        self._say(request, obj, verb, changed, form)
        if changed and stood == CopyState.APPROVED and verb is verbs.KEEP:
            messages.warning(request, str(LAPSED))
        return HttpResponseRedirect(request.path)

    def _own(
        self, request: HttpRequest, obj: Any, verb: verbs.Verb, copy: WorkingCopy | None, changed: bool
    ) -> frozenset[int | None]:
        """Whose own words it holds once it is kept, where that matters."""
        if not verb.target:
            return frozenset()
        joined = request.user if changed else None
        writers = workingcopy.own_of(copy, joined) if copy is not None else frozenset({request.user.pk})
        return own_of(obj) | writers

    def _plain(self, form: Any, parts: Sequence[Part]) -> str:
        """The digest of the form as it opens, with nothing changed."""
        untouched = copying.default(form, [part.rows for part in parts])
        return workingcopy.digest(copying.offered(untouched, form, parts))

    def _base(self, request: HttpRequest, copy: WorkingCopy | None, form: Any, parts: Sequence[Part]) -> str:
        """What the live object held when this was begun; for what this person can't write, when that was."""
        seen = Opened.parse(request.POST.get("_seen", "")) or Opened.of(
            form, [part.rows for part in parts if part.changes], self.stands(form.instance)
        )
        old = Opened.parse(copy.base) if copy is not None else None
        if old is None:
            return seen.token()
        return Opened({**old.fields, **seen.fields}, {**old.rows, **seen.rows}, seen.stands).token()

    def _move(self, copy: WorkingCopy, verb: verbs.Verb, by: Any, along: Along) -> None:
        if verb is verbs.HAND_IN:
            workingcopy.move(copy, CopyState.IN_REVIEW, by, along)
        elif verb is verbs.SEND_BACK:
            workingcopy.move(copy, CopyState.DRAFT, by, along)
        elif verb is verbs.ACCEPT:
            workingcopy.approve(copy, by, along)

    def _say(self, request: HttpRequest, obj: Any, verb: verbs.Verb, changed: bool, form: Any) -> None:
        if verb is verbs.KEEP and not changed:
            messages.info(request, _("Nothing was changed: %(object)s.") % {"object": obj})
            return
        messages.success(request, str(_SAID[verb.name]) % {"object": obj})
        bound = type(form)(request.POST, request.FILES, instance=self.get_object(request, str(obj.pk)))
        formsets, _inlines = self._create_formsets(request, bound.instance, change=True)
        wrong = [f"{one.label}: {one.sentence}" if one.label else one.sentence for one in refused(bound, formsets)]
        if wrong:
            more = _(" … and %(n)s more") % {"n": len(wrong) - _MOST} if len(wrong) > _MOST else ""
            told = _("Still to mend before it can be published: %(what)s") % {"what": " ".join(wrong[:_MOST]) + more}
            messages.warning(request, told)


def query(post: Mapping[str, Sequence[str]]) -> QueryDict:
    """A kept form as a request would bring it."""
    found = QueryDict(mutable=True)
    for name, values in post.items():
        put(found, {name: values})
    return found


def _with(post: QueryDict, other: QueryDict, starts: tuple[str, ...]) -> QueryDict:
    """A form in which everything of some names comes from another."""
    if not starts:
        return post
    found = post.copy()
    for name in [name for name in found if name.startswith(starts)]:
        del found[name]
    for name, values in other.lists():
        if name.startswith(starts):
            found.setlist(name, values)
    return found


def name_of(copy: WorkingCopy, request: HttpRequest) -> str:
    """Who saved it last."""
    if copy.author is None:
        return _("Somebody")
    return _("You") if copy.author_id == request.user.pk else copy.author.get_username()
