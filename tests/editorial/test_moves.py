"""Every transition tried by every role: allowed or refused exactly as this table says."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from articles.models import Article
from crampinfo.editorial import workflow, workingcopy
from crampinfo.editorial.admin import verbs
from crampinfo.editorial.models import CopyState, Publishable, Revision, State, WorkingCopy
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.people import account

pytestmark = pytest.mark.django_db

WRITES = {"article": (Role.EDITOR, Role.PUBLISHER), "review": (Role.EDITOR, Role.REVIEWER, Role.PUBLISHER)}
# What anybody may do who may change it, what who may approve may do too, and what who may publish.
UNPUBLISHED = {
    State.DRAFT: ("check save submit", "", "publish"),
    State.IN_REVIEW: ("check save reopen", "approve", "publish"),
    State.APPROVED: ("check save reopen", "", "publish"),
    State.RETIRED: ("reopen", "", ""),
}
LIVE = {
    "": ("check keep hand_in", "", "publish"),
    CopyState.DRAFT: ("check keep hand_in", "", "publish"),
    CopyState.IN_REVIEW: ("check keep send_back", "accept", "publish"),
    CopyState.APPROVED: ("check keep send_back", "", "publish"),
}
JUDGING = {"approve", "accept", "publish"}
APPROVES, PUBLISHES = (Role.EDITOR, Role.PUBLISHER), (Role.PUBLISHER,)


def made(kind: str, state: State) -> Publishable:
    """Something in a state, that two people have written."""
    live = state == State.PUBLISHED
    found: Any = factories.article(published=live) if kind == "article" else factories.review(published=live)
    if not live:
        type(found)._base_manager.filter(pk=found.pk).update(state=state)
        found.refresh_from_db()
    for number, name in enumerate(("one", "two"), 10):
        Revision.objects.create(
            content=found, number=number, data={}, content_hash="h", summary="S", author=account(name=name)
        )
    return found  # type: ignore[no-any-return]


def drafted(live: Publishable, state: str) -> WorkingCopy | None:
    """Its draft of changes, by two people."""
    if not state:
        return None
    copy = workingcopy.keep(live, {"title": ["New"]}, "", account(name="three"))
    copy.writers.add(account(name="four"))
    copy.state, copy.approved_digest, copy.approved_at = state, copy.digest, copy.saved_at
    copy.save()
    return copy


def allowed(row: tuple[str, str, str], kind: str, role: Role) -> set[str]:
    """What the table says."""
    if role not in WRITES[kind]:
        return set()
    found = row[0].split()
    found += row[1].split() if role in APPROVES else []
    found += row[2].split() if role in PUBLISHES else []
    return set(found)


def offered(role: Role, instance: Publishable, copy: WorkingCopy | None) -> set[str]:
    """What the admin lets them do: verbs for whoever may change it at all."""
    user = account(role, name="somebody")
    may = user.has_perm(f"{instance._meta.app_label}.change_{instance._meta.model_name}")
    return {verb.name for verb in verbs.offered(user, instance, copy)} if may else set()


@pytest.mark.parametrize("kind", list(WRITES))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("state", list(UNPUBLISHED))
def test_unpublished(state: State, role: Role, kind: str) -> None:
    assert offered(role, made(kind, state), None) == allowed(UNPUBLISHED[state], kind, role)


@pytest.mark.parametrize("kind", list(WRITES))
@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("state", list(LIVE))
def test_live(state: str, role: Role, kind: str) -> None:
    live = made(kind, State.PUBLISHED)
    assert offered(role, live, drafted(live, state)) == allowed(LIVE[state], kind, role)


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER])
@pytest.mark.parametrize("state", list(UNPUBLISHED))
def test_who_wrote_it_alone_never_judges(state: State, role: Role) -> None:
    text = made("article", state)
    Revision.objects.all().delete()
    user = account(role, name="alone")
    Revision.objects.create(content=text, number=1, data={}, content_hash="h", summary="Written", author=user)
    assert {verb.name for verb in verbs.offered(user, text)} == allowed(UNPUBLISHED[state], "article", role) - JUDGING


@pytest.mark.parametrize("role", [Role.EDITOR, Role.PUBLISHER])
@pytest.mark.parametrize("state", list(LIVE)[1:])
def test_who_wrote_a_draft_of_changes_alone_never_judges_it(state: str, role: Role) -> None:
    live = made("article", State.PUBLISHED)
    copy = drafted(live, state)
    assert copy is not None
    user = account(role, name="alone")
    copy.writers.set([user])
    assert {verb.name for verb in verbs.offered(user, live, copy)} == allowed(LIVE[state], "article", role) - JUDGING


MAKES = {"submit": workflow.submit, "approve": workflow.approve, "reopen": workflow.reopen}


@pytest.mark.parametrize("verb", [verb for verb in verbs.VERBS if verb.name in MAKES])
@pytest.mark.parametrize("state", list(State))
def test_a_button_leads_where_its_table_says_or_is_not_there(state: State, verb: verbs.Verb) -> None:
    text = made("article", state)
    if state in verb.states:
        MAKES[verb.name](text)
        assert Article.objects.get().state == verb.target
    elif verb.target not in workflow.MOVES[state]:
        with pytest.raises(ValidationError, match="from there it can't become"):
            MAKES[verb.name](text)
        assert Article.objects.get().state == state


@pytest.mark.parametrize("target", list(CopyState))
@pytest.mark.parametrize("state", list(CopyState))
def test_drafts_of_changes_move_as_their_table_says(state: CopyState, target: CopyState) -> None:
    copy = drafted(factories.article(), state)
    assert copy is not None
    if target in workingcopy.MOVES[state]:
        workingcopy.move(copy, target)
        assert WorkingCopy.objects.get().state == target
    else:
        with pytest.raises(ValidationError, match="from there it can't become"):
            workingcopy.move(copy, target)
        assert WorkingCopy.objects.get().state == state
