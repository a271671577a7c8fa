"""Writes static/css/site.css from its sources; with --check it only says whether site.css is up to date."""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

CSS = Path(__file__).resolve().parent.parent / "static" / "css"
TARGET = CSS / "site.css"
# The cascade's order is set by the layers in tokens.css; this is the order of reading.
FOUNDATION = ("tokens.css", "base.css", "layout.css")

_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\\n]|\\.)*")|/\*.*?\*/', re.DOTALL)
_BLANKS = re.compile(r"\s+")
# Never before a colon or round + and -: there a space changes the meaning (a :hover, calc).
_NEEDLESS = re.compile(r"\s*([{};,>])\s*|(:)\s+")


def sources() -> list[Path]:
    """The files that make up site.css: foundation first, then the components by name."""
    return [*(CSS / name for name in FOUNDATION), *sorted((CSS / "components").glob("*.css"))]


def squeeze(text: str) -> str:
    """CSS without comments and needless blanks; strings stay as they are."""
    strings: list[str] = []

    def keep(match: re.Match[str]) -> str:
        if match[1] is None:
            return " "
        strings.append(match[1])
        return f"\x00{len(strings) - 1}\x00"

    bare = _BLANKS.sub(" ", _STRING_OR_COMMENT.sub(keep, text))
    bare = _NEEDLESS.sub(lambda match: match[1] or match[2], bare).replace(";}", "}").strip()
    return re.sub("\x00(\\d+)\x00", lambda match: strings[int(match[1])], bare)


def build() -> str:
    """The whole stylesheet, ending with a newline."""
    return "".join(squeeze(path.read_text(encoding="utf-8")) for path in sources()) + "\n"


def main() -> int:
    """Write the file, or with --check compare it and exit with 1 when it is stale."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 when site.css is stale")
    wanted = build()
    if not parser.parse_args().check:
        TARGET.write_text(wanted, encoding="utf-8")
        print(f"{TARGET.name}: {len(sources())} files, {len(wanted.encode())} bytes")
        return 0
    if TARGET.exists() and TARGET.read_text(encoding="utf-8") == wanted:
        return 0
    print("static/css/site.css is stale: run scripts/build_css.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
