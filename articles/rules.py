"""What the publish gate asks of guides, questions and pages."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from articles import jsonld
from articles.models import PAGE_SLUGS, Article, Page, Question, Written
from crampinfo.editorial import claims, gate, links, passages, rendered, rules, safety
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import Author, Disclosure, DisclosureKind, Topic
from crampinfo.lib import dom
from products import bodies
from products.models import Category, Offer
from products.pagerules import sold_with_care

links.leads_to(lambda: Article.objects.all(), "slug", "article")
links.leads_to(lambda: Question.objects.all(), "slug", "question")
links.leads_to(lambda: Page.objects.all(), "slug", *(f"page-{slug}" for slug in PAGE_SLUGS))
links.leads_to(lambda: Topic.objects.all(), "slug", "topic")
links.leads_to(lambda: Author.objects.all(), "slug", "author")


@rules.grants("evidence_box", Written)
def shows_evidence(text: Written, passage: passages.Passage, hit: claims.Hit) -> bool:
    """A page on magnesium and cramps shows the evidence box (HC-06)."""
    return text.evidence_id is not None


@rules.grants("quinine_warning", Written)
def warns_of_quinine(text: Written, passage: passages.Passage, hit: claims.Hit) -> bool:
    """Guides and questions print the warning by themselves wherever they recognise quinine (HC-24)."""
    return safety.names_quinine(passage.text.replace("-", " "))


@gate.rule(Written)
def required(text: Written) -> Iterator[Finding]:
    """A text has a title, a summary, an answer and words (PUB-02)."""
    yield from gate.missing(
        text,
        "PUB-02",
        title=_("Give it a title."),
        slug=_("Give it a slug."),
        summary=_("Say in a sentence what readers find here."),
        key_answer=_("Write the answer a reader needs if they read nothing else."),
        body=_("Write the text."),
    )


@gate.rule(Page)
def page_required(page: Page) -> Iterator[Finding]:
    """A page has a title and a summary, and words or steps (PUB-02)."""
    yield from gate.missing(page, "PUB-02", title=_("Give it a title."), summary=_("Say in a sentence what it is."))
    if not page.body.strip() and not (page.pk and page.steps.exists()):
        yield Finding("PUB-02", Severity.BLOCK, "body", "", _("It is empty."), _("Write the text, or add steps."))
    if bodies.offer_ids(page.body):
        yield Finding(
            "HC-25",
            Severity.BLOCK,
            "body",
            "",
            _("The site's own pages carry nothing that is sold."),
            _("Take out its links to shops."),
        )


@gate.rule(Written)
def sources(text: Written) -> Iterator[Finding]:
    """A health text lists its sources (SEO-YMYL-02)."""
    cited = len(rules.references(text))
    if not cited:
        yield Finding(
            "SEO-YMYL-02",
            Severity.BLOCK,
            "citations",
            "",
            _("It cites no source."),
            _("Add the references it rests on."),
        )
    elif cited < 3:
        yield Finding(
            "SEO-YMYL-02",
            Severity.WARN,
            "citations",
            "",
            _("It cites fewer than three sources."),
            _("Check that this is enough."),
        )


@rendered.rule(Written)
def a_text_sells_with_care(text: Written, page: dom.Page) -> Iterator[Finding]:
    """Texts with links to supplements (HC-10)."""
    linked = Offer.objects.filter(pk__in=bodies.offer_ids(text.body), product__category=Category.SUPPLEMENT)
    if linked.exists():
        yield from sold_with_care(page)


@rendered.rule(Written)
def data_show_the_picture(text: Written, page: dom.Page) -> Iterator[Finding]:
    """The image that data name is a picture on the page, and the page's own picture is in them (LD-ART-01, LD-00)."""
    nodes = [node for node in page.structured_data() if "headline" in node]
    said = {address for node in nodes for address in node.get("image", ())}
    shown = {jsonld.absolute_file(image.get("src")) for image in page.select("main img")}
    own = {jsonld.address(text.picture)} if nodes and text.picture is not None else set()
    for address in sorted((said - shown) | (own - said)):
        yield Finding(
            "LD-ART-01",
            Severity.BLOCK,
            "picture",
            address,
            _("The structured data and the page don't show the same picture:"),
            _("Mend the template."),
        )


@gate.rule(Written)
def money(text: Written) -> Iterator[Finding]:
    """Paid links need a disclosure in the page's language (US-DISC-01); sensitive pages carry none (promise 10)."""
    commercial = bool(bodies.offer_ids(text.body)) or text.button_slot_id is not None
    if not commercial:
        return
    sensitive = text.pk is not None and text.topics.filter(sensitive=True).exists()
    if sensitive or not text.takes_money:
        yield Finding(
            "HC-25",
            Severity.BLOCK,
            "body",
            "",
            _("An urgent page, or one on a sensitive topic, carries nothing that is sold."),
            _("Take out its links to shops and its call-out slot."),
        )
    if not text.red_flags:
        yield Finding(
            "HC-25",
            Severity.BLOCK,
            "red_flags_today",
            "",
            _("It sells something and does not say when to get help."),
            _("Write the signs that need a doctor: they stand above everything sold."),
        )
    if not Disclosure.objects.current(DisclosureKind.COMMISSION, text.language).exists():
        yield Finding(
            "US-DISC-01",
            Severity.BLOCK,
            "body",
            "",
            _("It has links to shops, but no disclosure exists in its language."),
            _("Ask Compliance for the disclosure text, or take the links out."),
        )
