"""The one place that chooses what bodies are written with."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.forms import Script
from django.urls import reverse
from django_prose_editor.widgets import prose_editor_admin_media
from js_asset import ImportMap, Media

# What the toolbar offers, and so what a body may hold; crampinfo.lib.markup.sanitise has the last word.
HEADINGS = (2, 3, 4)


class ProseWidget(forms.Textarea):
    """django-prose-editor with our schema (static/js/admin/prose.js): offers, tips, pictures and marks survive it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": 24, "cols": 80, **(attrs or {})})

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """With what the editor offers, and where its picture button finds the library."""
        context: dict[str, Any] = super().get_context(name, value, attrs)
        library = reverse("admin:editorial_picture_changelist")
        context["widget"]["attrs"]["data-prose"] = json.dumps({"headings": HEADINGS, "pictures": library})
        return context

    @property
    def media(self) -> Media:
        """The editor's import map and styles, and our module that starts it."""
        return prose_editor_admin_media + Media(
            importmap=ImportMap(
                {"crampinfo/prose-html": "js/admin/prose-html.js", "crampinfo/picker": "js/admin/picker.js"}
            ),
            js=[Script("js/admin/prose.js", type="module")],
            css={"all": ["css/admin-prose.css", "css/admin-pictures.css"]},
        )

    def use_required_attribute(self, initial: Any) -> bool:
        """The browser can't check a hidden textarea; the form does."""
        return False


BodyWidget = ProseWidget
"""What PublishableAdmin.prose_fields are written with. Another editor is another class here."""
