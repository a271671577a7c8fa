"""Citations in running text: numbers that lead to the list and back."""

from __future__ import annotations

import pytest

from crampinfo.editorial.citations import Numbering, without_marks
from crampinfo.editorial.models import Citation
from tests import factories

pytestmark = pytest.mark.django_db


def numbering(*slugs: str) -> Numbering:
    return Numbering([Citation(reference=factories.reference(slug)) for slug in slugs])


def link(number: int, use: int) -> str:
    place, label = f'id="c{number}-{use}" href="#ref-{number}"', f'aria-label="Reference {number}"'
    return f'<sup class="cite"><a {place} {label}>{number}</a></sup>'


def test_it_works() -> None:
    numbers = numbering("garrison-2020", "hawke-2021")
    html = numbers.render(
        "<p>Little or no effect. [@garrison-2020] Perhaps less severe. [@hawke-2021] [@garrison-2020]</p>"
    )
    assert html == f"<p>Little or no effect.{link(1, 1)} Perhaps less severe.{link(2, 1)}{link(1, 2)}</p>"
    assert [(entry.number, entry.anchor, entry.backlinks) for entry in numbers.entries] == [
        (1, "ref-1", ["c1-1", "c1-2"]),
        (2, "ref-2", ["c2-1"]),
    ]


def test_numbers_follow_the_list_not_the_text() -> None:
    numbers = numbering("b", "a")
    assert numbers.render("[@a]") == link(2, 1)


def test_texts_of_one_page_share_their_numbers() -> None:
    numbers = numbering("a")
    assert numbers.render("x [@a]") == f"x{link(1, 1)}"
    assert numbers.render("y [@a]") == f"y{link(1, 2)}"


def test_a_reference_that_is_not_in_the_list_disappears() -> None:
    assert numbering("a").render("Yes. [@b]") == "Yes."


@pytest.mark.parametrize("slug", ["garrison_2020", "Garrison-2020", "-a", "2"])
def test_every_slug_a_reference_can_have_is_a_mark(slug: str) -> None:
    assert numbering(slug).render(f"x [@{slug}]") == f"x{link(1, 1)}"


def test_a_mark_in_an_attribute_stays_where_it_is() -> None:
    text = '<p><abbr title="see [@a]">Mg</abbr></p>'
    assert numbering("a").render(text) == text


def test_other_brackets_are_words() -> None:
    text = "[a] [@] [@a b] @a [@ü]"
    assert numbering("a").render(text) == text


def test_without_marks() -> None:
    assert without_marks("Stretch. [@a] [@b] Walk.") == "Stretch. Walk."
