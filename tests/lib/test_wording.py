"""Fixed words of templates are text, in the language in which the template is read; all others stay as they are."""

from __future__ import annotations

import pytest
from django.template import engines
from django.template.base import TextNode
from django.template.loader import get_template
from django.utils import translation


def nodes(source: str) -> list[type]:
    return [type(node) for node in engines["django"].from_string(source).template.nodelist]


def test_it_works() -> None:
    assert nodes('{% translate "Guides" %}') == [TextNode]
    assert engines["django"].from_string('{% translate "Guides" %}').render({}) == "Guides"


def test_in_the_language_in_which_it_is_read() -> None:
    with translation.override("es"):
        assert engines["django"].from_string('{% trans "Guides" %}').render({}) == translation.gettext("Guides")
        assert translation.gettext("Guides") != "Guides"


def test_a_template_is_kept_once_a_language() -> None:
    context = {"section": ""}
    with translation.override("es"):
        spanish = get_template("includes/site_header.html").render(context)
    with translation.override("en-gb"):
        english = get_template("includes/site_header.html").render(context)
    assert ">Guides<" in english
    assert ">Guides<" not in spanish
    with translation.override("es"):
        assert get_template("includes/site_header.html").render(context) == spanish


@pytest.mark.parametrize(
    "source",
    ["{% translate word %}", '{% translate "a" as b %}', '{% translate "a"|upper %}', '{% translate "a" noop %}'],
)
def test_what_depends_on_the_page_stays(source: str) -> None:
    assert nodes(source) != [TextNode]
    assert engines["django"].from_string(source + "{{ b }}").render({"word": "A"}) in ("A", "a")


def test_a_context_counts() -> None:
    source = '{% translate "Updated" context "date" %}'
    assert nodes(source) == [TextNode]
    with translation.override("es"):
        text = engines["django"].from_string(source).render({})
        assert text == translation.pgettext("date", "Updated")


def test_signs_that_mean_something_to_html_or_to_formats() -> None:
    assert engines["django"].from_string('{% translate "10 % of A & B\'s" %}').render({}) == "10 % of A & B's"
