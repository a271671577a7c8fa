"""What templates and static files may hold: nothing unescaped, inline, or of another host."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MAX_TEMPLATE = 100
SIGN_IN = ("templates/account/", "templates/mfa/", "templates/allauth/")


def templates() -> dict[str, str]:
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "templates").rglob("*"))
        if path.is_file()
    }


# What no template holds, whatever page it makes; CSP would refuse half of it, escaping depends on the other.
@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("an unescaped value", r"\|\s*(?:safe|safeseq)\b|autoescape\s+off"),
        ("an inline style", r"\sstyle\s*=|<style\b"),
        ("an inline script", r"<script(?![^>]*\bsrc=)|\son[a-z]+\s*=\s*[\"']|javascript:"),
        ("another host", r"(?:src|href|action|srcset|content)=[\"'](?:https?:)?//"),
        ("a form token, which would set a cookie", r"csrf_token"),
    ],
)
def test_no_template_holds(what: str, pattern: str) -> None:
    public = {name: text for name, text in templates().items() if "templates/admin/" not in name}
    if "token" in what:  # sign-in is for staff, who have cookies, and answers at addresses of its own
        public = {name: text for name, text in public.items() if not name.startswith(SIGN_IN)}
    assert len(public) > 60
    assert [name for name, text in public.items() if re.search(pattern, text, re.I)] == [], what


def test_templates_keep_to_size() -> None:
    assert [name for name, text in templates().items() if text.count("\n") + 1 > MAX_TEMPLATE] == []


def test_no_file_names_another_host() -> None:
    """Only namespaces and standards that nothing fetches."""
    names = re.compile(r"https?://([\w.-]+)")
    harmless = {"www.w3.org", "schema.org", "doi.org", "pubmed.ncbi.nlm.nih.gov"}
    static = {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8", errors="replace")
        for path in sorted((ROOT / "static").rglob("*"))
        if path.suffix in (".css", ".js", ".svg", ".html", ".json", ".txt")
    }
    found = {
        name: hosts for name, text in (templates() | static).items() if (hosts := set(names.findall(text)) - harmless)
    }
    assert found == {}
    assert [name for name, text in static.items() if re.search(r"@import|url\(\s*[\"']?//", text)] == []
