"""The table of roles: which group may view, add, change and delete what; applied after every migrate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.models.signals import m2m_changed, post_migrate
from django.dispatch import receiver
from django.utils.translation import gettext as _

from crampinfo.editorial.acknowledgements import ACKNOWLEDGE, OVERRIDE
from crampinfo.editorial.roles import APPROVE, NEVER_TOGETHER, PUBLISH, Role

Grants = Mapping[str, str]

# Words about what is in a cell: v view, a add, c change, d delete. A model that is not named can't even be seen.
_LETTERS = {"v": "view", "a": "add", "c": "change", "d": "delete"}


def _each(letters: str, *labels: str) -> dict[str, str]:
    return dict.fromkeys(labels, letters)


_TEXTS = ("articles.article", "articles.question")
_TEXT_PARTS = ("articles.faqentry", "articles.pagestep", "editorial.citation")
_EVIDENCE = ("editorial.reference", "editorial.evidence")
_LISTS = ("reviews.ranking",)
_LIST_PARTS = ("reviews.rankingentry", "reviews.rankingrejection")
_FACTS = ("products.brand", "products.product")
_FACT_PARTS = ("products.ingredient", "products.certification")
_METHOD = ("reviews.methodology", "reviews.criterion", "reviews.methodologyversion")
_JUDGEMENT = ("reviews.score", "reviews.testrecord", "reviews.badge")
_SHOPS = ("products.merchant", "products.offer", "products.price", "products.slot", "products.placement")
_EARNINGS = ("products.affiliateprogramme", "products.clickcount", "products.conversion")
_DESK = ("products.linkcheck", "products.feed", "products.feedrun", "products.feeditem")
_RECORDS = ("editorial.revision", "editorial.acknowledgement", "editorial.ledgerentry", "editorial.medicalreview")

# Everything without a trace of commission, click or earning: what anybody who writes or judges may read.
_READING = _each(
    "v",
    *_TEXTS,
    *_TEXT_PARTS,
    "articles.page",
    *_EVIDENCE,
    "editorial.referenceoutcome",
    *_LISTS,
    *_LIST_PARTS,
    *_FACTS,
    *_FACT_PARTS,
    "products.compound",
    "products.conflictdeclaration",
    *_METHOD,
    "reviews.weight",
    "reviews.review",
    *_JUDGEMENT,
    "editorial.topic",
    "editorial.author",
    "editorial.credential",
    "editorial.picture",
    "editorial.disclosure",
    "editorial.authorisedclaim",
    "site.auditrun",
    *_RECORDS,
)
_SITE = ("site.importrecord", "site.attempt", "redirects.redirect", "auth.group")
_EVERYTHING = _READING | _each("v", *_SHOPS, *_EARNINGS, *_DESK, *_SITE, "articles.comment")
_WRITING = _each("vacd", *_TEXTS, *_TEXT_PARTS, *_LIST_PARTS, "editorial.referenceoutcome") | _each(
    "vac", "articles.page", *_EVIDENCE, *_LISTS, "editorial.topic", "editorial.picture"
)

TABLE: Mapping[Role, Grants] = {
    # Writes and cites. Sees who sells what (it is public), never what it earns.
    Role.EDITOR: _READING
    | _each("v", *_SHOPS)
    | _WRITING
    | _each("vac", *_FACTS)
    | _each("vacd", *_FACT_PARTS)
    | _each("vc", "reviews.review", "articles.comment"),
    # Scores. Not one row of shops, programmes, clicks or bookings.
    Role.REVIEWER: _READING
    | _each("vac", *_FACTS, "products.compound", *_METHOD, "editorial.reference", "editorial.picture", *_LISTS)
    | _each("vacd", *_FACT_PARTS, *_LIST_PARTS, "editorial.referenceoutcome", "editorial.citation", "reviews.weight")
    | _each("vacd", "reviews.review", "reviews.testrecord", "reviews.badge")
    | _each("va", "reviews.score", "products.conflictdeclaration"),
    # Reads, and records that it was read.
    Role.MEDICAL_REVIEWER: _READING | _each("va", "editorial.medicalreview"),
    # Puts things before the public and answers for them; sees the money, scores nothing.
    Role.PUBLISHER: _EVERYTHING
    | _WRITING
    | _each("vac", "editorial.author", *_FACTS)
    | _each("vacd", "editorial.credential", *_FACT_PARTS, "redirects.redirect")
    | _each("vc", "reviews.review")
    | _each("vcd", "articles.comment")
    | _each("va", "products.conflictdeclaration"),
    # Sells. Reads what is published about it, and changes no word, score or weight.
    Role.AFFILIATE_MANAGER: _READING
    | _each("vac", "products.merchant", "products.affiliateprogramme", "products.offer", "products.slot")
    | _each("vacd", "products.placement")
    | _each("va", "products.price")
    | _each("vac", "products.feed")
    | _each("vc", "products.feeditem")
    | _each("v", "products.clickcount", "products.conversion", "products.linkcheck", "products.feedrun"),
    # Sees everything; the exact texts of the law are theirs.
    Role.COMPLIANCE: _EVERYTHING
    | _each("va", "editorial.disclosure")
    | _each("vac", "editorial.authorisedclaim", "products.conflictdeclaration"),
}

# Permissions beyond the four letters: name -> (model that carries it, what it says, who has it).
SPECIAL: Mapping[str, tuple[str, str, frozenset[Role]]] = {
    APPROVE: ("editorial.revision", "Can approve content", frozenset({Role.EDITOR, Role.PUBLISHER})),
    PUBLISH: ("editorial.revision", "Can publish and retire content", frozenset({Role.PUBLISHER})),
    ACKNOWLEDGE: (
        "editorial.acknowledgement",
        "Can let a warning of the gate pass, with a reason",
        frozenset({Role.PUBLISHER, Role.COMPLIANCE}),
    ),
    OVERRIDE: (
        "editorial.acknowledgement",
        "Can let pass what the gate stops, with a reason, except what nobody may",
        frozenset({Role.COMPLIANCE}),
    ),
    "products.approve_placement": ("products.placement", "Can approve placements", frozenset({Role.PUBLISHER})),
    "reviews.score_live_review": (
        "reviews.score",
        "Can add a score to a live review",
        frozenset({Role.REVIEWER}),
    ),
}


def permissions_of(role: Role) -> frozenset[str]:
    """Every permission of a role as "app.codename"."""
    plain = {
        f"{label.split('.')[0]}.{_LETTERS[letter]}_{label.split('.')[1]}"
        for label, letters in TABLE[role].items()
        for letter in letters
    }
    return frozenset(plain | {name for name, (_model, _words, roles) in SPECIAL.items() if role in roles})


def apply(using: str = DEFAULT_DB_ALIAS) -> None:
    """Give every group exactly what the table says. Permissions that don't exist yet are made first."""
    labels = {label.split(".")[0] for grants in TABLE.values() for label in grants}
    for label in labels:
        create_permissions(apps.get_app_config(label), verbosity=0, using=using)
    types = ContentType.objects.db_manager(using)
    for name, (model, words, _roles) in SPECIAL.items():
        Permission.objects.using(using).update_or_create(
            codename=name.split(".")[1],
            content_type=types.get_for_model(apps.get_model(model)),
            defaults={"name": words},
        )
    rows = Permission.objects.using(using).select_related("content_type")
    known = {f"{row.content_type.app_label}.{row.codename}": row for row in rows}
    for role in Role:
        group, _new = Group.objects.using(using).get_or_create(name=role.value)
        group.permissions.set([known[name] for name in permissions_of(role)])


