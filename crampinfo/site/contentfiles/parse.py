"""From paths to checked objects: reads every file, notes every problem, touches no database."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path

from crampinfo.site.contentfiles import kinds, sources, yamltree
from crampinfo.site.contentfiles.fields import Desk, Mention, Picture
from crampinfo.site.contentfiles.markdown import Body
from crampinfo.site.contentfiles.problems import Problem, Rejected, nearest
from crampinfo.site.contentfiles.reading import Item, item
from crampinfo.site.contentfiles.sources import Source
from crampinfo.site.contentfiles.yamltree import Mapping, Scalar, Sequence, Tree

ANY = ""
_FENCE = "---"
_SLUGS = re.compile(r"^\s*(?:-\s+)?\{?\s*slug:\s*[\"']?([-\w]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a file: its kind, what identifies it, the digest of all the file says of it, and the object."""

    kind: str
    slug: str
    digest: str
    item: Item


@dataclass(frozen=True, slots=True)
class Named:
    """A mention of another object, with its file."""

    file: str
    mention: Mention


@dataclass(frozen=True, slots=True)
class Parsed:
    """What the files hold. doubtful are slugs (with their kind, or ANY) whose objects could not be read."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]
    mentions: tuple[Named, ...]
    doubtful: frozenset[tuple[str, str]]
    files: int


def parse(paths: Iterable[str], now: datetime, max_bytes: int, progress: Callable[[str], None] | None = None) -> Parsed:
    """Everything below the paths; now is aware, in the site's zone, and is what relative dates count from."""
    found, problems = sources.find(paths)
    entries: list[Entry] = []
    mentions: list[Named] = []
    doubtful: set[tuple[str, str]] = set()
    for path in found:
        if progress is not None:
            progress(str(path))
        source = sources.read(path, max_bytes)
        if isinstance(source, Problem):
            problems.append(source)
            doubtful |= _slugs_in(path, max_bytes)
            continue
        desk = Desk(source.name, path.parent, now)
        entries += _entries(source, desk)
        mentions += (Named(source.name, mention) for mention in desk.mentions)
        problems += desk.problems
        doubtful |= desk.doubtful
    problems += _repeated(entries)
    return Parsed(tuple(entries), tuple(problems), tuple(mentions), frozenset(doubtful), len(found))


def _slugs_in(path: Path, max_bytes: int) -> set[tuple[str, str]]:
    """The slugs an unreadable file seems to hold, of whatever kind, so that what refers to them is not reported too."""
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes)
    except OSError:
        data = b""
    text = data.replace(b"\0", b"").decode("latin-1")
    return {(ANY, slug) for slug in (path.stem, *_SLUGS.findall(text))}


def _entries(source: Source, desk: Desk) -> list[Entry]:
    found: list[Entry] = []
    try:
        found += _text(source, desk) if source.path.suffix == ".md" else _list(source, desk)
    except Rejected as rejected:
        desk.problems += rejected.problems
    if not found and not desk.doubtful:
        desk.doubtful |= {(ANY, slug) for slug in (source.path.stem, *_SLUGS.findall(source.text))}
    return found


def _text(source: Source, desk: Desk) -> Iterator[Entry]:
    """The one object of a *.md file."""
    lines = source.text.split("\n")
    if lines[0].rstrip() != _FENCE:
        desk.wrong(
            1, "The front matter is missing: begin with a line ---, then kind: and the other fields, then --- again."
        )
        return
    end = next((at for at, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        desk.wrong(1, "The front matter does not end: write --- on a line of its own before the text.")
        return
    tree, problems = yamltree.read("\n".join(lines[1:end]), source.name, lines_before=1)
    desk.problems += problems
    text = "\n".join(lines[end + 1 :])
    kind = _kind(tree, desk, kinds.TEXTS, is_markdown=True)
    if kind is None or kind.body is None or not isinstance(tree, Mapping):
        return
    body = kind.body(text, end + 2, desk)
    yield from _entry(kind, _without_kind(tree), desk, text, body)


def _list(source: Source, desk: Desk) -> Iterator[Entry]:
    """The objects of a *.yaml file."""
    tree, problems = yamltree.read(source.text, source.name)
    desk.problems += problems
    kind = _kind(tree, desk, kinds.LISTS, is_markdown=False)
    if kind is None or not isinstance(tree, Mapping):
        return
    for name in tree.fields:
        if name not in ("kind", "items"):
            desk.wrong(tree.lines[name], f"There is no field {name} here: a *.yaml file has kind and items.")
    items = tree.fields.get("items")
    if not isinstance(items, Sequence) or not items.items:
        desk.wrong(
            tree.lines.get("items", tree.line), "items must be a list with at least one object: begin each with “- ”."
        )
        return
    for part in items.items:
        yield from _entry(kind, part, desk)


def _kind(tree: Tree, desk: Desk, known: dict[str, kinds.Kind], is_markdown: bool) -> kinds.Kind | None:
    if not isinstance(tree, Mapping):
        desk.wrong(tree.line, "Here must stand fields, beginning with kind.")
        return None
    given = tree.fields.get("kind")
    if not isinstance(given, Scalar) or given.empty:
        desk.wrong(tree.lines.get("kind", tree.line), f"kind is missing: write one of {', '.join(sorted(known))}.")
        return None
    kind = known.get(given.value)
    if kind is None:
        advice = kinds.hint(given.value, is_markdown) or nearest(given.value, known)
        desk.wrong(tree.lines["kind"], f"There is no kind “{given.value}” for this form of file.{advice}")
    return kind


def _without_kind(tree: Mapping) -> Mapping:
    return Mapping(tree.line, {name: value for name, value in tree.fields.items() if name != "kind"}, tree.lines)


def _entry(kind: kinds.Kind, tree: Tree, desk: Desk, text: str = "", body: Body | None = None) -> Iterator[Entry]:
    extra = {} if body is None else {"body": body}
    made = item(kind.item, tree, desk, **extra)
    if made is not None:
        yield Entry(kind.name, made.key, _digest(kind, tree, text, made), made)
    elif isinstance(tree, Mapping) and isinstance(slug := tree.fields.get("slug"), Scalar):
        desk.doubtful.add((kind.name, slug.value))


def _digest(kind: kinds.Kind, tree: Tree, text: str, made: Item) -> str:
    """SHA-256 of what the file says in its own words (relative dates stay words) and of the pictures it uses."""
    pictures = [picture.digest for picture in pictures_of(made)]
    said = [kind.name, yamltree.plain(tree), text.strip(), pictures]
    return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def pictures_of(made: Item) -> list[Picture]:
    """The pictures an object uses, in its fields, in its parts and in its body."""
    values = [getattr(made, each.name) for each in fields(made)]
    values += [getattr(part, each.name) for part in values if isinstance(part, Item) for each in fields(part)]
    bodies = [value for value in values if isinstance(value, Body)]
    return [value for value in values if isinstance(value, Picture)] + [one for body in bodies for one in body.pictures]


def _repeated(entries: Iterable[Entry]) -> Iterator[Problem]:
    first: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        other = first.setdefault((entry.kind, entry.slug), entry)
        if other is not entry:
            field = "slug" if "slug" in entry.item.where.lines else "product"
            where = f"{other.item.where.file}:{other.item.where.at(field)}"
            yield entry.item.where.problem(
                f"The {entry.kind} {entry.slug} stands in {where} already: give one of them another slug.", field
            )
