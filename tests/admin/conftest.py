"""What the admin's tests share: one object of every model."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.redirects.models import Redirect
from django.template.response import SimpleTemplateResponse
from django.utils import timezone

from articles.models import Comment, Page
from crampinfo.editorial import ledger
from crampinfo.editorial.models import (
    Acknowledgement,
    AuthorisedClaim,
    Credential,
    Disclosure,
    MedicalReview,
    Picture,
    ReferenceOutcome,
    Revision,
)
from crampinfo.site.models import Attempt, AuditRun, ImportRecord, Target
from products.models import (
    ClickCount,
    Compound,
    ConflictDeclaration,
    Conversion,
    Feed,
    FeedItem,
    FeedRun,
    LinkCheck,
    Price,
)
from reviews.models import Criterion, MethodologyVersion
from tests import factories


@pytest.fixture
def unrendered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of the admin stay empty: for tests that ask hundreds of them who gets in, not what they say.

    Every check has been made by the time a template would be rendered; what a page holds is in context_data.
    """
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")


@pytest.fixture
def one_of_each() -> dict[str, Any]:
    """An object of every model of the admin, by label; texts are drafts, so that roles and not states decide."""
    item = factories.product("magno")
    review = factories.review(item, published=False)
    ranking = factories.ranking(products=(item,), published=False)
    deal = factories.offer(item)
    article, question = factories.article(published=False), factories.question(published=False)
    feed = Feed.objects.create(name="North", merchant=deal.merchant)
    booked = factories.placement(item, factories.slot(), approved_at=None, approved_by="")
    kind = ContentType.objects.get_for_model(article)
    Credential.objects.create(
        author=factories.author(), title="RN", link="https://x.example", checked_on=timezone.localdate()
    )
    Picture.objects.bulk_create([Picture(file="a.png", alt="A calf", width=2, height=2, digest="d")])
    claims = AuthorisedClaim.objects.first() or AuthorisedClaim.objects.create(market="EU", wording="w", source="s")
    open_version = MethodologyVersion.objects.create(
        methodology=review.methodology,
        number=2,
        effective_from=timezone.localdate(),
        tie_breaker=review.methodology.criteria.first(),
    )
    return {
        "editorial.author": factories.author(),
        "editorial.picture": Picture.objects.get(),
        "editorial.topic": factories.topic(),
        "editorial.reference": factories.reference(),
        "editorial.referenceoutcome": ReferenceOutcome.objects.first(),
        "editorial.evidence": factories.evidence(),
        "editorial.disclosure": Disclosure.objects.first()
        or Disclosure.objects.create(kind="commission", language="en-gb", text="We earn."),
        "editorial.authorisedclaim": claims,
        "editorial.ledgerentry": ledger.record("test", article, {"a": 1}),
        "editorial.acknowledgement": Acknowledgement.objects.create(
            content_type=kind,
            object_id=article.pk,
            code="P6",
            mark="m",
            severity="warn",
            reason="It is a law's name.",
            name="Ines",
            role="Publisher",
        ),  # fmt: skip
        "editorial.revision": Revision.objects.create(
            content_type=kind, object_id=article.pk, number=1, data={}, content_hash="h", summary="Written"
        ),
        "editorial.medicalreview": MedicalReview.objects.create(
            reviewer=factories.author("lena"),
            content_type=kind,
            object_id=article.pk,
            content_hash="h",
            reviewed_on=timezone.localdate(),
        ),
        "products.brand": item.brand,
        "products.compound": Compound.objects.first(),
        "products.product": item,
        "products.conflictdeclaration": ConflictDeclaration.objects.first(),
        "products.merchant": deal.merchant,
        "products.affiliateprogramme": deal.programme,
        "products.offer": deal,
        "products.price": Price.objects.first(),
        "products.clickcount": ClickCount.objects.create(
            offer=deal, page="/x/", slot="row", day=timezone.localdate() - timedelta(days=1), count=3
        ),
        "products.linkcheck": LinkCheck.objects.create(offer=deal, state="gone", times=2, answer="gone 404"),
        "products.feed": feed,
        "products.feedrun": FeedRun.objects.create(feed=feed, as_of=timezone.now()),
        "products.feeditem": FeedItem.objects.create(feed=feed, item_id="1", title="Magno", seen_at=timezone.now()),
        "products.conversion": Conversion.objects.create(
            programme=deal.programme,
            reference="t1",
            happened_on=timezone.localdate(),
            offer=deal,
            page="list-a",
            slot="row",
            commission="47.11",
            currency="EUR",
        ),
        "products.slot": booked.slot,
        "products.placement": booked,
        "reviews.methodology": review.methodology,
        "reviews.criterion": Criterion.objects.create(methodology=review.methodology, slug="spare", name="Spare"),
        "reviews.methodologyversion": open_version,
        "reviews.review": review,
        "reviews.score": review.scores.first(),
        "reviews.ranking": ranking,
        "articles.article": article,
        "articles.question": question,
        "articles.page": Page.objects.create(slug="about", title="About", summary="Who.", body="<p>We.</p>"),
        "articles.comment": Comment.objects.create(content=article, name="R", text="Words"),
        "site.attempt": Attempt.objects.create(
            name="somebody",
            target=Target.MONEY,
            method="GET",
            path="/admin/products/offer/",
            day=timezone.localdate(),
            last=timezone.now(),
        ),
        "site.auditrun": AuditRun.objects.create(
            at=timezone.now(),
            seconds=1,
            pages=2,
            links=3,
            blocking=1,
            warnings=0,
            findings=[
                {
                    "path": "/a/",
                    "rule": "PUB-01",
                    "severity": "block",
                    "field": "title",
                    "why": "Why:",
                    "excerpt": "TODO",
                    "remedy": "Do.",
                }
            ],
        ),  # fmt: skip
        "site.importrecord": ImportRecord.objects.create(kind="article", slug="x", file_digest="f", object_digest="o"),
        "redirects.redirect": Redirect.objects.create(site_id=1, old_path="/a/", new_path="/b/"),
        "auth.group": Group.objects.first(),
    }