def refuse_seller_and_scorer(names: Iterable[str]) -> None:
    """Refuse a set of groups that would let one person sell and score."""
    if not settings.SINGLE_OPERATOR and set(names) >= NEVER_TOGETHER:
        raise ValidationError(
            _("Nobody is both %(groups)s: who scores does not sell. One person may hold all where SINGLE_OPERATOR=1.")
            % {"groups": _(" and ").join(sorted(NEVER_TOGETHER))}
        )


@receiver(post_migrate)
def keep_the_table(sender: Any, using: str = DEFAULT_DB_ALIAS, apps: Any = apps, **kwargs: Any) -> None:
    """Bring the groups back to the table once a migrate has finished with this app.

    A migration alone would freeze the table of its day, and Django makes the rows of new permissions only after all
    migrations ran; so 0002_roles makes the groups, and this gives them their permissions, now and after each release.
    """
    if sender.name != "crampinfo.site":
        return
    try:
        for label in {label for grants in TABLE.values() for label in grants}:
            apps.get_model(label)
    except LookupError:
        return  # a migrate of one app alone, before the others have their tables
    apply(using)


@receiver(m2m_changed, sender=User.groups.through)
def keep_sellers_from_scoring(
    action: str, instance: Any, pk_set: set[int] | None, reverse: bool, using: str = DEFAULT_DB_ALIAS, **kwargs: Any
) -> None:
    """On every path, not only in the admin's form."""
    if action != "pre_add" or not pk_set:
        return
    users = User.objects.using(using).filter(pk__in=pk_set) if reverse else [instance]
    joining = (
        [instance.name]
        if reverse
        else list(Group.objects.using(using).filter(pk__in=pk_set).values_list("name", flat=True))
    )
    for user in users:
        refuse_seller_and_scorer([*joining, *user.groups.using(using).values_list("name", flat=True)])
