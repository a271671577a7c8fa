"""What an expert without an account meets behind a link: the text as readers would see it, and one answer to give."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.constants import NONE, SELF
from csp.decorators import csp_replace
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from crampinfo.editorial import experts, pages, preview
from crampinfo.editorial.experts import Standing
from crampinfo.editorial.models import Decision, ExpertReading, Publishable

# Status and words for a link that opens nothing. None names the text, its author or whoever made the link.
_SAID: dict[Standing, tuple[int, Any]] = {
    Standing.EXPIRED: (410, gettext_lazy("This link has expired. Whoever sent it can send you a new one.")),
    Standing.REVOKED: (410, gettext_lazy("This link was withdrawn by those who sent it.")),
    Standing.CHANGED: (
        409,
        gettext_lazy(
            "The text has changed since this link was made, so there is nothing to answer here. Whoever sent it can "
            "send you a new one."
        ),
    ),
    Standing.GONE: (410, gettext_lazy("The text of this link no longer exists.")),
}

View = Callable[..., HttpResponse]


def _unkept(view: View) -> View:
    """No cache keeps such a page, no search engine names it, and no other site learns its address."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = view(request, *args, **kwargs)
        answer["Cache-Control"] = "no-store, private"
        answer["X-Robots-Tag"] = "noindex, nofollow"
        answer["Referrer-Policy"] = "no-referrer"
        return answer

    return wrapped


@csrf_exempt  # there is no session that another site could use: the key in the address is all there is
@require_http_methods(["GET", "HEAD", "POST"])
@_unkept
def reading(request: HttpRequest, key: str) -> HttpResponse:
    """The text in a frame, and the form for the answer; or why there is none."""
    found, instance = _found(key)
    if found is None:
        return _say(request, _("This link is not complete, or not right. Copy the whole of it from the message."), 404)
    stands = experts.standing(found, instance)
    if stands is not Standing.OPEN or instance is None:
        return _closed(request, found, stands)
    if request.method != "POST":
        if request.method == "GET" and found.opened_at is None:
            ExpertReading.objects.filter(pk=found.pk, opened_at=None).update(opened_at=timezone.now())
        return _form(request, key, found, {}, {})
    typed = {"decision": request.POST.get("decision", ""), "note": request.POST.get("note", "")}
    try:
        stands = experts.decide(found, typed["decision"], typed["note"])
    except ValidationError as error:
        return _form(request, key, found, typed, error.message_dict, 422)
    found.refresh_from_db()
    return _closed(request, found, Standing.DECIDED if stands is Standing.OPEN else stands)


@csp_replace({"frame-ancestors": [SELF], "form-action": [NONE]})
@xframe_options_sameorigin
@require_safe
@_unkept
def text(request: HttpRequest, key: str) -> HttpResponse:
    """What stands in the frame: the public page as it would be, with paid links that lead nowhere."""
    found, instance = _found(key)
    if found is None or instance is None or experts.standing(found, instance) is not Standing.OPEN:
        return _say(request, _("There is nothing to see here."), 404)
    with preview.undone():
        try:
            return preview.page(instance, request)
        except preview.NotShown:
            return _say(request, _("The page can't be shown yet. Please tell whoever sent you the link."), 409)


def _found(key: str) -> tuple[ExpertReading | None, Publishable | None]:
    found = experts.find(key)
    if found is None:
        return None, None
    model: Any = found.content_type.model_class()
    instance: Publishable | None = model._base_manager.filter(pk=found.object_id).first()
    return found, instance


def _closed(request: HttpRequest, found: ExpertReading, stands: Standing) -> HttpResponse:
    if stands is not Standing.DECIDED:
        status, words = _SAID[stands]
        return _say(request, str(words), status)
    when = timezone.localtime(found.decided_at)
    context = {"found": found, "when": when, "approved": found.decision == Decision.APPROVED}
    return pages.render(request, "experts/thanks.html", _head(_("Your answer is on record")), context)


def _form(
    request: HttpRequest,
    key: str,
    found: ExpertReading,
    typed: dict[str, str],
    errors: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    head = _head(_("Please read this text"))
    context = {"found": found, "key": key, "typed": typed, "errors": errors, "most": experts.LONGEST_NOTE}
    return pages.render(request, "experts/reading.html", head, context, status)


def _say(request: HttpRequest, words: str, status: int) -> HttpResponse:
    return pages.render(request, "experts/said.html", _head(_("This link opens nothing")), {"words": words}, status)


def _head(title: str) -> pages.PageHead:
    return pages.head(title=title, description=title, path="/", indexable=False)
