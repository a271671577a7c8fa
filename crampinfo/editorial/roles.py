"""Who may do what, in words: the six roles, the permissions of publishing, and the rule of the second person."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.contrib.contenttypes.models import ContentType

from crampinfo.editorial.models import Publishable, Revision


class Role(StrEnum):
    """The groups of the admin. Which models they reach is one table in crampinfo.site.roles."""

    EDITOR = "Editor"
    REVIEWER = "Reviewer"
    MEDICAL_REVIEWER = "Medical reviewer"
    PUBLISHER = "Publisher"
    AFFILIATE_MANAGER = "Affiliate manager"
    COMPLIANCE = "Compliance"


# Permissions that no model has by itself; each stands on the content type of what it writes.
APPROVE = "editorial.approve_content"
PUBLISH = "editorial.publish_content"

# Who reads what is sensitive, and puts the reading on record.
READ = "editorial.add_medicalreview"

# Who acts without a role: the operator, or a program that the operator started.
OPERATOR = "Operator"

# Sellers can't score, scorers can't sell: nobody is in both groups (product.md, promise 5).
NEVER_TOGETHER = frozenset({Role.REVIEWER, Role.AFFILIATE_MANAGER})


def finder(user: AbstractBaseUser | AnonymousUser) -> Callable[[str], str]:
    """A function that says in which role this person does what needs a role: in that one where they have it."""

    @cache
    def roles() -> frozenset[str]:
        return frozenset(user.groups.values_list("name", flat=True)) if user.pk is not None else frozenset()  # type: ignore[union-attr]

    def find(needed: str) -> str:
        if needed in roles():
            return needed
        return OPERATOR if getattr(user, "is_superuser", False) or not roles() else min(roles())

    return find


def may_publish(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether this person may make something public or change what is."""
    return user.has_perm(PUBLISH)  # type: ignore[union-attr]


def own_of(instance: Publishable) -> frozenset[int | None]:
    """Whose own text this is: who stands in its byline, and whoever has worked on it alone so far."""
    if instance.pk is None:
        return frozenset()
    author = getattr(instance, "author", None) if getattr(instance, "author_id", None) else None
    byline = {author.user_id} if author is not None and author.user_id is not None else set()
    kept = Revision.objects.filter(content_type=ContentType.objects.get_for_model(instance), object_id=instance.pk)
    writers = set(kept.order_by().values_list("author", flat=True).distinct())
    return frozenset(byline | (writers if len(writers) == 1 else set()))


def wrote(user: AbstractBaseUser | AnonymousUser, instance: Publishable) -> bool:
    """Whether the text is this person's own: by its byline, or because nobody else has worked on it yet."""
    return instance.pk is None or user.pk in own_of(instance)


def is_second_person(user: AbstractBaseUser | AnonymousUser, instance: Publishable) -> bool:
    """Nobody approves or publishes their own text (rules.md PUB-04), unless one person runs the whole site."""
    return bool(settings.SINGLE_OPERATOR) or not wrote(user, instance)
