"""What the publish gate asks of reviews and lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from crampinfo.editorial import claims, gate, links, passages, rules
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import State
from crampinfo.editorial.phrasebook import About
from products import dose
from products.models import Brand, Category, ConflictDeclaration, Product
from reviews import gates, scoring
from reviews.models import Ranking, RankingEntry, Review, Score, Weight

CONFLICT_AGE = timedelta(days=366)
# How references name what every supplement here is made of (Category.SUPPLEMENT).
MAGNESIUM = "magnesium"

# Reviews, lists and what they show of products speak of something that is sold, whether they name it or not.
passages.speaks_of(Review, Ranking, Product, Brand)(lambda instance: About.PRODUCT)
links.leads_to(lambda: Review.objects.all(), "product__slug", "review")
links.leads_to(lambda: Ranking.objects.all(), "slug", "ranking", "methodology")
links.leads_to(lambda: Brand.objects.all(), "slug", "brand")
# An influenced list is an advertisement and claims nothing (rules.md section 0).
passages.is_paid(Ranking)(lambda ranking: ranking.is_influenced)


@rules.grants("test_record", Review)
def tried(review: Review, passage: passages.Passage, hit: claims.Hit) -> bool:
    """Somebody tried it, and there is a record of that (SEO-REV-02)."""
    return review.pk is not None and review.tests.exists()


@rules.grants("badge", Review)
def distinguished(review: Review, passage: passages.Passage, hit: claims.Hit) -> bool:
    """A badge with its reason and comparison says it (US-RANK-03)."""
    names = review.badges.values_list("name", flat=True) if review.pk else ()
    return any(hit.words.lower() in name.lower() for name in names)


@gate.rule(Review)
def required(review: Review) -> Iterator[Finding]:
    """A review says how the product came to us, what speaks against it and whom it is not for (PUB-02, SEO-REV-01)."""
    yield from gate.missing(
        review,
        "PUB-02",
        verdict=_("Write the one-line verdict."),
        summary=_("Say in a sentence what readers find here."),
        dek=_("Write the introduction."),
        acquisition=_("Say how we came by the product."),
    )
    yield from gate.missing(review, "SEO-REV-01", cons=_("Every product has a drawback: write at least one."))
    if review.product.category == Category.SUPPLEMENT:
        yield from gate.missing(review, "HC-10", not_for=_("Say who should not take it: kidney disease, medicines."))


@gate.rule(Review)
def every_criterion(review: Review) -> Iterator[Finding]:
    """Every weighted criterion has a score: a missing one is an error, never a zero (US-RANK-04)."""
    version = review.methodology.current_version
    if version is None:
        yield Finding(
            "US-RANK-04",
            Severity.BLOCK,
            "methodology",
            str(review.methodology),
            _("This methodology has no current version:"),
            _("Freeze a version and make it current."),
        )
        return
    scored = set(Score.objects.filter(review=review).values_list("criterion_id", flat=True)) if review.pk else set()
    # A version that is frozen already and counts from a later day, too: on that day its lists must not fail.
    coming = Q(frozen_at__isnull=False, number__gt=version.number)
    versions = review.methodology.versions.filter(Q(pk=version.pk) | coming)
    weights = Weight.objects.filter(version__in=versions).select_related("criterion").order_by("-version__number")
    for weight in {weight.criterion_id: weight for weight in weights}.values():
        if weight.criterion_id not in scored:
            yield Finding(
                "US-RANK-04",
                Severity.BLOCK,
                "scores",
                weight.criterion.name,
                _("This criterion has no score:"),
                _("Score it, with its reason and evidence."),
            )


@gate.rule(Review)
def one_methodology(review: Review) -> Iterator[Finding]:
    """A list scores all its products by one methodology: its reviews follow it (US-RANK-04)."""
    lists = Ranking.objects.filter(state=State.PUBLISHED, entries__product=review.product_id)
    for ranking in lists.exclude(methodology=review.methodology_id):
        yield Finding(
            "US-RANK-04",
            Severity.BLOCK,
            "methodology",
            str(ranking),
            _("A live list that holds this product is scored by another methodology:"),
            _("Score it by the list's methodology, or take it off the list."),
        )


@gate.rule(Review)
def badges(review: Review) -> Iterator[Finding]:
    """A badge was won against at least three other products, by one that no gate keeps out (US-RANK-03)."""
    found = list(review.badges.all()) if review.pk else []
    shown = set(review.badges.shown().values_list("pk", flat=True)) if found else set()
    kept_out = found and scoring.gate_failures(gates.facts(review.product, review.product.elemental_a_day()))
    for badge in found:
        if kept_out:
            yield Finding(
                "US-RANK-03",
                Severity.BLOCK,
                "badges",
                badge.name,
                _("A gate keeps this product out of every order:"),
                _("Take the badge away: what is not recommended wins nothing."),
            )
        elif badge.pk not in shown:
            yield Finding(
                "US-RANK-03",
                Severity.BLOCK,
                "badges",
                badge.name,
                _("This badge compares fewer than three products:"),
                _("Name the products it was compared with, or take it away."),
            )


@gate.rule(Review)
def label_agrees(review: Review) -> Iterator[Finding]:
    """The label's magnesium is what its compounds hold, to 15 % (rules.md 13.2): else it is mixed, or misread."""
    printed, computed = review.product.label_elemental_mg, review.product.elemental_per_serving()
    if printed is not None and computed is not None and dose.label_differs(printed, computed):
        yield Finding(
            "HC-04",
            Severity.WARN,
            "product",
            f"{printed:f} mg / {dose.round_mg(computed)} mg",
            _("The label and its compounds disagree about the magnesium of a serving:"),
            _("Check the exact compound; a “buffered” one is mixed with oxide."),
        )


