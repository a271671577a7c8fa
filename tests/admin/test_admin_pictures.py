"""The picture library: what comes in through its form, what is refused, where it stands, and who may change it."""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import ProtectedError
from django.test import Client
from huey.contrib.djhuey import HUEY
from PIL import Image

from articles.models import Article
from crampinfo.editorial import gate, pictures, revisions, tasks, workflow
from crampinfo.editorial.admin.pictures import PictureAdmin
from crampinfo.editorial.models import Picture, Revision, State, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import errors_of, filled, told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

LIBRARY = "/admin/editorial/picture/"
RED, BLUE = (200, 30, 30), (30, 30, 200)


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path / "media"
    return tmp_path / "media"


def image(form: str = "PNG", size: tuple[int, int] = (64, 32), mode: str = "RGB", **options: Any) -> bytes:
    """Red on the left, blue on the right."""
    made = Image.new("RGB", size, RED)
    made.paste(BLUE, (size[0] // 2, 0, *size))
    buffer = BytesIO()
    made.convert(mode).save(buffer, form, **options)
    return buffer.getvalue()


def a_picture(alt: str = "A calf", size: tuple[int, int] = (64, 32)) -> Picture:
    return pictures.ingest(image(size=size), name="a.png", alt=alt)


def stored(media: Path) -> list[str]:
    return sorted(path.name for path in media.rglob("*") if path.is_file())


def upload(client: Client, data: bytes, name: str = "calf.png", alt: str = "A calf", **more: Any) -> Any:
    fields = {"upload": SimpleUploadedFile(name, data), "alt": alt, **more}
    return client.post(f"{LIBRARY}add/", fields, follow=True)


def change(client: Client, picture: Picture, **fields: Any) -> Any:
    address = f"{LIBRARY}{picture.pk}/change/"
    return client.post(address, {**filled(client.get(address)), **fields}, follow=True)


def test_it_works(media: Path) -> None:
    answer = upload(signed_in(Role.EDITOR), image(), credit="M. Holt")
    picture = Picture.objects.get()
    assert answer.redirect_chain == [(f"{LIBRARY}{picture.pk}/change/", 302)], "on to the focal point"
    assert (picture.alt, picture.credit, picture.width, picture.height) == ("A calf", "M. Holt", 64, 32)
    assert stored(media) == [Path(picture.file.name).name]
    assert LogEntry.objects.get().object_id == str(picture.pk)


# --- what is refused -----------------------------------------------------------------------------------------------


def png_claiming(width: int, height: int) -> bytes:
    """A tiny PNG whose header promises a huge picture."""
    chunks = ((b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(b"\0" * 99)))
    body = b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (*chunks, (b"IEND", b""))
    )
    return b"\x89PNG\r\n\x1a\n" + body


def archive() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("META-INF/MANIFEST.MF", "Main-Class: Evil")
        file.writestr("index.html", "<script>alert(1)</script>")
    return made.getvalue()


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        pytest.param(png_claiming(8000, 5001), "a.png", "more than 40 million pixels", id="40 megapixels and a bit"),
        pytest.param(png_claiming(100_000, 100_000), "a.png", "more than 40 million pixels", id="bomb"),
        pytest.param(SVG, "a.svg", "SVG drawing, which can carry programs", id="svg"),
        pytest.param(SVG, "a.png", "SVG drawing, which can carry programs", id="svg under another name"),
        pytest.param(b"plain words", "a.png", "not a JPEG, PNG, WebP, AVIF or GIF", id="text"),
        pytest.param(b"<html><script>alert(1)</script>", "a.jpg", "not a JPEG, PNG, WebP, AVIF or GIF", id="html"),
        pytest.param(archive() + image(), "a.png", "not a JPEG, PNG, WebP, AVIF or GIF", id="zip first"),
        pytest.param(image("JPEG"), "a.png", "really a JPEG, but its name ends in .png", id="wrong ending"),
        pytest.param(image(), "a.php", "really a PNG, but its name ends in .php", id="program ending"),
        pytest.param(b"", "a.png", "empty", id="empty"),
        pytest.param(image()[:60], "a.png", "damaged or cut short", id="cut short"),
        pytest.param(image(size=(15, 400)), "a.png", "smaller than 16 pixels", id="sliver"),
        pytest.param(image() + b"\0" * pictures.MAX_BYTES, "a.png", "larger than 20 MB", id="heavy"),
    ],
)
def test_what_is_no_good_picture_is_refused_with_a_sentence(data: bytes, name: str, sentence: str, media: Path) -> None:
    answer = upload(signed_in(Role.EDITOR), data, name)
    assert sentence in errors_of(answer)["upload"][0]
    assert 'value="A calf"' in answer.content.decode(), "the words stay in the form"
    assert (Picture.objects.count(), stored(media), LogEntry.objects.count()) == (0, [], 0)


