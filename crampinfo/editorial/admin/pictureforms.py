"""The forms of the picture library: one takes a file in, one changes words, focal point and perhaps the file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crampinfo.editorial import pictures
from crampinfo.editorial.admin.labels import HouseForm
from crampinfo.editorial.models import Picture
from crampinfo.editorial.pixels import Clean

_FORMATS = gettext_lazy("JPEG, PNG, WebP, AVIF or GIF up to 20 MB. Metadata is taken out, and it is turned upright.")
_ACCEPT = {"accept": "image/jpeg,image/png,image/webp,image/avif,image/gif"}
_FOCUS = {"min": "0", "max": "100", "class": "focus-number"}


class _TakesFile(HouseForm):
    """Examines an uploaded file: what is wrong with it is the field's error, and nothing is saved yet."""

    fresh: Clean | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "alt" in self.fields:
            required = _("Say in a few words what the picture shows: some readers hear it instead.")
            self.fields["alt"].error_messages["required"] = required

    def clean_upload(self) -> Any:
        """See the class."""
        upload = self.cleaned_data.get("upload")
        if upload:
            try:
                self.fresh = pictures.examine(upload, upload.name)
            except pictures.PictureError as error:
                raise forms.ValidationError(str(error)) from error
        return upload


class UploadForm(_TakesFile):
    """A new picture. It is kept by the door for pictures, which gives the one it knows for the same file and words."""

    upload = forms.FileField(label=gettext_lazy("File"), help_text=_FORMATS, widget=forms.FileInput(attrs=_ACCEPT))
    known = False  # whether the library had it already

    class Meta:
        model = Picture
        fields = ("upload", "alt", "credit", "is_demo")

    def save(self, commit: bool = True) -> Picture:
        """The picture as the library keeps it."""
        assert self.fresh is not None, "only a valid form is saved"  # noqa: S101  (a form without file is invalid)
        words = {name: self.cleaned_data[name] for name in ("alt", "credit", "is_demo") if name in self.cleaned_data}
        stored, self.known = pictures.keep(self.fresh, **words)
        self.instance = stored
        return stored

    def save_m2m(self) -> None:
        """A picture has no such relations."""


class PictureForm(_TakesFile):
    """Words and focal point of a stored picture; another file takes the place of its own and keeps its uses."""

    upload = forms.FileField(
        label=gettext_lazy("Another file"),
        required=False,
        help_text=gettext_lazy("It takes the place of this one wherever the picture stands."),
        widget=forms.FileInput(attrs=_ACCEPT),
    )

    class Meta:
        model = Picture
        fields = ("alt", "credit", "focus_x", "focus_y", "is_demo")
        widgets = {"focus_x": forms.NumberInput(attrs=_FOCUS), "focus_y": forms.NumberInput(attrs=_FOCUS)}

    def clean_upload(self) -> Any:
        """The same file again would change nothing, and its owner should know."""
        upload = super().clean_upload()
        if self.fresh is not None and self.fresh.digest == self.instance.digest:
            raise forms.ValidationError(_("This is the file that the picture has: choose the new one."))
        return upload
