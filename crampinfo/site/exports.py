"""What a reader can take home from /transparency/: the ledger, the script that checks it, and what the files mean."""

from __future__ import annotations

from pathlib import Path

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from crampinfo.editorial import ledger, ledgerfile, pages
from crampinfo.site import schema as described
from crampinfo.site import sitemaps, standalone

SCRIPT = Path(standalone.__file__).parent / "verify_ledger.py"
_UNLISTED = "noindex, follow"


@require_safe
def ledger_file(request: HttpRequest) -> StreamingHttpResponse:
    """The whole ledger, streamed: a process holds a thousand entries of it at a time, and a proxy none."""
    head = ledger.head()
    response = StreamingHttpResponse(
        (part.encode() for part in ledgerfile.chunks(head)), content_type="application/jsonl; charset=utf-8"
    )
    number = head.number if head is not None else 0
    response["Content-Disposition"] = f'attachment; filename="ledger-{number}.jsonl"'
    response["Cache-Control"] = "no-store"  # it grows with every entry, and it is as large as the history
    response["X-Accel-Buffering"] = "no"
    response["X-Robots-Tag"] = _UNLISTED
    return response


@require_safe
def script(request: HttpRequest) -> FileResponse:
    """The stand-alone script, as it lies in the source."""
    response = FileResponse(
        SCRIPT.open("rb"), as_attachment=True, filename=SCRIPT.name, content_type="text/x-python; charset=utf-8"
    )
    response["X-Robots-Tag"] = _UNLISTED
    return response


@require_safe
def schema(request: HttpRequest) -> HttpResponse:
    """Every field of the ledger and of the lists' files, and how to check them."""
    head = pages.head(
        title=_("What the files mean"),
        description=_("Every field of the public ledger and of each list as data, and how to check both at home."),
        path=ledgerfile.SCHEMA,
        section="money",
        indexable=not sitemaps.is_invented(),  # else it explains invented files
        trail=[(_("How we make money"), "/transparency/"), (_("What the files mean"), None)],
    )
    context = {"tables": described.tables(), "licence": ledgerfile.LICENCE}
    return pages.render(request, "site/schema.html", head, context)
