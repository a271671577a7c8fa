"""Text as a reader sees it: without markup, invisible characters and disguised letters, each place traceable."""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_TOKEN = re.compile(r"<(?P<tag>/?[a-zA-Z!?][^<>]{0,5000})>|&(?P<entity>#?\w{1,32});?|(?P<odd>[^\x20-\x7e]| {2,})")
_NAME = re.compile(r"/?([a-zA-Z0-9]+)")
_ATTRIBUTE = re.compile(r"""(?<![\w-])(alt|title|aria-label|src)\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.I)
# Tags inside a word or sentence; every other one ends the sentence.
_INLINE = frozenset(
    {
        *("a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "ins", "mark", "q", "s", "small"),
        *("span", "strong", "sub", "sup", "time", "u", "wbr"),
    }
)

# Letters of other scripts that look like Latin ones, by the letter they pass for. What Unicode itself calls a form of
# a letter (fullwidth, mathematical, ligatures, accents) needs no entry: decomposition finds it.
_PASSES_FOR = {
    "a": "аɑαᴀ",
    "b": "ьƅʙɓβвᏏ",
    "c": "сϲᴄⅽↄ",
    "d": "ԁɗɖᴅⅾ",
    "e": "еєᴇҽɛεɘ",
    "f": "ƒꜰſ",
    "g": "ɡɢɠց",
    "h": "һհʜћ",
    "i": "іıɩιɪӏⅰ",
    "j": "јʝᴊϳ",
    "k": "κкᴋƙ",
    "l": "ⅼʟɭƚłǀ",
    "m": "мᴍⅿɱ",
    "n": "пηոռɴƞŋ",
    "o": "оοօσᴏøɵ০୦",
    "p": "рρϱᴘƥ",
    "q": "ԛգզ",
    "r": "гᴦʀɾɍ",
    "s": "ѕꜱʂƽ",
    "t": "тτᴛƭŧ",
    "u": "υսᴜцʋ",
    "v": "νѵᴠⅴ",
    "w": "ԝωѡաᴡɯш",
    "x": "хχⅹ",
    "y": "уүγʏყ",
    "z": "ᴢʐƶз",
    "A": "АΑᎪ",
    "B": "ВΒᏴ",
    "C": "СϹᏟⅭ",
    "D": "ᎠⅮĐ",
    "E": "ЕΕᎬ",
    "F": "Ϝ",
    "G": "ԌᏀ",
    "H": "НΗᎻ",
    "I": "ІΙӀ",
    "J": "ЈᎫ",
    "K": "КΚᏦ",
    "L": "ᏞⅬ",
    "M": "МΜᎷⅯ",
    "N": "Ν",
    "O": "ОΟՕØ",
    "P": "РΡᏢ",
    "R": "ᎡᏒ",
    "S": "ЅᏚ",
    "T": "ТΤᎢ",
    "V": "ᏙⅤ",
    "W": "ᎳԜ",
    "X": "ХΧⅩ",
    "Y": "УΥҮ",
    "Z": "ΖᏃ",
    '"': "“”„‟«»‹›〝〞＂❝❞",
    "'": "‘’‚‛′ʼʹ`´",
    "-": "‐‑‒–—―−⁃﹘",
}
_LATIN = {ord(other): letter for letter, others in _PASSES_FOR.items() for other in others}
# Letters that show nothing, though Unicode does not file them under invisible ones.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u180e")
_REMEMBERED = 40_000  # characters: longer texts are rare and would fill the memory
# Marks that make text run against its letters: what is stored is not what is read.
REVERSING = re.compile("[\u202d\u202e\u2066-\u2068]")


@dataclass(frozen=True, slots=True)
class Folded:
    """Text as read, on lines that end where a block ends; place() leads from it back to the text it was made of."""

    text: str
    runs: tuple[tuple[int, int, int, int], ...]  # start and end in this text, start and end in the original
    length: int

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Where the characters from start to end (exclusive) of the folded text stand in the original."""
        first, last = self._stands(start), self._stands(max(start, end - 1))
        return first[0], max(first[1], last[1])

    def _stands(self, index: int) -> tuple[int, int]:
        """The place of one character: its own where letters were kept, that of all it was made of where not."""
        run = bisect_right(self.runs, (index, self.length + 1)) - 1
        if run < 0:
            return 0, min(1, self.length)
        start, end, origin, origin_end = self.runs[run]
        if end - start == origin_end - origin:
            at = min(origin + index - start, origin_end - 1)
            return at, at + 1
        return origin, origin_end


def fold(text: str, *, markup: bool) -> Folded:
    """Read a text as people do: tags, entities, accents, look-alike letters and invisible characters resolved.

    Alternative texts and the names of picture files are read where their picture stands. In markup a line break is a
    space and a block's end is a line break; in plain text a line break ends the line. Time grows with length alone.
    """
    return _remembered(text, markup) if len(text) <= _REMEMBERED else _folded(text, markup)


@lru_cache(maxsize=256)
def _remembered(text: str, markup: bool) -> Folded:
    """Several rules read the same text one after the other."""
    return _folded(text, markup)


def _folded(text: str, markup: bool) -> Folded:
    writer = _Writer()
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            writer.run(text[at : match.start()], at)
        at = match.end()
        if match["tag"] is not None:
            _tag(match, writer)
        elif match["entity"] is not None:
            shown = html.unescape(match[0])
            for character in match[0] if len(shown) > 8 else shown:
                writer.odd(character, match.start(), at, markup=True)
        else:
            writer.odd(match[0], match.start(), at, markup=markup)
    writer.run(text[at:], at)
    return Folded("".join(writer.parts), tuple(writer.runs), len(text))


def _tag(match: re.Match[str], writer: _Writer) -> None:
    """A tag shows nothing, but may end a line, and has texts that are read in its place."""
    tag = match["tag"]
    if tag.startswith(("!", "?")):
        return
    named = _NAME.match(tag)
    if named is None or named[1].lower() not in _INLINE:
        writer.line(match.start())
    if "=" not in tag:
        return
    for attribute in _ATTRIBUTE.finditer(tag):
        group = 2 if attribute[2] is not None else 3
        value, start = attribute[group], match.start("tag") + attribute.start(group)
        if attribute[1].lower() == "src":
            name = value.rpartition("/")[2]
            value, start = re.sub(r"[-_.%+]", " ", name), start + len(value) - len(name)
        writer.line(start)
        for piece, low, high in _pieces(value):
            writer.piece(piece, start + low, start + high)
        writer.line(start + len(value))


def _pieces(text: str) -> Iterator[tuple[str, int, int]]:
    """An attribute's value cut into what is read alike: the piece as read, its start and its end."""
    at = 0
    for match in re.finditer(r"&#?\w{1,32};?|[^\x21-\x7e]", text):
        if match.start() > at:
            yield text[at : match.start()], at, match.start()
        yield html.unescape(match[0]), match.start(), match.end()
        at = match.end()
    yield text[at:], at, len(text)


class _Writer:
    """Collects folded text with the place each run of it came from."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.runs: list[tuple[int, int, int, int]] = []
        self._length = 0
        self._blank = "\n"  # what the text so far ends with, when that is a blank

    def run(self, text: str, origin: int) -> None:
        """Printable ASCII without two blanks in a row, as it is."""
        if self._blank and text.startswith(" "):
            text, origin = text[1:], origin + 1
        if text:
            self._put(text, origin, origin + len(text))
            self._blank = " " if text.endswith(" ") else ""

    def piece(self, text: str, origin: int, end: int) -> None:
        """Any text without markup that was made of what stands between origin and end."""
        if text.isascii() and text.isprintable() and "  " not in text:
            self.run(text, origin)
            return
        for character in text:
            self.odd(character, origin, end, markup=True)

    def odd(self, character: str, origin: int, end: int, *, markup: bool) -> None:
        """One character that is not printable ASCII, or a run of blanks."""
        if character == "\n" and not markup:
            self.line(origin)
            return
        shown = latin(character[0])
        if shown == " ":
            if not self._blank:
                self._put(" ", origin, end)
                self._blank = " "
        elif shown:
            self._put(shown, origin, end)
            self._blank = ""

    def line(self, origin: int) -> None:
        """The end of a line; many in a row are one."""
        if self._blank != "\n":
            self._put("\n", origin, origin + 1)
            self._blank = "\n"

    def _put(self, text: str, origin: int, end: int) -> None:
        self.parts.append(text)
        self.runs.append((self._length, self._length + len(text), origin, end))
        self._length += len(text)


@lru_cache(maxsize=20_000)
def latin(character: str) -> str:
    """What a character is read as: a Latin letter for one that looks like it, '' for an invisible one, a space."""
    if character in _BLANK:
        return ""
    passes = _LATIN.get(ord(character))
    if passes is not None:
        return passes
    category = unicodedata.category(character)
    if category == "Zs" or character.isspace():
        return " "
    if category in ("Cf", "Mn", "Me", "Cc", "Cn", "Co", "Cs"):
        return ""
    plain = (part for part in unicodedata.normalize("NFKD", character) if unicodedata.category(part) != "Mn")
    return "".join(_LATIN.get(ord(part), part) for part in plain if not part.isspace()) or " "
