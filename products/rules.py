"""What the publish gate asks about money and doses of every text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from crampinfo.editorial import claims, gate, passages, rules
from crampinfo.editorial.gate import Finding, Severity
from crampinfo.editorial.models import Publishable
from crampinfo.editorial.passages import Passage
from products import dose
from products.models import Brand, Offer, Placement

# Advice to take an amount: the verb, and close to it milligrams that are not those of a salt.
_ADVICE = re.compile(
    r"\b(?:take|taking|try|start with|aim for|swallow|use|toma(?:r)?|prueba(?: con)?|empieza con)\b[^.\n]{0,40}?"
    r"\b(\d{1,2}[.,]\d{3}|\d{2,4}) ?mg\b(?! (?:of )?(?:magnesium )?(?:oxide|citrate|\w*glycinate|malate|chloride"
    r"|taurate|l?-?threonate|lactate|carbonate|hydroxide|salt|compound))",
    re.I,
)
_WARNED = re.compile(
    r"\b(?:limit|above|exceed\w*|more than|too much|over|not|never|doctor|trial|placebo|food|l[ií]mite|m[aá]s de|nunca"
    r"|no|m[eé]dico)\b",
    re.I,
)
_SENTENCE = re.compile(r"[^.!?\n]*[.!?]?")


@gate.rule(Publishable, gate.Step.CLAIMS)
def doses_within_the_limit(instance: Publishable) -> Iterator[Finding]:
    """U4: nobody is told to take more magnesium than the strictest limit served allows, without its warning (HC-21)."""
    most = dose.strictest([dose.Market(name) for name in settings.MARKETS])
    for passage in filter(passages.spoken, passages.of(instance)):
        if "mg" not in passage.text or not re.search(r"magnes", passage.text, re.I):
            continue
        for sentence in _SENTENCE.findall(claims.read(passage.text, markup=passage.markup).folded.text):
            advice = _ADVICE.search(sentence)
            if advice and int(re.sub(r"[.,]", "", advice[1])) > most.mg and not _WARNED.search(sentence):
                yield Finding(
                    "U4",
                    Severity.BLOCK,
                    passage.field,
                    advice[0],
                    _("This is more than the %(limit)s of %(mg)s mg a day:")
                    % {"limit": _(most.name), "mg": f"{most.mg.normalize():f}"},
                    _("Say the limit beside it, or a smaller dose."),
                    rule="HC-21",
                    sentence=sentence.strip(),
                )


@rules.grants("independence")
def nothing_to_gain(instance: Any, passage: Passage, hit: claims.Hit) -> bool:
    """Words such as unbiased are true only where no brand is ours and nothing pays us (US-DISC-10, US-RANK-02)."""
    if settings.ALLOW_INFLUENCED_LISTS or Brand.objects.filter(owned_by_us=True).exists():
        return False
    return not (Offer.objects.paying().exists() or Placement.objects.for_pages().exists())
