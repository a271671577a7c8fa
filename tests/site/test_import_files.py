"""Files that can't be read: each is refused with its name, its line and what to do."""

from __future__ import annotations

import errno
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management.base import OutputWrapper

from crampinfo.editorial.models import Topic
from crampinfo.site.contentfiles.progress import Counter

pytestmark = pytest.mark.django_db
GOOD = "kind: topics\nitems:\n  - {slug: night, name: Näht, language: en-gb}\n"


def test_it_works(content: Any) -> None:
    content.add("topics.yaml", GOOD).load()
    assert Topic.objects.get().name == "Näht"


def test_a_byte_order_mark_is_accepted(content: Any) -> None:
    content.add("topics.yaml", GOOD.encode("utf-8-sig")).load()
    assert Topic.objects.get().name == "Näht"


def test_windows_line_ends_are_accepted(content: Any) -> None:
    content.add("topics.yaml", GOOD.replace("\n", "\r\n")).load()
    assert Topic.objects.get().slug == "night"


def test_other_files_of_a_folder_are_passed_over(content: Any) -> None:
    content.add("topics.yaml", GOOD).add("notes.txt", b"\xff").add("deep/er/README", "x").load()
    assert Topic.objects.count() == 1


def test_a_file_named_twice_is_read_once(content: Any) -> None:
    content.add("topics.yaml", GOOD).load("topics.yaml", "", "topics.yaml")
    assert Topic.objects.count() == 1


def test_folders_are_read_in_order(content: Any) -> None:
    content.add("b/two.yaml", "kind: topics\nitems: x").add("a/one.yaml", "kind: topics\nitems: x").add("c.md", "x")
    assert [line.split(":")[0] for line in content.refusals()] == ["a/one.yaml", "b/two.yaml", "c.md"]


def test_another_file_that_is_named_is_refused(content: Any) -> None:
    content.add("notes.txt", "x")
    expected = "notes.txt:1: This is no content file: only *.md and *.yaml can be imported."
    assert content.refusal("notes.txt") == expected


def test_a_missing_path_is_refused(content: Any) -> None:
    assert content.refusal("nowhere") == "nowhere:1: There is no such file or folder: check the path."


def test_a_folder_without_content_is_refused(content: Any) -> None:
    content.add("empty/notes.txt", "x")
    assert content.refusal("empty") == "empty:1: The folder has no content file: *.md and *.yaml are read."


@pytest.mark.parametrize("data", [b"", b" \n\t\n"])
def test_an_empty_file_is_refused(content: Any, data: bytes) -> None:
    content.add("topics.yaml", data)
    assert content.refusal() == "topics.yaml:1: The file is empty: write its content or remove it."


def test_a_body_of_five_megabytes_is_refused_with_its_size(content: Any) -> None:
    content.add("long.md", "---\nkind: page\n---\n" + "word " * 1024 * 1024)
    assert content.refusal() == "long.md:1: The file has 5.0 MB; 2.0 MB are the limit: split it."


def test_latin_1_is_named(content: Any) -> None:
    content.add("topics.yaml", GOOD.encode("latin-1"))
    assert content.refusal() == (
        "topics.yaml:3: The file is not UTF-8 at byte 45 (0xe4). "
        "It looks like Latin-1 (Windows-1252). Save it as UTF-8."
    )


def test_other_bytes_are_named_by_their_offset(content: Any) -> None:
    content.add("topics.yaml", b"kind: topics\n# \xc3\x28 \x81\x81\x81\n")
    assert content.refusal() == "topics.yaml:2: The file is not UTF-8 at byte 15 (0xc3). Save it as UTF-8."


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-16-le", "utf-32"])
def test_utf_16_is_named(content: Any, encoding: str) -> None:
    content.add("topics.yaml", GOOD.encode(encoding))
    line = content.refusal()
    assert line.startswith("topics.yaml:1: The file ")
    assert encoding[:6].upper() in line
    assert line.endswith("save it as UTF-8.")


def test_a_nul_byte_is_refused_with_its_offset(content: Any) -> None:
    content.add("topics.yaml", GOOD.encode().replace(b"night", b"ni\x00ght"))
    assert content.refusal() == (
        "topics.yaml:3: A NUL byte stands at byte 33: this is no text file, or it is damaged. Delete the byte."
    )


def test_a_control_character_is_refused(content: Any) -> None:
    content.add("topics.yaml", GOOD.replace("Näht", "Na\x08ht"))
    assert content.refusal() == "topics.yaml:3: The invisible control character U+0008 stands here: delete it."


def test_an_unreadable_file_is_refused(content: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(path: Path) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", locked)
    content.root.joinpath("topics.yaml").write_text(GOOD)
    assert content.refusal() == "topics.yaml:1: The file can't be read (Permission denied): check its permissions."


def test_the_front_matter_must_be_there(content: Any) -> None:
    content.add("a.md", "# A page\n\nWords.")
    assert content.refusal() == (
        "a.md:1: The front matter is missing: begin with a line ---, then kind: and the other fields, then --- again."
    )


def test_the_front_matter_must_end(content: Any) -> None:
    content.add("a.md", "---\nkind: page\nslug: now\n")
    expected = "a.md:1: The front matter does not end: write --- on a line of its own before the text."
    assert content.refusal() == expected


def test_what_refers_to_an_unreadable_file_is_not_reported_as_well(content: Any) -> None:
    content.whole()
    topics = (content.root / "topics.yaml").read_text()
    content.add("topics.yaml", topics.replace("wake you", "wäke you").encode("latin-1"))
    assert content.refusal().startswith("topics.yaml:3: The file is not UTF-8")


def test_nothing_is_loaded_when_one_file_is_wrong(content: Any) -> None:
    content.whole().add("zz.md", "x").refusal()
    assert Topic.objects.count() == 0
    assert not list((content.root.parent / "media").rglob("*.*"))


def test_an_unknown_slug_is_reported_even_beside_other_problems(content: Any) -> None:
    content.whole().edit("rankings.yaml", "product: tablet-one, added", "product: tablet-nine, added")
    content.edit("rankings.yaml", "compensation: isolated", "compensation: bought")
    assert [line.split("”")[0] for line in content.refusals()] == [
        "rankings.yaml:9: compensation can't be “bought",
        "rankings.yaml:19: Unknown product “tablet-nine",
    ]


def test_a_counter_runs_on_a_terminal_alone() -> None:
    class Terminal(StringIO):
        def isatty(self) -> bool:
            return True

    terminal, pipe = Terminal(), StringIO()
    for stream in (terminal, pipe):
        with Counter(OutputWrapper(stream)) as counter:
            counter.step("topic night")
    assert terminal.getvalue() == "\r\x1b[K    1  topic night\r\x1b[K"
    assert pipe.getvalue() == ""
