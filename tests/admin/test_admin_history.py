"""History in the admin: who, when, what, and the difference word by word."""

from __future__ import annotations

import pytest

from articles.models import Article
from crampinfo.editorial.admin.history import Names, Piece, differences, pieces
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import filled, with_row
from tests.admin.people import signed_in


def test_short_values_are_shown_whole() -> None:
    assert pieces("Calf", "Thigh") == (Piece("gone", "Calf"), Piece("added", "Thigh"))


def test_long_texts_are_compared_word_by_word() -> None:
    before = " ".join(f"word{n}" for n in range(60))
    found = pieces(before, before.replace("word30", "new"))
    assert [piece.kind for piece in found] == ["left out", "kept", "gone", "added", "kept", "left out"]
    assert (found[2].text, found[3].text) == ("word30", "new")
    assert len(found[1].text.split()) == 12


@pytest.mark.django_db
def test_rows_and_names_are_readable() -> None:
    one, two = factories.author("maren", name="Maren Holt"), factories.author("lucia", name="Lucía Romero")
    old = {
        "author_id": one.pk,
        "language": "en-gb",
        "faq": [{"question": "Why?", "answer": "So."}],
        "body": "<p>Same.</p>",
    }
    new = {
        **old,
        "author_id": two.pk,
        "language": "es",
        "faq": [*old["faq"], {"question": "When?", "answer": "At night."}],
    }  # type: ignore[misc]
    found = differences(Article, old, new, Names(Article, [old, new]))
    said = {difference.label: [(piece.kind, piece.text) for piece in difference.pieces] for difference in found}
    assert said == {
        "Author": [("gone", "Maren Holt"), ("added", "Lucía Romero")],
        "Language": [("gone", "English"), ("added", "Español")],
        "FAQ entry": [("added", "When? · At night.")],
    }


@pytest.mark.django_db
def test_it_works_on_the_page() -> None:
    article = factories.article(published=False)
    editor = signed_in(Role.EDITOR)
    address = f"/admin/articles/article/{article.pk}/change/"
    editor.post(address, filled(editor.get(address), title="What causes & makes cramps"))
    form = editor.get(address)
    row = {"position": 1, "question": "Why?", "answer": "So."}
    editor.post(address, with_row(filled(form, title="What causes leg cramps"), "faq", **row))
    text = editor.get(f"/admin/articles/article/{article.pk}/history/").content.decode()
    assert "Changed title; added 1 FAQ entry" in text
    assert "<del>What causes &amp; makes cramps</del> <ins>What causes leg cramps</ins>" in text
    assert "<ins>Why? · So.</ins>" in text
    assert "editor" in text


@pytest.mark.django_db
def test_it_is_for_those_who_may_see_the_object() -> None:
    article = factories.article(published=False)
    address = f"/admin/articles/article/{article.pk}/history/"
    assert signed_in(Role.COMPLIANCE).get(address).status_code == 200
    assert signed_in(name="nobody").get(address).status_code == 403
    assert signed_in(Role.EDITOR).get("/admin/articles/article/999/history/").status_code == 404
