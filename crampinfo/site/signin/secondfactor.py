"""Who must have a second factor, whether this session has shown it, and what ends when it changes."""

from __future__ import annotations

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.dispatch import receiver
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from crampinfo.editorial.roles import PUBLISH

# Publishing and money, by permission, so that no group can be forgotten: of the roles these are Publisher,
# Affiliate manager and Compliance, and whoever runs the site has them all. The admin asks for permissions
# anyway, so the rule costs no query of its own.
RIGHTS = (
    PUBLISH,
    "products.view_affiliateprogramme",
    "products.change_offer",
    "products.change_placement",
    "editorial.add_disclosure",
)
# Recovery codes stand in for one of these; alone they are none.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_PROOF = "second_factor_of"


def is_required_of(user: Any) -> bool:
    """Whether this account may not enter the admin without a second factor."""
    return bool(settings.REQUIRE_SECOND_FACTOR) and user.is_staff and any(map(user.has_perm, RIGHTS))


def of(user: Any) -> QuerySet[Any]:
    """The authenticator app and the passkeys of an account."""
    found: QuerySet[Any] = Authenticator.objects.filter(user=user, type__in=KINDS)
    return found


def is_due(request: HttpRequest) -> bool:
    """Whether whoever is signed in here must set up a second factor, or show it, before anything else."""
    return request.session.get(_PROOF) != request.user.pk and is_required_of(request.user)


def way_to_it(request: HttpRequest) -> str:
    """Where it is shown or, if there is none yet, set up."""
    kinds = set(of(request.user).values_list("type", flat=True))
    if Authenticator.Type.TOTP in kinds:
        return reverse("mfa_reauthenticate")
    return reverse("mfa_reauthenticate_webauthn" if kinds else "mfa_index")


def is_indispensable(authenticator: Any) -> bool:
    """Whether removing it would leave an account without the second factor that it must have."""
    return is_required_of(authenticator.user) and not of(authenticator.user).exclude(pk=authenticator.pk).exists()


def end_sessions(user: Any, *, keep: str | None = None) -> int:
    """Sign an account out everywhere but in the session of this key; says how many sessions that ended.

    Sessions carry no column for their user, so each is read: only people who sign in have one.
    """
    live = Session.objects.filter(expire_date__gt=timezone.now()).exclude(pk=keep)
    theirs = [row.pk for row in live.iterator() if row.get_decoded().get(SESSION_KEY) == str(user.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)


def reset(user: Any) -> int:
    """Take all second factors from an account and sign it out, because their owner has lost them."""
    removed = of(user).count()
    Authenticator.objects.filter(user=user).delete()
    end_sessions(user)
    return removed


@receiver(signals.authenticator_used)
def note_proof(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    """The session remembers that, and by whom; it gets a new key when the sign-in is complete."""
    request.session[_PROOF] = user.pk


@receiver(signals.authenticator_added)
@receiver(signals.authenticator_removed)
def note_change(request: HttpRequest, user: Any, authenticator: Any, **kwargs: Any) -> None:
    """Sessions from before the change end, as they do when a password changes; this one was just confirmed."""
    if authenticator.type not in KINDS:
        return
    end_sessions(user, keep=request.session.session_key)
    if of(user).exists():
        request.session[_PROOF] = user.pk
    else:
        request.session.pop(_PROOF, None)
