"""Lists and forms of the admin ask a bounded number of questions, however much there is (15 and 30)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article, Comment, FaqEntry, Page, PageStep
from crampinfo.editorial import ledger, workflow, workingcopy
from crampinfo.editorial.handover import Along
from crampinfo.editorial.models import (
    Acknowledgement,
    AuthorisedClaim,
    Citation,
    CopyState,
    Disclosure,
    MedicalReview,
    Picture,
    Reference,
    ReferenceOutcome,
    Revision,
)
from crampinfo.editorial.roles import Role
from crampinfo.site.models import Attempt, AuditRun, ImportRecord, Target
from products.models import (
    Brand,
    ClickCount,
    Compound,
    ConflictDeclaration,
    Conversion,
    Feed,
    FeedItem,
    FeedRun,
    Ingredient,
    LinkCheck,
    Placement,
    Price,
    Product,
)
from reviews.models import Criterion, MethodologyVersion, Ranking, RankingEntry, RankingRejection, Review, Score, Weight
from tests import factories
from tests.admin.forms import filled, with_row
from tests.admin.people import account, signed_in
from tests.standing import standing

pytestmark = pytest.mark.django_db

LIST, FORM, HOME = 15, 30, 30
MANY = 50  # what a list shows at once: with one more row a query a row would be seen, with a thousand no better
# There can't be more: the addresses of the site's own pages, and the roles.
FEW = {"articles.page", "auth.group"}


@pytest.fixture(scope="module")
def crowded(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """A crowd, made once for all tests of this file; each test rolls back to it."""
    with standing(django_db_blocker, tmp_path_factory.mktemp("media")):
        yield crowd()


def crowd() -> dict[str, Any]:
    """50 of everything, and one of each kind with many rows; gives the latter by the model's label."""
    topics = [factories.topic(f"topic-{n}") for n in range(5)]
    references = [factories.reference(f"source-{n}") for n in range(MANY)]
    for number, source in enumerate(references):
        ReferenceOutcome.objects.create(reference=source, name=f"Outcome {number}", measure="MD")
    for number in range(20):
        ReferenceOutcome.objects.create(reference=references[0], name=f"More {number}", measure="MD")
    people = [factories.author(f"author-{n}") for n in range(MANY)]
    products = [
        factories.product(f"product-{n}", brand=Brand.objects.create(slug=f"b{n}", name=f"Brand {n}"))
        for n in range(MANY)
    ]
    shops = [factories.merchant(f"shop-{n}") for n in range(40)]
    offers = [factories.offer(item) for item in products] + [
        factories.offer(products[0], at=shop, paid=False) for shop in shops
    ]
    for number in range(60):
        Price.objects.create(
            offer=offers[0],
            amount=Decimal(number + 1),
            currency="EUR",
            source="feed",
            as_of=timezone.now() - timedelta(days=number),
        )
    compounds = Compound.objects.exclude(slug="citrate-trimagnesium")[:8]
    Ingredient.objects.bulk_create(Ingredient(product=products[0], compound=row, compound_mg=10) for row in compounds)
    method = factories.methodology("big", tuple(f"c{n}" for n in range(12)), ("10",) * 12)
    small = factories.methodology("small", ("c0",), ("100",))
    reviews = [
        factories.review(products[0], scores=("7.0",) * 12, methodology=method, published=False, author=people[0]),
        *(
            factories.review(item, scores=("7.0",), methodology=small, author=people[number])
            for number, item in enumerate(products[1:], 1)
        ),
    ]
    for number in range(40):
        factories.score(reviews[0], f"c{number % 12}", "6.0", at=timezone.now(), changed_because="A new label.")
    articles = [factories.article(f"a-{n}", author=people[n], topic=topics[n % 5], references=1) for n in range(MANY)]
    draft = factories.article("draft", published=False, references=0)
    for content in (draft, reviews[0]):
        Citation.objects.bulk_create(
            Citation(content=content, reference=source, position=n) for n, source in enumerate(references[:20])
        )
    FaqEntry.objects.bulk_create(
        FaqEntry(article=draft, position=n, question=f"Q{n}", answer="Words.") for n in range(20)
    )
    draft.products.set(products[:20])
    draft.topics.set(topics)
    for number in range(MANY):
        factories.question(f"q-{number}", author=people[number], topic=topics[number % 5], references=1)
        Comment.objects.create(content=articles[number], name="R", text="Words")
        ledger.record("test", draft, {"n": number})
        Attempt.objects.create(
            name="r",
            target=Target.MONEY,
            method="GET",
            path=f"/{number}/",
            day=timezone.localdate(),
            last=timezone.now(),
        )
        AuditRun.objects.create(at=timezone.now(), seconds=1, pages=1, links=1, blocking=0, warnings=0)
        ImportRecord.objects.create(kind="article", slug=f"s{number}", file_digest="f", object_digest="o")
    ranking = factories.ranking("big", published=False, methodology=method)
    RankingEntry.objects.bulk_create(
        RankingEntry(ranking=ranking, product=item, added_on=timezone.localdate()) for item in products
    )
    RankingRejection.objects.bulk_create(
        RankingRejection(ranking=ranking, name=f"R{n}", product=item, reason="No.", considered_on=timezone.localdate())
        for n, item in enumerate(products[:20])
    )
    feed = Feed.objects.create(name="Feed", merchant=shops[0])
    terms = offers[0].programme
    for number in range(MANY):
        Feed.objects.create(name=f"Feed {number}", merchant=shops[number % 40])
        FeedRun.objects.create(feed=feed, as_of=timezone.now())
        FeedItem.objects.create(
            feed=feed, item_id=str(number), title="T", guess=products[number], seen_at=timezone.now()
        )
        LinkCheck.objects.create(offer=offers[number], state="gone", times=2)
        Conversion.objects.create(
            programme=terms, reference=str(number), happened_on=timezone.localdate(), offer=offers[number],
            page="list-a", slot="row", commission=1, currency="EUR",
        )  # fmt: skip
    for number, item in enumerate(products):
        booked = factories.placement(item, factories.slot(slug=f"slot-{number % 10}"))
        ClickCount.objects.create(
            offer=booked.offer, page="/x/", slot="row", day=timezone.localdate() - timedelta(days=number % 30), count=3
        )
    about = Page.objects.create(slug="now", title="Now", summary="Now.", body="<p>Now.</p>")
    PageStep.objects.bulk_create(PageStep(page=about, position=n, title=f"S{n}", text="Do.") for n in range(20))
    _more_of_the_rest(products[1])
    version = MethodologyVersion.objects.create(
        methodology=method, number=2, effective_from=timezone.localdate(), tie_breaker=method.criteria.first()
    )
    for criterion in Criterion.objects.filter(methodology=method):
        Weight.objects.create(version=version, criterion=criterion, value=1)
    return {
        "articles.article": draft,
        "articles.page": about,
        "reviews.review": reviews[0],
        "reviews.ranking": ranking,
        "reviews.methodologyversion": version,
        "products.product": products[0],
        "products.offer": offers[0],
        "products.conflictdeclaration": ConflictDeclaration.objects.first(),
        "editorial.reference": references[0],
        "editorial.revision": Revision.objects.first(),
    }