@gate.rule(Review, gate.Step.EVIDENCE)
def box_is_about_the_product(review: Review) -> Iterator[Finding]:
    """What is sold as magnesium is answered for by what is known of magnesium, and by nothing else (HC-06)."""
    treatment = review.evidence.reference.treatment if review.evidence is not None else MAGNESIUM
    if review.product.is_supplement and treatment != MAGNESIUM:
        yield Finding(
            "HC-06",
            Severity.BLOCK,
            "evidence",
            str(review.evidence),
            _("This evidence box is about something else than the product:"),
            _("Choose a box on magnesium, or none."),
        )


@gate.rule(Review)
def conflicts(review: Review) -> Iterator[Finding]:
    """The author has declared on this brand within twelve months (US-DISC-12)."""
    since = timezone.localdate() - CONFLICT_AGE
    declared = ConflictDeclaration.objects.filter(
        author=review.author_id, brand=review.product.brand_id, declared_on__gte=since
    )
    if not declared.exists():
        yield Finding(
            "US-DISC-12",
            Severity.BLOCK,
            "author",
            f"{review.author} / {review.product.brand}",
            _("No declaration of interests from the last twelve months:"),
            _("Ask the author to declare, also when there is none."),
        )


@gate.rule(Ranking)
def list_required(ranking: Ranking) -> Iterator[Finding]:
    """A list has products, its evidence above them, and its "you may need none of these" (PUB-02, HC-06)."""
    yield from gate.missing(
        ranking,
        "PUB-02",
        title=_("Give it a title."),
        dek=_("Write the introduction."),
        none_text=_("Write the first row's text."),
    )
    if not ranking.pk or not ranking.entries.exists():
        yield Finding(
            "PUB-02", Severity.BLOCK, "entries", "", _("It lists no product."), _("Add the products it ranks.")
        )


@gate.rule(Ranking)
def comparable(ranking: Ranking) -> Iterator[Finding]:
    """Its methodology is in force, and every live review on it was scored by it (US-RANK-04)."""
    if ranking.methodology.current_version is None:
        yield Finding(
            "US-RANK-04",
            Severity.BLOCK,
            "methodology",
            str(ranking.methodology),
            _("This methodology has no current version:"),
            _("Freeze a version and make it current."),
        )
    products = RankingEntry.objects.filter(ranking_id=ranking.pk).values("product")
    live = Review.objects.filter(state=State.PUBLISHED, product__in=products).select_related("product")
    for review in live.exclude(methodology=ranking.methodology_id):
        yield Finding(
            "US-RANK-04",
            Severity.BLOCK,
            "entries",
            str(review),
            _("This product was scored by another methodology:"),
            _("Score it by the list's methodology, or take it off the list."),
        )


@gate.rule(Ranking)
def influenced(ranking: Ranking) -> Iterator[Finding]:
    """An influenced list is an advertisement: the site must allow it, and it makes no claim (rules.md section 0)."""
    if not ranking.is_influenced:
        return
    if not settings.ALLOW_INFLUENCED_LISTS:
        yield Finding(
            "US-RANK-01",
            Severity.BLOCK,
            "compensation",
            "",
            _("This site does not allow lists whose order payment changes."),
            _("Make the list isolated (16 CFR 255.4(b)(3), Example 3)."),
        )