@pytest.mark.parametrize("alt", ["", "   "])
def test_a_picture_without_words_is_refused(alt: str, media: Path) -> None:
    answer = upload(signed_in(Role.EDITOR), image(), alt=alt)
    assert errors_of(answer)["alt"] == ["Say in a few words what the picture shows: some readers hear it instead."]
    assert (Picture.objects.count(), stored(media)) == (0, [])


def test_too_many_words_are_refused(media: Path) -> None:
    assert "250 characters" in errors_of(upload(signed_in(Role.EDITOR), image(), alt="x" * 251))["alt"][0]
    assert stored(media) == []


def test_forty_megapixels_are_taken_and_scaled_down() -> None:
    upload(signed_in(Role.EDITOR), image(size=(8000, 5000)))
    assert (Picture.objects.get().width, Picture.objects.get().height) == (2400, 1500)


# --- what is taken and made harmless -------------------------------------------------------------------------------


def kept() -> Image.Image:
    with Picture.objects.get().file.open() as file:
        found = Image.open(BytesIO(file.read()))
    found.load()
    return found


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (image() + archive(), "a.png"),
        (image("JPEG") + archive(), "a.jpg"),
        (image("GIF") + archive(), "a.gif"),
        (image("JPEG", comment=b"<script>alert(1)</script>") + b"<html><script>alert(2)</script>", "a.jpg"),
    ],
    ids=["png and zip", "jpeg and zip", "gifar", "jpeg and html"],
)
def test_of_a_polyglot_only_the_picture_stays(data: bytes, name: str, media: Path) -> None:
    upload(signed_in(Role.EDITOR), data, name)
    (file,) = media.rglob("*.*")
    assert not zipfile.is_zipfile(file)
    for trace in (b"script", b"PK\x03\x04", b"Manifest"):
        assert trace not in file.read_bytes()
    assert kept().size == (64, 32)


def test_a_photo_is_turned_upright_and_keeps_no_secret() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    exif[0x010E] = "SECRET"
    exif[0x8825] = {1: "N", 2: (51.0, 30.0, 7.0)}
    upload(signed_in(Role.EDITOR), image("JPEG", exif=exif), "a.jpg")
    picture = Picture.objects.get()
    assert (picture.width, picture.height) == (32, 64)
    assert not kept().getexif()
    with picture.file.open() as file:
        assert b"SECRET" not in file.read()


def test_print_colours_become_screen_colours() -> None:
    upload(signed_in(Role.EDITOR), image("JPEG", mode="CMYK"), "a.jpg")
    found = kept()
    assert found.mode == "RGB"
    pixel = found.getpixel((10, 10))
    assert isinstance(pixel, tuple)
    assert pixel[0] > 150 > pixel[2]


def test_of_a_moving_picture_the_first_frame_stays_and_it_is_said() -> None:
    frames = [Image.new("RGB", (32, 32), colour) for colour in (RED, BLUE)]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=50)
    answer = upload(signed_in(Role.EDITOR), buffer.getvalue(), "a.gif")
    assert "The file moves: its first frame was kept." in told(answer)
    assert getattr(kept(), "n_frames", 1) == 1


def test_the_same_file_twice_is_one_picture(media: Path) -> None:
    editor = signed_in(Role.EDITOR)
    upload(editor, image())
    answer = upload(editor, image(), "again.png")
    assert "The library had this file with these words already: here it is." in told(answer)
    assert (Picture.objects.count(), len(stored(media))) == (1, 1)


# --- half a save ---------------------------------------------------------------------------------------------------


