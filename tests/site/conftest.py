"""A folder of content files to import, to break and to import again."""

from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

WHOLE = Path(__file__).parent / "content" / "whole"


class Content:
    """Content files in a folder of their own; names are relative to it, and so are they in what is returned."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.errors = StringIO()

    def whole(self) -> Content:
        """Add one object of every kind."""
        shutil.copytree(WHOLE, self.root, dirs_exist_ok=True)
        return self

    def add(self, name: str, text: str | bytes) -> Content:
        """Add a file."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def edit(self, name: str, old: str, new: str) -> Content:
        """Replace the only occurrence of a piece of a file."""
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")
        return self

    def load(self, *names: str, **options: Any) -> str:
        """Import the folder, or some of it; what the command prints."""
        out = StringIO()
        self.errors = StringIO()
        paths = [str(self.root / name) for name in names] or [str(self.root)]
        call_command("import_content", *paths, stdout=out, stderr=self.errors, **options)
        return out.getvalue().replace(f"{self.root}/", "")

    def refusals(self, *names: str, **options: Any) -> list[str]:
        """Import what must be refused; the problems, one a line, without the closing sentence."""
        with pytest.raises(CommandError) as caught:
            self.load(*names, **options)
        assert caught.value.returncode == 1
        lines = self.errors.getvalue().replace(f"{self.root}/", "").splitlines()
        problems = "1 problem" if len(lines) == 1 else f"{len(lines)} problems"
        assert str(caught.value) == f"Nothing was imported: {problems} to mend first."
        return lines

    def refusal(self, *names: str, **options: Any) -> str:
        """The only problem."""
        found = self.refusals(*names, **options)
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def content(tmp_path: Path, settings: Any) -> Content:
    """An empty folder for content files, and one for the pictures they bring."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.ALLOW_INFLUENCED_LISTS = True
    (tmp_path / "content").mkdir()
    return Content(tmp_path / "content")
