"""Pictures in running text: references in, whole pictures out, whatever happens to their files."""

from __future__ import annotations

from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import Client
from PIL import Image

from articles.models import Article
from crampinfo.editorial import illustrations, pictures, workflow
from crampinfo.editorial.models import Picture
from crampinfo.lib import markup
from products.bodies import settle
from tests import factories

pytestmark = pytest.mark.django_db


def a_picture(colour: str = "white", size: tuple[int, int] = (64, 32), alt: str = "A calf") -> Picture:
    made = BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return pictures.ingest(made.getvalue(), name="a.png", alt=alt)


def figure(picture: Picture, alt: str = "A calf") -> str:
    return f'<figure><img data-picture="{picture.pk}" alt="{alt}"></figure>'


def shown(body: str) -> str:
    return Template("{% load money %}{% body text %}").render(Context({"text": body}))


def test_it_works() -> None:
    picture = a_picture()
    assert settle(figure(picture)) == figure(picture)
    assert shown(figure(picture)) == (
        f'<figure><picture><img src="{picture.file.url}" width="64" height="32" alt="A calf" loading="lazy" '
        'decoding="async"></picture></figure>'
    )


def test_an_address_of_ours_becomes_a_reference() -> None:
    picture = a_picture()
    given = f'<figure><img src="{picture.file.url}" width="1" height="1" loading="lazy" alt="Calves"></figure>'
    assert settle(given) == figure(picture, "Calves")


def test_words_that_nobody_gave_come_from_the_library() -> None:
    picture = a_picture(alt='The "calf" isn\'t > 1')
    settled = settle(f'<img data-picture="{picture.pk}">')
    assert settled == f'<img data-picture="{picture.pk}" alt="The &quot;calf&quot; isn\'t &gt; 1">'
    assert settle(settled) == settled == markup.sanitise(settled)
    assert settle(f'<img data-picture="{picture.pk}" alt=" ">') == settled, "nor is it decoration"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ('<img data-picture="99" alt="A">', "99"),
        ('<img src="/media/pictures/none.png" alt="A">', "pictures/none.png"),
        ('<img src="/static/img/favicon.svg" alt="A">', "/static/img/favicon.svg"),
        ('<img data-picture="99999999999999999" alt="A">', "99999999999999999"),
    ],
)
def test_what_the_library_lacks_is_refused_by_name(body: str, named: str) -> None:
    with pytest.raises(ValidationError, match=f"not in the library: {named}"):
        settle(f"<p>a</p>{body}")


@pytest.mark.parametrize("number", ["x", "-1", "1;drop", "１"])
def test_a_number_that_is_none_is_no_picture(number: str) -> None:
    assert settle(f'<p>a</p><img data-picture="{number}" alt="A">') == "<p>a</p>"


def test_another_host_is_never_asked() -> None:
    assert settle('<p>a</p><img src="https://x.example/a.png" alt="A">') == "<p>a</p>"


def test_a_page_offers_the_renditions_once_they_are_there() -> None:
    picture = a_picture(size=(700, 350))
    assert "<source" not in shown(figure(picture))
    pictures.make_renditions(picture)
    html = shown(figure(picture))
    assert 'type="image/avif"' in html
    assert 'sizes="(min-width: 48rem) 41rem, calc(100vw - 2rem)"' in html


def test_a_replaced_file_stands_on_the_page_at_once(client: Client) -> None:
    picture = a_picture()
    article = factories.article("calf", published=False, body=f"<p>Words.</p>{figure(picture)}")
    workflow.publish(article)
    before, hashed = picture.file.url, article.content_hash
    buffer = BytesIO()
    Image.new("RGB", (40, 80), "red").save(buffer, "PNG")
    pictures.replace(picture, pictures.examine(buffer.getvalue(), "b.png"))
    page = client.get("/guides/calf/").content.decode()
    assert before not in page
    assert f'<img src="{picture.file.url}" width="40" height="80" alt="A calf"' in page
    assert Article.objects.get().content_hash == hashed, "the text is as it was"


def test_a_text_whose_picture_is_gone_keeps_its_words() -> None:
    assert shown('<p>a</p><img data-picture="7" alt="A <calf">') == "<p>a</p>A &lt;calf"


def test_a_body_without_pictures_costs_no_query(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        shown("<p>Words.</p>")
        illustrations.settle("<p>Words.</p>")
    many = "".join(figure(a_picture(size=(20 + n, 20))) for n in range(5))
    with django_assert_num_queries(1):  # type: ignore[operator]
        shown(many)


def test_the_numbers_of_a_text() -> None:
    assert illustrations.numbers('<img data-picture="3" alt=""><p><img data-picture="1" alt=""></p>') == [3, 1]
