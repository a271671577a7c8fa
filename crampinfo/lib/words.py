"""Texts that reach gettext from data or from pure modules, listed so that catalogues of translations hold them."""

from __future__ import annotations

from django.utils.translation import gettext_noop

# What makes a product not recommended (reviews/scoring.py and products/dose.py import nothing of Django).
GATES = (
    gettext_noop("This product has been recalled."),
    gettext_noop("The label can't be read in full, so nobody can tell what a serving holds."),
    gettext_noop("The label does not say how much elemental magnesium a daily dose holds."),
    gettext_noop(
        "A daily dose holds %(mg)s mg of elemental magnesium, over %(limits)s, and the label carries no warning."
    ),
    gettext_noop("the %(limit)s of %(mg)s mg (%(percent)s %% of it)"),
    gettext_noop("%(limits)s and %(last)s"),
    gettext_noop("US upper limit"),
    gettext_noop("EU upper limit"),
    gettext_noop("UK guidance level"),
)

# Markets as rows name them beside a limit.
MARKETS = (gettext_noop("US"), gettext_noop("EU"), gettext_noop("GB"))

# Usual roles of authors; any other stands on a translated page as it was written.
ROLES = (
    gettext_noop("Health editor"),
    gettext_noop("Product reviewer"),
    gettext_noop("Publisher"),
    gettext_noop("Spanish editor"),
    gettext_noop("Medical reviewer"),
)
