"""The admin of readers' comments: read, then let through or refused for one of six reasons; nobody edits them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.models import Comment, CommentState, RejectionReason
from crampinfo.editorial.admin import HouseAdmin
from crampinfo.editorial.signals import announce


@admin.register(Comment)
class CommentAdmin(HouseAdmin):
    """Nothing appears before somebody has read it."""

    list_display = ("created_at", "name", "said", "about", "state", "rejection_reason", "moderated_by")
    list_display_links = ("created_at", "said")
    list_filter = ("state", "rejection_reason", "content_type")
    search_fields = ("name", "text")
    date_hierarchy = "created_at"
    related = ("moderated_by", "content_type")
    fields = ("about", "name", "text", "created_at", ("state", "rejection_reason"), ("moderated_by", "moderated_at"))
    readonly_fields = ("about", "name", "text", "created_at", "moderated_by", "moderated_at")
    hints = {
        "rejection_reason": gettext_lazy("Praise or blame is no reason: the list is closed, and says what is."),
    }

    def get_queryset(self, request: HttpRequest) -> Any:
        """With the pages they stand under."""
        return super().get_queryset(request).prefetch_related("content")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Readers write them."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """With who decided, and when."""
        self._decide(request, obj, obj.state, obj.rejection_reason)

    def _decide(self, request: HttpRequest, comment: Comment, state: str, reason: str = "") -> None:
        comment.state, comment.rejection_reason = state, reason
        comment.moderated_by, comment.moderated_at = request.user, timezone.now()  # type: ignore[assignment]
        comment.save()
        if comment.content is not None:
            announce(comment.content)

    @admin.display(description=gettext_lazy("text"))
    def said(self, comment: Comment) -> str:
        """Its beginning."""
        return Truncator(comment.text).chars(120)

    @admin.display(description=gettext_lazy("under"))
    def about(self, comment: Comment) -> str:
        """The page it stands under."""
        return str(comment.content or "–")

    # --- many at once ---------------------------------------------------------------------------------------

    def get_actions(self, request: HttpRequest) -> Any:
        """Let through, and one refusal a reason."""
        actions: dict[str, Any] = dict(super().get_actions(request))
        if not self.has_change_permission(request):
            return actions
        actions["approve"] = (_bulk(CommentState.APPROVED), "approve", _("Let through"))
        for reason in RejectionReason:
            name = f"reject_{reason.value}"
            label = _("Refuse: %(reason)s") % {"reason": reason.label}
            actions[name] = (_bulk(CommentState.REJECTED, reason.value), name, label)
        return actions


def _bulk(state: CommentState, reason: str = "") -> Callable[[CommentAdmin, HttpRequest, QuerySet], None]:
    def decide(owner: CommentAdmin, request: HttpRequest, queryset: QuerySet) -> None:
        comments = list(queryset)
        for comment in comments:
            owner._decide(request, comment, state, reason)
        said = ngettext("%(count)s comment decided.", "%(count)s comments decided.", len(comments))
        messages.success(request, said % {"count": len(comments)})

    return decide
