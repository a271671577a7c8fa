"""What the publish gate asks of a review's own words: enough of them, and none taken from a shop.

That a review has data of our own is Score's to ask: none is saved without what it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from crampinfo.editorial import gate
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.lib import markup, shingles, stems
from reviews.models import Review, Score

# A thin page of an affiliate adds nothing to what the shop says (Google's spam policies; the numbers are ours).
ENOUGH_WORDS = 300
MOST_COPIED = 0.3


def own_words(review: Review) -> str:
    """What the page says of the product in our words, the reasons of its scores included."""
    reasons = Score.objects.filter(review=review.pk).values_list("reason", flat=True) if review.pk else ()
    texts = (review.verdict, review.dek, review.pros, review.cons, review.not_for)
    return " ".join((*texts, markup.plain(f"{review.product.description} {review.body}"), *reasons))


@gate.rule(Review, gate.Step.EVIDENCE)
def not_thin(review: Review) -> Iterator[Finding]:
    """At least 300 words of our own, and not a third of them the maker's (SEO-SPAM-01)."""
    text = own_words(review)
    words = len(stems.words(text))
    if words < ENOUGH_WORDS:
        yield Finding(
            "SEO-SPAM-01",
            Severity.BLOCK,
            "body",
            _("%(words)s words") % {"words": words},
            _("The review is thin; at least %(words)s words are asked for:") % {"words": ENOUGH_WORDS},
            _("Say what you measured, compared and worked out."),
        )
    share = shingles.copied(text, review.maker_text)
    if share >= MOST_COPIED:
        yield Finding(
            "SEO-SPAM-01",
            Severity.BLOCK,
            "body",
            f"{share:.0%}",
            _("So much of the review stands word for word in what maker and shops say:"),
            _("Write it in your own words."),
        )
