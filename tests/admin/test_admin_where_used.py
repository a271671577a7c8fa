"""Where used, in the admin: beside the form, before an address changes, and in place of a deletion."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from articles.models import Article
from crampinfo.editorial.models import Citation, Reference
from crampinfo.editorial.roles import Role
from products.models import Placement, Product
from tests import factories
from tests.admin.forms import errors_of, filled
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


def linking(slug: str, href: str, **fields: Any) -> Article:
    body = f'<p><a href="{href}">it</a></p>'
    return factories.article(slug, body=body, published=False, references=0, **fields)


def operator() -> Client:
    return signed_in(is_superuser=True)


def section(client: Client, address: str) -> Any:
    return client.get(f"{address}change/").context["whereused"]


def hows(client: Client, address: str) -> set[str]:
    return {row.how for row in section(client, address).rows}


def test_it_works() -> None:
    page, other = linking("page", "/now/"), linking("other", "/guides/page/")
    answer = signed_in(Role.EDITOR).get(f"/admin/articles/article/{page.pk}/change/")
    title = f'<a href="/admin/articles/article/{other.pk}/change/">About other</a>'
    assert f"{title}</td><td>links to it</td><td>not live</td>" in answer.content.decode()


@pytest.mark.parametrize(("many", "open_"), [(5, True), (6, False)])
def test_more_than_five_rows_are_folded_away(many: int, open_: bool) -> None:
    page = linking("page", "/now/")
    for number in range(many):
        linking(f"n{number}", "/guides/page/")
    answer = signed_in(Role.EDITOR).get(f"/admin/articles/article/{page.pk}/change/").content.decode()
    assert ('<details class="whereused" open>' in answer) is open_
    assert f'<span class="whereused-count">{many}</span>' in answer


def test_what_is_used_nowhere_says_so() -> None:
    topic = factories.topic("alone")
    answer = signed_in(Role.EDITOR).get(f"/admin/editorial/topic/{topic.pk}/change/")
    assert "Used nowhere yet." in answer.content.decode()


@pytest.fixture
def sold() -> Product:
    item = factories.product("magno")
    factories.placement(item, factories.slot(), offer=factories.offer(item))
    return item


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        (Role.REVIEWER, set()),
        (Role.MEDICAL_REVIEWER, set()),
        (Role.EDITOR, {"offers it", "advertises it"}),
        (Role.PUBLISHER, {"offers it", "advertises it"}),
    ],
)
def test_money_is_shown_to_who_may_see_it(sold: Product, role: Role, seen: set[str]) -> None:
    client = signed_in(role)
    assert hows(client, f"/admin/products/product/{sold.pk}/") == seen
    assert section(client, f"/admin/products/product/{sold.pk}/").total == len(seen)


def test_who_scores_reads_no_booking_on_a_list_either() -> None:
    item = factories.product("magno")
    ranking = factories.ranking(products=(item,), published=False)
    booked = factories.placement(item, factories.slot())
    ranking.slots.add(booked.slot)
    address = f"/admin/reviews/ranking/{ranking.pk}/"
    assert hows(signed_in(Role.REVIEWER), address) == set()
    assert hows(signed_in(Role.PUBLISHER), address) == {"is booked in it"}


# --- before an address changes ----------------------------------------------------------------------------------------


def help_of_slug(client: Client, instance: Any) -> str:
    address = f"/admin/{instance._meta.app_label}/{instance._meta.model_name}/{instance.pk}/change/"
    answer = client.get(address)
    said = str(answer.context["adminform"].form["slug"].help_text)
    assert said in answer.content.decode()
    return said


def test_the_form_says_what_a_new_address_does() -> None:
    page, draft, client = factories.topic("calf"), linking("draft", "/now/"), operator()
    linking("a", "/topics/calf/")
    linking("b", "/guides/draft/")
    linking("c", "/guides/draft/")
    assert "1 text links here; if you change this, its link follows. Readers who" in help_of_slug(client, page)
    said = help_of_slug(client, draft)
    assert said.endswith("2 texts link here; if you change this, their links follow."), "nobody has its address yet"


def test_without_links_it_says_nothing() -> None:
    assert "link" not in help_of_slug(operator(), factories.topic("alone"))


def test_a_name_that_texts_cite_by_stays() -> None:
    source = factories.reference("only")
    factories.article("a", key_answer="So [@only].", published=False, references=0)
    client, address = signed_in(Role.EDITOR), f"/admin/editorial/reference/{source.pk}/change/"
    data = filled(client.get(address), slug="other", treatment="", no_trials_in="")
    assert "Texts cite it as [@only]" in errors_of(client.post(address, data))["slug"][0]
    assert Reference.objects.filter(slug="only").exists()


# --- deleting ------------------------------------------------------------------------------------------------------


def test_what_is_used_is_not_deleted_and_the_page_says_where() -> None:
    page, other = linking("page", "/now/"), linking("other", "/guides/page/")
    client, address = signed_in(Role.EDITOR), f"/admin/articles/article/{page.pk}/delete/"
    for answer in (client.get(address), client.post(address, {"post": "yes"})):
        assert answer.status_code == 409
        words = answer.content.decode()
        assert "Nothing was deleted." in words
        assert f'<a href="/admin/articles/article/{other.pk}/change/">About other</a>' in words
    assert Article.objects.count() == 2


def test_what_is_used_nowhere_is_deleted() -> None:
    page = linking("page", "/now/")
    client, address = signed_in(Role.EDITOR), f"/admin/articles/article/{page.pk}/delete/"
    assert client.get(address).status_code == 200
    assert client.post(address, {"post": "yes"}).status_code == 302
    assert not Article.objects.exists()


def many(client: Client, *chosen: Article) -> Any:
    keys = [one.pk for one in chosen]
    data = {"action": "delete_selected", "_selected_action": keys, "post": "yes"}
    return client.post("/admin/articles/article/", data)


def test_of_many_none_is_deleted_while_one_is_used() -> None:
    page, other, alone = linking("page", "/now/"), linking("other", "/guides/page/"), linking("alone", "/now/")
    client = signed_in(Role.EDITOR)
    answer = many(client, page, alone)
    assert answer.status_code == 409
    assert [one.name for one in answer.context["sections"]] == ["About page"]
    assert Article.objects.count() == 3
    assert many(client, other, alone).status_code == 302
    assert list(Article.objects.values_list("slug", flat=True)) == ["page"]


def test_the_old_protected_list_is_no_longer_met() -> None:
    source = factories.reference("ref-0")
    Citation.objects.create(content=linking("a", "/now/"), reference=source)
    answer = operator().post(f"/admin/editorial/reference/{source.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 409
    assert "About a" in answer.content.decode()


def test_who_may_not_delete_is_told_nothing() -> None:
    page = linking("page", "/now/")
    linking("other", "/guides/page/")
    answer = signed_in(Role.REVIEWER).get(f"/admin/articles/article/{page.pk}/delete/")
    assert answer.status_code == 403


def test_uses_that_one_may_not_see_refuse_too_and_are_not_named(sold: Product) -> None:
    client = signed_in(Role.REVIEWER, name="given")
    User.objects.get(username="given").user_permissions.add(Permission.objects.get(codename="delete_product"))
    answer = client.post(f"/admin/products/product/{sold.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 409
    words = answer.content.decode()
    assert "used where you may not look" in words
    assert str(Placement.objects.get().advertiser) not in words