def _more_of_the_rest(item: Product) -> None:
    """What no text or product brings along, until there is a full list of everything."""
    text = ContentType.objects.get_for_model(Article)
    for number in range(MANY):
        topic = factories.topic(f"more-{number}")
        factories.evidence(f"box-{number}", topic=topic)
        shop = factories.merchant(f"more-{number}")
        factories.programme(f"more-{number}", merchant=shop)
        factories.slot(slug=f"more-{number}")
        method = factories.methodology(f"more-{number}")
        factories.ranking(f"more-{number}", published=False, methodology=method, topic=topic)
        MedicalReview.objects.create(
            reviewer=factories.author(f"author-{number}"), content_type=text, object_id=Article.objects.first().pk,
            content_hash="h", reviewed_on=timezone.localdate(),
        )  # fmt: skip
        Acknowledgement.objects.create(
            content_type=text, object_id=Article.objects.first().pk, code="P6", mark=str(number), severity="warn",
            reason="It is a law's name.", name="Ines", role="Publisher",
        )  # fmt: skip
        AuthorisedClaim.objects.create(market="EU", wording=f"Words {number}.", source="Register", language="en-gb")
        Disclosure.objects.create(kind="commission", language="en-gb", version=number + 10, text="We earn.")
        Redirect.objects.create(site_id=1, old_path=f"/old-{number}/", new_path=f"/new-{number}/")
        User.objects.create(username=f"person-{number}", is_staff=True)
        Compound.objects.create(
            slug=f"salt-{number}", name=f"Salt {number}", everyday_name="Salt", formula="MgX", molar_mass=100,
            fraction=Decimal("0.243"),
        )  # fmt: skip
    Picture.objects.bulk_create(
        Picture(file=f"{n}.png", alt=f"A calf {n}", width=2, height=2, digest=str(n)) for n in range(MANY)
    )
    item.label_picture = Picture.objects.first()
    item.save()


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return len(captured)


