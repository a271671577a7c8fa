"""Writes every locale's django.mo from its django.po; with --check it only says whether they are up to date."""

from __future__ import annotations

import argparse
import ast
import re
import struct
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

LOCALE = Path(__file__).resolve().parent.parent / "locale"
_LINE = re.compile(r'(?:(msgctxt|msgid_plural|msgid|msgstr(?:\[([0-9])\])?)\s+)?("(?:[^"\\]|\\.)*")')
# What stands between the parts of an entry in a .mo: after its context, and between its plural forms.
_CONTEXT, _PLURAL = "\x04", "\x00"


@dataclass(slots=True)
class Entry:
    """One message of a .po: parts by keyword, each translation under its number."""

    fuzzy: bool = False
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What gettext looks it up by: its context, if any, and the English text, in the singular."""
        context = self.parts.get("msgctxt")
        return f"{context}{_CONTEXT}{self.parts['msgid']}" if context is not None else self.parts["msgid"]

    @property
    def forms(self) -> list[str]:
        """The translations in the order of their numbers: one, or one for each plural form."""
        return [text for name, text in sorted(self.parts.items()) if name.startswith("msgstr")]


def entries(text: str) -> list[Entry]:
    """The messages of a .po. A line that is none of its kinds is a ValueError that names it; obsolete ones are left."""
    found: list[Entry] = []
    for block in re.split(r"\n[ \t]*\n", text):
        entry, name = Entry(), ""
        for line in block.strip().splitlines():
            if line.startswith("#"):
                entry.fuzzy |= line.startswith("#,") and "fuzzy" in line
                continue
            match = _LINE.fullmatch(line.strip())
            if match is None or not (match[1] or name):
                raise ValueError(f"This is no line of a .po file: {line}")
            name = match[1] or name
            entry.parts[name] = entry.parts.get(name, "") + ast.literal_eval(match[3])
        if entry.parts:
            found.append(entry)
    return found


def catalogue(found: Iterable[Entry]) -> dict[str, str]:
    """What a .mo holds: finished messages alone, a plural under both its English forms."""
    messages: dict[str, str] = {}
    for entry in found:
        if entry.fuzzy or not all(entry.forms):
            continue
        plural = entry.parts.get("msgid_plural")
        messages[f"{entry.key}{_PLURAL}{plural}" if plural is not None else entry.key] = _PLURAL.join(entry.forms)
    return messages


def compiled(messages: Mapping[str, str]) -> bytes:
    """The .mo: a head, two tables of (length, offset) and the texts, sorted, each ending with a zero."""
    pairs = sorted((key.encode(), value.encode()) for key, value in messages.items())
    tables = ([key for key, _ in pairs], [value for _, value in pairs])
    offset = 7 * 4 + 16 * len(pairs)
    index, texts = b"", b""
    for table in tables:
        for text in table:
            index += struct.pack("<II", len(text), offset + len(texts))
            texts += text + b"\x00"
    head = struct.pack("<7I", 0x950412DE, 0, len(pairs), 7 * 4, 7 * 4 + 8 * len(pairs), 0, offset)
    return head + index + texts


def build(source: Path) -> bytes:
    """The .mo of a .po file."""
    return compiled(catalogue(entries(source.read_text(encoding="utf-8"))))


def main() -> int:
    """Write the files, or with --check compare them and exit with 1 when one is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when a django.mo is stale")
    check = parser.parse_args().check
    stale = 0
    for source in sorted(LOCALE.glob("*/LC_MESSAGES/django.po")):
        target, wanted = source.with_suffix(".mo"), build(source)
        if not check:
            target.write_bytes(wanted)
            print(f"{target.relative_to(LOCALE)}: {len(wanted)} bytes")
        elif not target.exists() or target.read_bytes() != wanted:
            stale = 1
            print(f"{target.relative_to(LOCALE)} is stale: run scripts/build_messages.py", file=sys.stderr)
    return stale


if __name__ == "__main__":
    sys.exit(main())