def test_a_save_that_breaks_off_leaves_nothing(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        assert len(stored(media)) == 1, "the file is written by now"
        raise RuntimeError("the power went")

    monkeypatch.setattr(PictureAdmin, "log_addition", broken)
    with pytest.raises(RuntimeError):
        upload(signed_in(Role.EDITOR), image())
    assert (Picture.objects.count(), stored(media)) == (0, [])


def test_a_replacement_that_breaks_off_leaves_the_old_file(media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture, before = a_picture(), stored(media)
    monkeypatch.setattr(PictureAdmin, "log_change", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        change(signed_in(Role.EDITOR), picture, upload=SimpleUploadedFile("b.png", image(size=(40, 40))))
    assert stored(media) == before
    picture.refresh_from_db()
    assert (picture.width, Path(picture.file.name).name) == (64, before[0])


def test_a_worker_that_is_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "render", lambda key: 1 / 0)
    upload(signed_in(Role.EDITOR), image())
    page = signed_in(Role.PUBLISHER).get(f"{LIBRARY}{Picture.objects.get().pk}/change/").content.decode()
    assert "readers load this file until then" in page


# --- words, focal point, another file ------------------------------------------------------------------------------


def test_words_and_focal_point_are_changed_without_a_script() -> None:
    picture = a_picture()
    change(signed_in(Role.EDITOR), picture, alt="From behind", focus_x="20", focus_y="80")
    picture.refresh_from_db()
    assert (picture.alt, picture.focus_x, picture.focus_y) == ("From behind", 20, 80)


@pytest.mark.parametrize("number", ["101", "-1", "x", ""])
def test_a_focal_point_outside_the_picture_is_refused(number: str) -> None:
    assert "focus_x" in errors_of(change(signed_in(Role.EDITOR), a_picture(), focus_x=number))


def test_a_cut_shows_what_the_focal_point_keeps() -> None:
    picture = a_picture(size=(800, 400))
    Picture.objects.update(focus_x=25)
    page = signed_in(Role.EDITOR).get(f"{LIBRARY}{picture.pk}/change/").content.decode()
    assert 'data-crop="1/1" viewBox="100.0 0.0 400.0 400.0"' in page


def test_another_file_keeps_words_and_uses(media: Path, django_capture_on_commit_callbacks: Callable) -> None:
    picture = a_picture()
    pictures.make_renditions(picture)
    Picture.objects.update(focus_x=10)
    question = factories.question(
        "calf", published=False, body=f'<figure><img data-picture="{picture.pk}" alt="A calf"></figure>'
    )
    with django_capture_on_commit_callbacks(execute=True):
        change(signed_in(Role.EDITOR), picture, upload=SimpleUploadedFile("b.png", image(size=(40, 80))))
    picture.refresh_from_db()
    assert (picture.width, picture.height, picture.alt, picture.focus_x) == (40, 80, "A calf", 10)
    assert stored(media) == sorted(Path(n).name for n in (picture.file.name, *(r["name"] for r in picture.renditions)))
    assert all(entry["width"] <= 40 for entry in picture.renditions), "and they are of the new file"
    workflow.publish(question)
    page = Client().get("/questions/calf/").content.decode()
    assert f'src="{picture.file.url}" width="40" height="80" alt="A calf"' in page


def test_the_same_file_is_no_replacement() -> None:
    answer = change(signed_in(Role.EDITOR), a_picture(), upload=SimpleUploadedFile("a.png", image()))
    assert "the file that the picture has" in errors_of(answer)["upload"][0]


def test_a_bad_replacement_changes_nothing(media: Path) -> None:
    picture, before = a_picture(), stored(media)
    answer = change(signed_in(Role.EDITOR), picture, alt="Other", upload=SimpleUploadedFile("a.png", b"words"))
    assert "not a JPEG" in errors_of(answer)["upload"][0]
    picture.refresh_from_db()
    assert (picture.alt, stored(media)) == ("A calf", before)


# --- where it stands, and who may ----------------------------------------------------------------------------------


def shown_in(picture: Picture, published: bool) -> Article:
    article = factories.article("calf", published=False, body=f'<p>a</p><img data-picture="{picture.pk}" alt="A calf">')
    if published:
        workflow.publish(article)
    return article


def test_it_says_where_it_stands() -> None:
    picture = a_picture()
    article = shown_in(picture, published=False)
    author = factories.author("ana", portrait=picture)
    page = signed_in(Role.EDITOR).get(f"{LIBRARY}{picture.pk}/change/").content.decode()
    assert f'<a href="/admin/articles/article/{article.pk}/change/">About calf</a></td><td>shows it</td>' in page
    assert f'<td>Author</td><td><a href="/admin/editorial/author/{author.pk}/change/">' in page
    assert f"&lt;img data-picture=&quot;{picture.pk}&quot; alt=&quot;A calf&quot;&gt;" in page


def test_the_number_of_another_picture_is_no_use_of_it() -> None:
    picture, other = a_picture(), a_picture("Another")
    Picture.objects.filter(pk=other.pk).update(id=int(f"{picture.pk}1"))
    shown_in(Picture.objects.get(pk=int(f"{picture.pk}1")), published=False)
    assert "Used nowhere yet." in signed_in(Role.EDITOR).get(f"{LIBRARY}{picture.pk}/change/").content.decode()


def test_what_readers_see_is_changed_by_those_who_may_publish() -> None:
    picture = a_picture()
    shown_in(picture, published=True)
    editor = signed_in(Role.EDITOR)
    address = f"{LIBRARY}{picture.pk}/change/"
    assert "somebody who may publish changes it" in editor.get(address).content.decode()
    assert editor.post(address, {"alt": "Forged", "focus_x": "1", "focus_y": "1"}).status_code == 403
    change(signed_in(Role.PUBLISHER), picture, alt="The calf")
    picture.refresh_from_db()
    assert picture.alt == "The calf"


def test_words_on_a_live_page_pass_the_gate() -> None:
    picture = a_picture()
    item = factories.product("magno", label_picture=picture)
    factories.review(item)
    answer = change(signed_in(Role.PUBLISHER), picture, alt="TODO describe")
    assert "Readers see it on" in errors_of(answer)["alt"][0]
    picture.refresh_from_db()
    assert picture.alt == "A calf"


def test_what_stands_in_a_text_is_not_deleted(media: Path, django_capture_on_commit_callbacks: Callable) -> None:
    picture, unused = a_picture(), a_picture("Unused", size=(20, 20))
    shown_in(picture, published=False)
    operator = signed_in(is_superuser=True)
    assert operator.post(f"{LIBRARY}{picture.pk}/delete/", {"post": "yes"}).status_code == 409
    both = {"action": "delete_selected", "_selected_action": [picture.pk, unused.pk], "post": "yes"}
    assert operator.post(LIBRARY, both).status_code == 409
    assert Picture.objects.count() == 2
    with django_capture_on_commit_callbacks(execute=True):
        operator.post(f"{LIBRARY}{unused.pk}/delete/", {"post": "yes"})
    assert stored(media) == [Path(picture.file.name).name], "its file went with it"


@pytest.mark.parametrize("role", [Role.MEDICAL_REVIEWER, Role.AFFILIATE_MANAGER, Role.COMPLIANCE])
def test_who_only_looks_uploads_nothing(role: Role, media: Path) -> None:
    client = signed_in(role)
    assert upload(client, image()).status_code == 403
    assert (
        client.post(f"{LIBRARY}take/", {"upload": SimpleUploadedFile("a.png", image()), "alt": "A"}).status_code == 403
    )
    assert client.get(f"{LIBRARY}choose/").json()["mayAdd"] is False
    assert stored(media) == []


# --- the list ------------------------------------------------------------------------------------------------------


def test_the_library_shows_and_finds() -> None:
    calf, foot = a_picture(size=(600, 300)), a_picture("A foot")
    pictures.make_renditions(calf)
    editor = signed_in(Role.EDITOR)
    page = editor.get(LIBRARY).content.decode()
    assert 'width="104" height="52" loading="lazy"' in page
    assert f"{calf.renditions[-1]['name'].rpartition('-')[0]}-" in page, "a small rendition is enough"
    found = editor.get(f"{LIBRARY}?q=foot").content.decode()
    assert "A foot" in found
    assert "A calf" not in found
    assert f"/{foot.pk}/change/" in editor.get(f"{LIBRARY}?ready=no").content.decode()
    assert f"/{foot.pk}/change/" in editor.get(f"{LIBRARY}?q={foot.pk}").content.decode()


def test_the_worker_is_asked_again_for_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(HUEY, "immediate", True)
    picture = a_picture(size=(200, 100))
    data = {"action": "render_again", "_selected_action": [picture.pk]}
    answer = signed_in(Role.EDITOR).post(LIBRARY, data, follow=True)
    assert told(answer) == ["The worker looks at 1 picture."]
    picture.refresh_from_db()
    assert picture.renditions


# --- what the editor's picker asks ---------------------------------------------------------------------------------


def test_the_picker_sees_the_library() -> None:
    for number in range(26):
        a_picture(f"Calf no. {number:02}.")
    editor = signed_in(Role.EDITOR)
    first = editor.get(f"{LIBRARY}choose/").json()
    assert (len(first["pictures"]), first["total"], first["next"], first["mayAdd"]) == (24, 26, 2, True)
    assert first["pictures"][0]["alt"] == "Calf no. 25."
    assert len(editor.get(f"{LIBRARY}choose/?page=2").json()["pictures"]) == 2
    found = editor.get(f"{LIBRARY}choose/?q=07.").json()["pictures"]
    assert [(one["alt"], one["width"], one["height"]) for one in found] == [("Calf no. 07.", 64, 32)]
    assert editor.get(f"{LIBRARY}choose/?id={found[0]['id']}").json()["total"] == 1
    assert editor.get(f"{LIBRARY}choose/?page=nonsense&id=99999999999999999999").status_code == 200


def test_the_picker_takes_a_file_in(media: Path) -> None:
    editor = signed_in(Role.EDITOR)
    good = editor.post(f"{LIBRARY}take/", {"upload": SimpleUploadedFile("a.png", image()), "alt": "A calf"})
    assert (good.status_code, good.json()["picture"]["alt"], good.json()["known"]) == (201, "A calf", False)
    bad = editor.post(f"{LIBRARY}take/", {"upload": SimpleUploadedFile("a.png", b"words"), "alt": ""})
    assert bad.status_code == 400
    assert set(bad.json()["errors"]) == {"upload", "alt"}
    assert (Picture.objects.count(), len(stored(media)), LogEntry.objects.count()) == (1, 1, 1)


def test_a_text_in_the_editor_finds_its_pictures() -> None:
    picture = a_picture(size=(900, 450))
    editor = signed_in(Role.EDITOR)
    assert editor.get(f"{LIBRARY}{picture.pk}/look/")["Location"] == picture.file.url
    pictures.make_renditions(picture)
    assert editor.get(f"{LIBRARY}{picture.pk}/look/")["Location"].endswith("-640.webp")
    assert editor.get(f"{LIBRARY}99/look/").status_code == 404
    assert Client().get(f"{LIBRARY}{picture.pk}/look/").status_code == 302, "to the sign-in page"
    assert signed_in(name="nobody").get(f"{LIBRARY}{picture.pk}/look/").status_code == 403


# --- the picture of a text -----------------------------------------------------------------------------------------


def text_page(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


def test_a_text_gets_its_picture_and_history_says_so() -> None:
    picture, publisher = a_picture(), signed_in(Role.PUBLISHER)
    article = factories.article("calf")
    publisher.post(text_page(article), filled(publisher.get(text_page(article)), "publish", picture=picture.pk))
    article.refresh_from_db()
    assert article.picture == picture
    assert article.gate_hash == revisions.content_hash(article)
    assert [one["picture_id"] for one in Revision.objects.order_by("-number").values_list("data", flat=True)[:1]] == [
        picture.pk
    ]
    told = publisher.get(f"/admin/articles/article/{article.pk}/history/").content.decode()
    assert "Changed picture" in told
    assert "<ins>A calf</ins>" in told
    page = publisher.get(f"{LIBRARY}{picture.pk}/change/").content.decode()
    assert "About calf</a></td><td>shows it</td>" in page
    with pytest.raises(ProtectedError):
        picture.delete()


def test_it_waits_in_a_draft_of_changes_and_an_old_revision_has_none() -> None:
    picture, editor = a_picture(), signed_in(Role.EDITOR)
    article = factories.article("calf")
    editor.post(text_page(article), filled(editor.get(text_page(article)), "keep", picture=picture.pk))
    article.refresh_from_db()
    assert article.picture is None
    assert filled(editor.get(text_page(article)))["picture"] == str(picture.pk)
    workflow.publish(with_picture(article, picture))
    WorkingCopy.objects.all().delete()
    assert filled(editor.get(text_page(article)))["picture"] == picture.pk
    assert filled(editor.get(f"{text_page(article)}?revision=1"))["picture"] in ("", None)


def with_picture(article: Article, picture: Picture) -> Article:
    article.picture = picture
    return article


def test_an_approval_ends_with_another_picture() -> None:
    article = factories.article("calf", published=False)
    workflow.submit(article)
    workflow.approve(article)
    with_picture(article, a_picture()).save()
    assert Article.objects.get().state == State.IN_REVIEW


def test_claims_in_its_words_stop_the_text() -> None:
    picture = a_picture()
    Picture.objects.filter(pk=picture.pk).update(credit="Magnesium cures cramps.")
    picture.refresh_from_db()
    article = factories.article("calf", published=False, picture=picture)
    assert {finding.field for finding in gate.inspect(article)} == {"picture.credit"}