def test_every_list_and_form_keeps_to_its_number(crowded: dict[str, Any]) -> None:
    client = signed_in(is_superuser=True)
    client.get("/admin/")  # content types are asked for once a process
    too_many = {}
    for model in admin.site._registry:
        label = model._meta.label_lower
        base = f"/admin/{label.replace('.', '/')}/"
        instance = crowded.get(label) or model._default_manager.first()
        pages = [(base, LIST), (f"{base}?q=a", LIST)]
        if instance is not None:
            pages.append((f"{base}{instance.pk}/change/", FORM))
        for address, limit in pages:
            number = asked(client, address)
            if number > limit:
                too_many[address] = number
    assert not too_many


def test_there_is_a_full_list_of_everything(crowded: dict[str, Any]) -> None:
    counts = {model._meta.label_lower: model._default_manager.count() for model in admin.site._registry}
    assert {label: count for label, count in counts.items() if count < MANY and label not in FEW} == {}


@pytest.mark.parametrize("role", [Role.EDITOR, Role.REVIEWER, Role.PUBLISHER, Role.AFFILIATE_MANAGER])
def test_roles_cost_no_more_than_the_operator(role: Role, crowded: dict[str, Any]) -> None:
    client = signed_in(role)
    client.get("/admin/")
    for label in ("articles.article", "reviews.review", "reviews.ranking", "products.product"):
        base = f"/admin/{label.replace('.', '/')}/"
        assert asked(client, base) <= LIST
        assert asked(client, f"{base}{crowded[label].pk}/change/") <= FORM


def test_a_draft_of_changes_costs_no_more_than_a_form(crowded: dict[str, Any]) -> None:
    """With as many rows as the fullest forms have, half of them new: 20 references, 20 questions, 12 criteria."""
    editor = signed_in(is_superuser=True)
    live = Article.objects.published().order_by("pk").first()
    review = Review.objects.published().order_by("pk").first()
    for content in (live, review):
        address = f"/admin/{content._meta.label_lower.replace('.', '/')}/{content.pk}/change/"
        data = filled(editor.get(address), "keep")
        for number, source in enumerate(Reference.objects.order_by("-pk")[:20], 10):
            data = with_row(data, CITATIONS, position=number, reference=source.pk)
        for number in range(20 if content is live else 0):
            data = with_row(data, "faq", position=number, question=f"Q{number}?", answer="Words.")
        assert editor.post(address, data).status_code == 302
        shown = editor.get(address)
        rows = {inline.formset.prefix: len(inline.formset.forms) for inline in shown.context["inline_admin_formsets"]}
        assert rows[CITATIONS] >= 20
        assert asked(editor, address) <= FORM
        assert asked(editor, address.replace("/change/", "/changes/")) <= 2 * FORM


CITATIONS = "editorial-citation-content_type-object_id"


def test_the_home_page_is_bounded(crowded: dict[str, Any]) -> None:
    for role in Role:
        client = signed_in(role)
        assert asked(client, "/admin/") <= HOME


def test_what_was_handed_over_costs_three_queries_however_much_it_is(crowded: dict[str, Any]) -> None:
    publisher = account(Role.PUBLISHER, Role.MEDICAL_REVIEWER, name="handed")
    client = Client()
    client.force_login(publisher)
    client.get("/admin/")
    before = asked(client, "/admin/")
    editor = account(Role.EDITOR, name="hander")
    texts = [*Article.objects.filter(state="draft"), *Review.objects.filter(state="draft")]
    texts += [*Ranking.objects.filter(state="draft"), *Page.objects.all()]
    for text in texts:
        workflow.submit(text, editor, Along("Read it.", publisher))
    for live in Article.objects.published():
        copy = workingcopy.keep(live, {"title": ["New"]}, "", editor)
        workingcopy.move(copy, CopyState.IN_REVIEW, editor, Along("Read it.", publisher))
    now = asked(client, "/admin/")
    assert client.get("/admin/").context["home"].handed.more > MANY
    assert now <= HOME
    assert now - before <= 4
    for text in (crowded["articles.article"], crowded["reviews.review"], Article.objects.published().first()):
        base = f"/admin/{text._meta.label_lower.replace('.', '/')}/{text.pk}/"
        assert asked(client, f"{base}change/") <= FORM
        assert asked(client, f"{base}history/") <= LIST


def test_history_and_look_ups_are_bounded(crowded: dict[str, Any]) -> None:
    client = signed_in(is_superuser=True)
    draft = crowded["articles.article"]
    for number in range(30):
        Revision.objects.create(
            content=draft, number=number + 1, data={"title": f"T{number}"}, content_hash="h", summary="S"
        )
    assert asked(client, f"/admin/articles/article/{draft.pk}/history/") <= LIST
    names = "app_label=products&model_name=placement&field_name=offer"
    assert asked(client, f"/admin/autocomplete/?term=&{names}") <= 5
    assert Score.objects.count() > MANY
    assert Placement.objects.count() == MANY
