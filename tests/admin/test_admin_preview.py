"""Preview in the admin: the page that readers would get, for those who may save it, and nothing of it remains."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.contrib import admin
from django.core.cache import caches
from django.test import Client

from articles.models import Article, Page
from crampinfo.editorial import signals
from crampinfo.editorial.admin import Previewed
from crampinfo.editorial.roles import Role
from products.models import ClickCount, Offer
from reviews.models import Review
from tests import factories
from tests.admin.forms import errors_of, filled, with_row
from tests.admin.people import account, signed_in

pytestmark = pytest.mark.django_db


def forms(instance: Any) -> str:
    return f"/admin/{instance._meta.label_lower.replace('.', '/')}/{instance.pk}"


def typed(client: Client, instance: Any, **changes: Any) -> Any:
    """The preview of its form with some fields changed."""
    form = client.get(f"{forms(instance)}/change/")
    return client.post(f"{forms(instance)}/preview/typed/", filled(form, **changes))


def words(answer: Any) -> str:
    return " ".join(BeautifulSoup(answer.content, "html.parser").get_text(" ").split())


def test_it_works() -> None:
    draft = factories.article("why-at-night", published=False)
    answer = typed(signed_in(Role.EDITOR), draft, title="Why cramps come at night")
    assert "<h1>Why cramps come at night</h1>" in answer.content.decode()
    assert Article.objects.get().title == "About why-at-night"


# --- nothing remains ------------------------------------------------------------------------------------------


def everything() -> dict[str, list[Any]]:
    """Every row of every table, but for whose session it is."""
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model._meta.label != "sessions.Session"
    }


def of_each_kind() -> dict[str, Any]:
    """Drafts and live things, each with what can be typed into its form."""
    item = factories.product("magno")
    other = factories.product("zinco")
    deal = factories.offer(item)
    draft = factories.article("draft", published=False)
    live = factories.article("live")
    question = factories.question("q", published=False)
    page = Page.objects.create(slug="about", title="About", summary="Who.", body="<p>We.</p>")
    review = factories.review(item, published=False)
    scored = factories.review(other)
    ranking = factories.ranking(products=(other,), published=False)
    shop = f'<p>Sold <a data-offer="{deal.pk}">there</a>. [@ref-0]</p>'
    faq = {"position": 1, "question": "Why?", "answer": "The foot points down."}
    source = {"position": 9, "reference": factories.reference("new").pk, "note": ""}
    left_out = {"name": "N", "reason": "R.", "considered_on": "2026-01-02"}
    cited = ("editorial-citation-content_type-object_id", source)
    return {
        "a guide": (draft, {"title": "Typed", "slug": "typed", "body": shop}, ("faq", faq)),
        "a live guide": (live, {"title": "Typed", "slug": "typed"}, ("faq", faq)),
        "a question": (question, {"title": "Typed?", "key_answer": "No. [@ref-1]"}, cited),
        "a page": (page, {"title": "Typed"}, ("steps", {"position": 1, "title": "Stand", "text": "Up.", "figure": ""})),
        "a review": (review, {"dek": "Typed.", "body": shop}, cited),
        "a live review": (scored, {"dek": "Typed."}, cited),
        "a list": (ranking, {"title": "Typed"}, ("rejections", left_out)),
        "a product": (other, {"name": "Typed"}, ("ingredients", {"compound": 1, "compound_mg": "5"})),
    }


@pytest.mark.django_db(transaction=True)
def test_nothing_of_a_preview_remains(monkeypatch: pytest.MonkeyPatch) -> None:
    operator = signed_in(is_superuser=True)
    kinds = of_each_kind()
    news: list[Any] = []
    signals.content_changed.connect(lambda **told: news.append(told), weak=False, dispatch_uid="test.preview")
    monkeypatch.setattr("huey.api.Huey.enqueue", lambda *task: news.append(task))
    for write in ("set", "add", "delete", "incr", "touch", "set_many", "delete_many", "clear"):
        monkeypatch.setattr(type(caches["default"]), write, lambda *told, **more: news.append(told))
    try:
        for name, (instance, changes, (prefix, row)) in kinds.items():
            form = operator.get(f"{forms(instance)}/change/")
            before = everything()
            data = with_row(filled(form, **changes), prefix, **row)
            answer = operator.post(f"{forms(instance)}/preview/typed/", data)
            assert "Typed" in words(answer), (name, words(answer))
            assert "Nothing to show" not in words(answer), (name, words(answer))
            operator.get(f"{forms(instance)}/preview/page/")
            after = everything()
            assert {label for label in after if after[label] != before[label]} == set(), name
            assert news == [], name
    finally:
        signals.content_changed.disconnect(dispatch_uid="test.preview")


@pytest.mark.django_db(transaction=True)
def test_scores_are_seen_before_they_are_given_and_leave_no_trace_in_the_ledger() -> None:
    reviewer = signed_in(Role.REVIEWER)
    method = factories.methodology()
    draft = Review.objects.create(
        product=factories.product(), methodology=method, author=factories.author(), acquisition="bought",
        verdict="V.", summary="S.", dek="D.", cons="Big.", not_for="Nobody.",
    )  # fmt: skip
    form = reviewer.get(f"{forms(draft)}/change/")
    before = everything()
    blank = reviewer.post(f"{forms(draft)}/preview/typed/", filled(form))
    assert "is not scored on every criterion" in words(blank)
    rows = {}
    for number in range(2):
        rows |= {f"scores-{number}-value": "7.5", f"scores-{number}-evidence": ["label"]}
        rows |= {f"scores-{number}-reason": "The label says so."}
    answer = reviewer.post(f"{forms(draft)}/preview/typed/", filled(form, **rows))
    assert "7.5" in words(answer)
    assert "The label says so." in words(answer)
    assert everything() == before


def test_a_new_object_is_seen_before_its_first_save() -> None:
    editor = signed_in(Role.EDITOR)
    given = {"title": "New", "slug": "new", "summary": "S.", "key_answer": "K.", "body": "<p>Brand new.</p>"}
    given |= {"author": factories.author().pk, "topic": factories.topic().pk}
    form = editor.get("/admin/articles/article/add/")
    assert form.context["preview_url"] == "/admin/articles/article/preview/"
    answer = editor.post("/admin/articles/article/preview/", filled(form, **given))
    assert "Brand new." in words(answer)
    assert not Article.objects.exists()


# --- it is the page -------------------------------------------------------------------------------------------


def same_for_readers(html: str) -> str:
    """A page without what a preview changes on purpose: where links lead, what the ledger says of publishing."""
    bare = re.sub(r'\s(?:target="_blank"|title="A paid link[^"]*")', "", html)
    bare = re.sub(r'<p class="small" data-lock>.*?</p>|<p class="hash">.*?</p>', "", bare)
    return re.sub(r'(<a\b[^>]*?)\shref="[^"]*"', r"\1", bare)


@pytest.mark.django_db(transaction=True)
def test_it_is_what_readers_see_once_it_is_published() -> None:
    item = factories.product("magno")
    factories.offer(item)
    seconds = [factories.product("alpha"), factories.product("beta")]
    factories.review(seconds[0])
    factories.review(seconds[1], scores=("7.0", "7.5"))
    drafts = [
        factories.article("why", published=False),
        factories.question("how", published=False),
        factories.review(item, published=False),
        factories.ranking("list", (seconds[0], seconds[1]), published=False),
    ]
    publisher = signed_in(Role.PUBLISHER)
    for draft in drafts:
        form = publisher.get(f"{forms(draft)}/change/")
        at = {"publish_at_0": "2026-01-05", "publish_at_1": "08:00"}
        seen = publisher.post(f"{forms(draft)}/preview/typed/", filled(form, **at)).content.decode()
        done = publisher.post(f"{forms(draft)}/change/", filled(form, "publish", **at))
        assert done.status_code == 302, (draft, errors_of(done))
        live = Client().get(draft.get_absolute_url()).content.decode()
        assert same_for_readers(seen) == same_for_readers(live), draft


def test_a_page_to_come_is_dated_as_it_will_be() -> None:
    draft = factories.article("later", published=False)
    answer = typed(signed_in(Role.PUBLISHER), draft, publish_at_0="2099-03-01", publish_at_1="08:00")
    assert "1 Mar 2099" in words(answer)


def test_paid_links_lead_nowhere_and_the_disclosure_stands() -> None:
    item = factories.product("magno")
    deal = factories.offer(item)
    review = factories.review(item, body=f'<p>Sold <a data-offer="{deal.pk}">there</a>.</p>')
    page = BeautifulSoup(Client().get(review.get_absolute_url()).content, "html.parser")
    seen = BeautifulSoup(typed(signed_in(Role.PUBLISHER), review).content, "html.parser")
    assert len(page.select("a[href^='/go/']")) == len(seen.select("a[data-aff]")) > 1
    assert {link["href"] for link in seen.select("a[data-aff]")} == {"#no-shop"}
    assert "/go/" not in str(seen)
    assert seen.select_one("[data-disclosure=top]").get_text() == page.select_one("[data-disclosure=top]").get_text()
    others = [link for link in seen.select("a[href]") if not link["href"].startswith("#")]
    assert others
    assert {link.get("target") for link in others} == {"_blank"}
    assert not ClickCount.objects.exists()


def test_nothing_in_it_depends_on_who_looks() -> None:
    draft = factories.article("why", published=False)
    publisher, editor = signed_in(Role.PUBLISHER), signed_in(Role.EDITOR)
    at = {"publish_at_0": "2026-01-05", "publish_at_1": "08:00"}
    assert typed(publisher, draft, **at).content == typed(editor, draft, **at).content


def test_a_product_is_seen_on_its_review() -> None:
    item = factories.product("magno")
    reviewer = signed_in(Role.REVIEWER)
    assert "it is seen on the page of its review" in words(typed(reviewer, item))
    factories.review(item, published=False)
    answer = typed(reviewer, item, name="Magno Forte")
    assert "<h1>Magno Forte</h1>" in answer.content.decode()


# --- what can't be shown is said in words --------------------------------------------------------------------


def test_a_mistake_is_said_in_words_with_its_field() -> None:
    draft = factories.article("why", published=False)
    editor = signed_in(Role.EDITOR)
    data = with_row(filled(editor.get(f"{forms(draft)}/change/"), title=""), "faq", position=1, question="", answer="A")
    answer = editor.post(f"{forms(draft)}/preview/typed/", data)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.content, "html.parser")
    assert [item.get_text(" ", strip=True) for item in page.select("li")] == [
        "Title This field is required.",
        "FAQ entry 1, Question This field is required.",
    ]
    assert [link["data-field"] for link in page.select("a[data-field]")] == ["id_title", "id_faq-0-question"]
    assert "nothing you typed is lost" in words(answer)


def test_a_link_to_a_shop_without_an_offer_is_said() -> None:
    factories.merchant("northshop")
    draft = factories.article("why", published=False)
    answer = typed(signed_in(Role.EDITOR), draft, body='<p><a href="https://northshop.example/x">Buy</a></p>')
    assert "northshop.example" in words(answer)
    assert "Nothing to show yet" in words(answer)


def test_a_list_that_this_site_does_not_show_is_said(settings: Any) -> None:
    settings.ALLOW_INFLUENCED_LISTS = False
    ranking = factories.ranking(published=False, compensation="influenced")
    assert "Readers would find no page at /lists/magnesium/" in words(typed(signed_in(Role.PUBLISHER), ranking))


# --- who may, and what the answer allows ---------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.AFFILIATE_MANAGER, Role.MEDICAL_REVIEWER, Role.COMPLIANCE])
def test_what_is_typed_is_seen_by_those_who_may_save_it(role: Role) -> None:
    draft = factories.article("why", published=False)
    client = signed_in(role)
    assert "preview_url" not in client.get(f"{forms(draft)}/change/").context
    assert client.post(f"{forms(draft)}/preview/typed/", {"title": "Forged"}).status_code == 403
    assert client.post("/admin/articles/article/preview/", {"title": "Forged"}).status_code == 403


def test_a_live_text_is_seen_by_those_who_may_change_it() -> None:
    live = factories.article("live")
    assert signed_in(Role.REVIEWER).post(f"{forms(live)}/preview/typed/", {"title": "Forged"}).status_code == 403
    for role in (Role.EDITOR, Role.PUBLISHER):  # an editor writes a draft of changes
        assert "Changed" in words(typed(signed_in(role), live, title="Changed"))
    assert Article.objects.get().title == live.title


def test_what_is_stored_is_seen_by_those_who_may_read_the_form() -> None:
    draft = factories.article("why", published=False)
    assert "About why" in words(signed_in(Role.MEDICAL_REVIEWER).get(f"{forms(draft)}/preview/page/"))
    nobody = Client()
    nobody.force_login(account(name="norole"))
    assert nobody.get(f"{forms(draft)}/preview/page/").status_code == 403
    assert nobody.get(f"{forms(draft)}/preview/").status_code == 403
    assert Client().get(f"{forms(draft)}/preview/page/").status_code == 302


def test_only_its_own_frame_may_hold_it() -> None:
    draft = factories.article("why", published=False)
    editor = signed_in(Role.EDITOR)
    for answer in (typed(editor, draft), editor.get(f"{forms(draft)}/preview/page/"), typed(editor, draft, title="")):
        policy = answer["Content-Security-Policy"]
        assert "frame-ancestors 'self'" in policy
        assert "form-action 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
    for address in (f"{forms(draft)}/change/", f"{forms(draft)}/preview/"):
        answer = editor.get(address)
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Frame-Options"] == "DENY"


def test_a_token_is_asked_for() -> None:
    draft = factories.article("why", published=False)
    editor = Client(enforce_csrf_checks=True)
    editor.force_login(account(Role.EDITOR))
    assert editor.post(f"{forms(draft)}/preview/typed/", {"title": "T"}).status_code == 403


def test_an_address_of_a_form_leads_back_to_it() -> None:
    draft = factories.article("why", published=False)
    editor = signed_in(Role.EDITOR)
    assert editor.get(f"{forms(draft)}/preview/typed/")["Location"] == f"{forms(draft)}/change/"
    assert editor.get("/admin/articles/article/preview/")["Location"] == "/admin/articles/article/add/"
    assert editor.get("/admin/articles/article/999/preview/").status_code == 404


# --- View on site ---------------------------------------------------------------------------------------------


def test_everything_that_is_published_can_be_previewed() -> None:
    owners = admin.site._registry
    published = [model for model in owners if hasattr(model, "gate_hash")]
    assert len(published) == 5
    assert all(isinstance(owners[model], Previewed) for model in published)


def link(client: Client, instance: Any) -> str | None:
    found = client.get(f"{forms(instance)}/change/").context.get("absolute_url")
    return str(found) if found else None


def test_view_on_site_leads_to_the_page_or_to_the_stored_preview() -> None:
    editor = signed_in(Role.EDITOR)
    draft, live = factories.article("draft", published=False), factories.article("live")
    assert link(editor, draft) == f"{forms(draft)}/preview/"
    assert link(editor, live) == "/guides/live/"
    stored = editor.get(f"{forms(draft)}/preview/")
    assert f'src="{forms(draft)}/preview/page/"' in stored.content.decode()


def test_what_has_no_page_leads_to_the_page_it_stands_on() -> None:
    operator = signed_in(is_superuser=True)
    unseen = factories.product("unseen")
    factories.review(unseen, published=False)
    assert link(operator, unseen) is None
    item = factories.product("seen")
    review = factories.review(item)
    deal: Offer = factories.offer(item)
    listed = factories.ranking("seen", products=(item,))
    band = factories.slot(slug="seen")
    listed.slots.add(band)
    text = factories.article(
        "seen", button_slot=factories.slot("button", slug="in-text"), red_flags_today="Pain in one calf"
    )
    booked = factories.placement(item, text.button_slot)
    expected = {
        item: "/reviews/seen/", deal: "/reviews/seen/", deal.prices.first(): "/reviews/seen/",
        review.scores.first(): "/reviews/seen/", band: "/lists/seen/", booked: "/guides/seen/",
        factories.author(): "/authors/maren/", factories.topic(): "/topics/night-cramps/",
        item.brand: "/brands/acme/", review.methodology: "/methodology/seen/",
    }  # fmt: skip
    assert {instance: link(operator, instance) for instance in expected} == expected
