"""YAML that is broken, or that could do more than hold values, and fields that are not what they should be."""

from __future__ import annotations

from typing import Any

import pytest

from crampinfo.site.contentfiles.moments import FORMS

pytestmark = pytest.mark.django_db
TOPIC = "kind: topics\nitems:\n  - slug: night\n    name: Night\n    language: en-gb\n"
REFERENCE = "kind: references\nitems:\n  - slug: trial\n    title: A\n    source: B\n    design: rct\n"
NEEDED = "every object of this kind needs it."
PAGE = "---\nkind: page\nslug: now\ntitle: Now\nlanguage: en-gb\nsummary: Now.\n{}---\nWords.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (TOPIC + "  - slug: [\n", "t.yaml:7: The YAML breaks off here (while parsing a flow node"),
        (TOPIC + "    description: a: b\n", "t.yaml:6: The YAML breaks off here (mapping values are not allowed here)"),
        (TOPIC + '    description: "open\n', "t.yaml:7: The YAML breaks off here (while scanning a quoted scalar"),
        (TOPIC + "\tdescription: x\n", "t.yaml:6: The YAML breaks off here"),
        (TOPIC + "---\nkind: topics\n", "t.yaml:6: The YAML breaks off here (expected a single document"),
        ("- a\n- b\n", "t.yaml:1: Here must stand fields, beginning with kind."),
        ("# nothing\n", "t.yaml:1: There are no fields here: begin with kind."),
        (TOPIC + "    name: Other\n", "t.yaml:6: name stands here twice (first in line 4): keep one."),
        (TOPIC + "    description: &a x\n", "t.yaml:6: The anchor &a is not accepted: write each value out."),
        (TOPIC + "    description: *a\n", "t.yaml:6: The alias *a is not accepted: write the value out."),
        (
            TOPIC + "    description: !!python/object/apply:os.system [ls]\n",
            "t.yaml:6: The tag tag:yaml.org,2002:python/object/apply:os.system is not accepted: write a plain value.",
        ),
        (TOPIC + "    description: !x y\n", "t.yaml:6: The tag !x is not accepted: write a plain value."),
        (TOPIC + f"    description: {'[' * 400}\n", "t.yaml:6: The YAML is nested deeper than 20 levels"),
        (TOPIC + "    ? [a]\n    : b\n", "t.yaml:6: A field's name must be a word: put the text in quotes."),
        ("items: []\n", "t.yaml:1: kind is missing: write one of brands, "),
        ("kind: topic\nitems: []\n", "t.yaml:1: There is no kind “topic” for this form of file. Did you mean topics?"),
        (
            "kind: question\nitems: []\n",
            "t.yaml:1: There is no kind “question” for this form of file. A question has a body: it belongs in a *.md",
        ),
        (
            "kind: nonsense\nitems: []\n",
            "t.yaml:1: There is no kind “nonsense” for this form of file. Use one of: ",
        ),
        ("kind: topics\n", "t.yaml:1: items must be a list with at least one object"),
        ("kind: topics\nitems: []\n", "t.yaml:2: items must be a list with at least one object"),
        ("kind: topics\nitems: [a]\n", "t.yaml:2: Here must stand fields, such as slug: night-cramps."),
        (TOPIC + "more: 1\n", "t.yaml:6: There is no field more here: a *.yaml file has kind and items."),
    ],
)
def test_broken_yaml(content: Any, text: str, expected: str) -> None:
    assert content.add("t.yaml", text).refusal().startswith(expected)


