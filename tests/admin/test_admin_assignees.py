"""To whom a text may be handed, who sees that it was, and medical reviewers."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from articles.models import Article
from crampinfo.editorial.models import Handover, MedicalReview, State
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.desks import Desk, offered
from tests.admin.forms import errors_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def anna() -> Desk:
    return Desk("anna", Role.EDITOR)


@pytest.fixture
def otto() -> Desk:
    return Desk("otto", Role.EDITOR)


@pytest.fixture
def ines() -> Desk:
    return Desk("ines", Role.PUBLISHER)


@pytest.fixture
def draft(anna: Desk) -> Article:
    made: Article = factories.article("why", published=False)
    anna.press(made, "save", title="Hers")
    return made


@pytest.fixture
def live() -> Article:
    made: Article = factories.article("live")
    return made


# --- to whom ---------------------------------------------------------------------------------------------------


def test_only_those_are_offered_who_may_do_what_comes_next(draft: Article, anna: Desk, otto: Desk, ines: Desk) -> None:
    Desk("lena", Role.MEDICAL_REVIEWER)
    Desk("rita", Role.REVIEWER)
    Desk("max", Role.AFFILIATE_MANAGER)
    Desk("cora", Role.COMPLIANCE)
    gone = Desk("gone", Role.PUBLISHER).user
    gone.is_active = False
    gone.save()
    outside = Desk("outside", Role.PUBLISHER).user
    outside.is_staff = False
    outside.save()
    assert offered(anna.get(draft)) == {"In review: who may approve it": ["ines", "otto"]}
    anna.press(draft, "submit")
    assert offered(otto.get(draft)) == {
        "Back to draft: who may change it": ["anna", "ines", "otto"],
        "Approved: who may publish it": ["ines"],
    }


@pytest.mark.parametrize("name", ["anna", "lena", "max", "gone"])
def test_a_forged_name_is_refused(name: str, draft: Article, anna: Desk) -> None:
    people = {"anna": anna.user, "lena": Desk("lena", Role.MEDICAL_REVIEWER).user}
    people |= {"max": Desk("max", Role.AFFILIATE_MANAGER).user, "gone": Desk("gone", Role.PUBLISHER).user}
    User.objects.filter(username="gone").update(is_active=False)
    answer = anna.press(draft, "submit", to=people[name])
    assert errors_of(answer)["__all__"][0].startswith("To: This person can't do what comes next")
    assert (draft.state, Handover.objects.count()) == (State.DRAFT, 0)


def test_who_may_publish_but_stands_in_the_byline_is_not_offered(draft: Article, anna: Desk, ines: Desk) -> None:
    draft.author.user = ines.user
    draft.author.save()
    assert offered(anna.get(draft)) == {}
    assert "To: This person" in errors_of(anna.press(draft, "submit", to=ines.user))["__all__"][0]


def test_a_draft_of_changes_is_not_handed_to_its_only_writer(live: Article, ines: Desk, otto: Desk) -> None:
    omar = Desk("omar", Role.PUBLISHER)
    ines.press(live, "hand_in", title="Hers alone", to=otto.user)
    assert offered(otto.get(live))["Approved: who may publish it"] == ["omar"]
    assert "To: This person" in errors_of(otto.press(live, "accept", to=ines.user))["__all__"][0]
    otto.press(live, "accept", to=omar.user)
    assert Handover.objects.first().assignee == omar.user


def test_one_operator_hands_to_themselves(draft: Article, anna: Desk, settings: Any) -> None:
    settings.SINGLE_OPERATOR = True
    anna.press(draft, "submit", to=anna.user)
    assert Handover.objects.get().assignee == anna.user


def test_who_may_only_look_sees_who_has_it_and_gets_no_fields(draft: Article, anna: Desk, otto: Desk) -> None:
    anna.press(draft, "submit", to=otto.user, note="Look at it.")
    answer = Desk("rita", Role.REVIEWER).get(draft)
    assert "Look at it." in answer.content.decode()
    assert "hand" not in answer.context


def test_drafts_of_changes_and_their_notes_are_for_those_who_may_write(live: Article, anna: Desk, otto: Desk) -> None:
    anna.press(live, "hand_in", title="New", to=otto.user, note="Secret until live.")
    rita = Desk("rita", Role.REVIEWER)
    for end in ("change", "history"):
        assert "Secret until live." not in rita.get(live, end).content.decode()
    assert "Secret until live." in otto.get(live, "history").content.decode()


# --- sensitive topics ------------------------------------------------------------------------------------------


@pytest.fixture
def touchy(draft: Article) -> Article:
    draft.topic.sensitive = True
    draft.topic.save()
    return draft


def test_what_is_sensitive_is_handed_to_a_medical_reviewer(touchy: Article, anna: Desk, otto: Desk) -> None:
    lena = Desk("lena", Role.MEDICAL_REVIEWER)
    assert offered(anna.get(touchy)) == {"In review: who may approve it, or reads it first": ["lena", "otto"]}
    anna.press(touchy, "submit", to=lena.user, note="Is this safe?")
    said = anna.get(touchy).context["panel"].sentences
    assert any("a medical reviewer has to read it before it is published" in one for one in said)
    home = lena.browser.get("/admin/")
    assert [(one.title, one.row.note) for one in home.context["home"].handed.rows] == [("Hers", "Is this safe?")]
    assert "You have it" in lena.get(touchy).content.decode()
    review = MedicalReview(
        reviewer=factories.author("lena"), content=touchy, content_hash=touchy.content_hash,
        reviewed_on=timezone.localdate(),
    )  # fmt: skip
    review.save()
    touchy.medical_review = review
    touchy.save()
    said = anna.get(touchy).context["panel"].sentences
    assert not any("has to read it" in one for one in said)
    assert lena.browser.get("/admin/").context["home"].handed is None


def test_what_is_not_sensitive_is_not(draft: Article, anna: Desk, otto: Desk) -> None:
    lena = Desk("lena", Role.MEDICAL_REVIEWER)
    assert "To: This person" in errors_of(anna.press(draft, "submit", to=lena.user))["__all__"][0]
    anna.press(draft, "submit", to=otto.user)
    assert not any("medical reviewer" in one for one in anna.get(draft).context["panel"].sentences)