def test_billions_of_laughs_are_not_even_begun(content: Any) -> None:
    levels = "\n".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 9)}]" for n in range(1, 9))
    content.add("t.yaml", f"kind: topics\nx0: &x0 lol\n{levels}\n")
    assert content.refusal() == "t.yaml:2: The anchor &x0 is not accepted: write each value out."


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("desciption: x", "There is no field desciption. Did you mean description?"),
        ("quux: x", "There is no field quux. Use one of: description, language, name, sensitive, slug."),
        (
            "body: x",
            "body is no field: a text stands below the front matter of a *.md file, and not every kind has one.",
        ),
        ("sensitive: maybe", "sensitive must be true or false, not “maybe”."),
        ("sensitive: [true]", "sensitive must be true or false, not a list."),
        ("description: {a: b}", "description must be text, not a group of fields."),
        ("description: [a]", "description must be text, not a list."),
        (r'description: "a\0b"', "description holds the character U+0000, which can't be stored: delete it."),
        (r'description: "a\ud800b"', "description holds the character U+D800, which can't be stored: delete it."),
        (
            "description: see [@Nobody 1]",
            "“[@Nobody 1]” is no citation: write one slug a bracket, such as [@garrison-2020].",
        ),
    ],
)
def test_a_topic_with_a_wrong_field(content: Any, line: str, expected: str) -> None:
    assert content.add("t.yaml", f"{TOPIC}    {line}\n").refusal() == f"t.yaml:6: {expected}"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("year: around 2001", "year must be a whole number such as 12, not “around 2001”."),
        ("n: -4", "n must be a whole number such as 12, not “-4”."),
        ("n: 1e3", "n must be a whole number such as 12, not “1e3”."),
        ("weeks: 4,5", "weeks must be a number such as 9.60 (a point, no comma, no unit), not “4,5”."),
        ("weeks: .nan", "weeks must be a number such as 9.60 (a point, no comma, no unit), not “.nan”."),
        ("direction: benefits", "direction can't be “benefits”. Did you mean benefit?"),
        (
            "direction: up",
            "direction can't be “up”. Use one of: benefit, conflicting, harm, no_effect, no_trials, not_applicable.",
        ),
        ("outcomes: one", "outcomes must be a list: begin each entry with “- ”."),
        ("outcomes: [{name: A}]", "measure is missing: every object of this kind needs it."),
        ("outcomes: [{name: A, measure: B, units: C}]", "There is no field units. Did you mean unit?"),
        (
            "superseded_by: A Review!",
            "superseded_by: “A Review!” is no slug: use letters, digits and hyphens, such as night-cramps.",
        ),
        (
            "superseded_by: nobody",
            "Unknown reference “nobody”: it stands neither in these files nor on the site. Use one of: trial.",
        ),
        (
            "superseded_by: tril",
            "Unknown reference “tril”: it stands neither in these files nor on the site. Did you mean trial?",
        ),
        ("url: javascript:alert(1)", "url: Enter a valid URL."),
        ("pmid: 1234567890123", "pmid: Ensure this value has at most 12 characters (it has 13)."),
    ],
)
def test_a_reference_with_a_wrong_field(content: Any, line: str, expected: str) -> None:
    assert content.add("r.yaml", f"{REFERENCE}    {line}\n").refusal() == f"r.yaml:7: {expected}"


@pytest.mark.parametrize("missing", ["slug", "name", "language"])
def test_a_required_field_is_missing(content: Any, missing: str) -> None:
    lines = [line for line in TOPIC.split("\n") if missing not in line] + [""]
    text = "\n".join(lines).replace("items:\n    name", "items:\n  - name")
    assert content.add("t.yaml", text).refusal() == f"t.yaml:3: {missing} is missing: {NEEDED}"


def test_a_required_field_is_empty(content: Any) -> None:
    content.add("t.yaml", TOPIC.replace("name: Night", 'name: ""'))
    assert content.refusal() == "t.yaml:4: name is empty: every object of this kind needs it."


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-02-30", "“2026-02-30” is not in the calendar: check day, month and hour."),
        (
            "9 February 2026",
            f"“9 February 2026” is no date: {FORMS}.",
        ),
        (
            "2026-2-9",
            f"“2026-2-9” is no date: {FORMS}.",
        ),
        ("0026-02-09", "The year 26 can't be meant: check the date."),
        (
            "today-21x",
            f"“today-21x” is no relative date: {FORMS}.",
        ),
        (
            "today - 2d",
            f"“today - 2d” is no relative date: {FORMS}.",
        ),
        ("today-99999d", "“today-99999d” is more than a hundred years away: check the number."),
        ("today-2h", "“today-2h” counts hours from a day: write now-2h."),
        ("[today]", "published must be a date, not a list."),
    ],
)
def test_bad_dates(content: Any, date: str, expected: str) -> None:
    line = content.add("p.md", PAGE.format(f"published: {date}\n")).refusal()
    assert line == f"p.md:7: {'' if expected.startswith('published') else 'published: '}{expected}"


def test_a_slug_stands_twice(content: Any) -> None:
    content.add("a.yaml", TOPIC).add("b.yaml", TOPIC)
    assert content.refusal() == "b.yaml:3: The topic night stands in a.yaml:3 already: give one of them another slug."


def test_a_body_where_none_is_allowed(content: Any) -> None:
    content.add("b.md", "---\nkind: brand\nslug: a\nname: A\n---\nA body.\n")
    assert content.refusal() == (
        "b.md:2: There is no kind “brand” for this form of file. "
        "A brand has no body: it belongs in a *.yaml file with kind: brands and items."
    )


def test_every_problem_of_every_file_is_printed_sorted(content: Any) -> None:
    content.add("z.yaml", TOPIC + "    quux: x\n    sensitive: maybe\n")
    content.add("b.yaml", REFERENCE + "    url: nonsense\n    superseded_by: nobody\n")
    content.add("a.md", PAGE.format("") + "\n<hr>\n")
    found = [line.split(": ")[0] for line in content.refusals()]
    assert found == ["a.md:10", "b.yaml:7", "b.yaml:8", "z.yaml:6", "z.yaml:7"]
