"""Letting a finding pass: who may, what it is bound to, and that some nobody may."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError

from articles.models import Article
from crampinfo.editorial import acknowledgements, gate, workflow
from crampinfo.editorial.findings import Severity
from crampinfo.editorial.models import Acknowledgement, Revision
from crampinfo.editorial.models.acknowledgement import mark_of
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.people import account

pytestmark = pytest.mark.django_db

REASON = "The year is part of a law's name."


def draft(**fields: Any) -> Article:
    return factories.article(published=False, **{"title": "A guide to the act of 2019", **fields})


def finding(instance: Any) -> gate.Finding:
    (only,) = gate.inspect(instance)
    return only


def publisher() -> User:
    return account(Role.PUBLISHER)


def test_it_works() -> None:
    article, by = draft(), publisher()
    with pytest.raises(gate.GateRefused, match="P6"):
        workflow.publish(article, by=by)
    acknowledgements.sign(article, finding(article), by, REASON)
    (passed,) = workflow.publish(article, by=by)
    assert passed.signed is not None
    assert (passed.signed.role, passed.signed.reason) == ("Publisher", REASON)


def test_it_is_kept_with_the_revision() -> None:
    article, by = draft(), publisher()
    acknowledgements.sign(article, finding(article), by, REASON)
    workflow.publish(article, by=by)
    (kept,) = Revision.objects.get(summary="Published").gate_report
    assert (kept["code"], kept["signed"]["name"], kept["signed"]["reason"]) == ("P6", by.username, REASON)
    assert gate.Finding.from_dict(kept).signed is not None


def test_without_a_person_a_warning_is_kept_unsigned() -> None:
    """An import or a script has nobody to ask; the audit lists what nobody has answered for."""
    article = draft()
    workflow.publish(article)
    (kept,) = Revision.objects.get(summary="Published").gate_report
    assert "signed" not in kept


class TestWho:
    @pytest.mark.parametrize("role", list(Role))
    def test_a_warning_is_let_pass_by_two_roles(self, role: Role) -> None:
        warns = finding(draft())
        assert acknowledgements.may_sign(account(role), warns) is (role in (Role.PUBLISHER, Role.COMPLIANCE))

    @pytest.mark.parametrize("role", list(Role))
    def test_what_blocks_only_by_compliance(self, role: Role) -> None:
        blocks = finding(draft(title="Causes", key_answer="A miracle."))
        assert (blocks.code, blocks.severity) == ("B4", Severity.BLOCK)
        assert acknowledgements.may_sign(account(role), blocks) is (role is Role.COMPLIANCE)

    @pytest.mark.parametrize(
        ("text", "rule"),
        [
            ("Magnesium cures everything.", "HC-01"),
            ("Magnesium relieves cramps.", "HC-02"),
            ("Lorem ipsum", "PUB-01"),
        ],
    )
    def test_some_by_nobody(self, text: str, rule: str) -> None:
        article = draft(title="Causes", key_answer=text)
        never = next(one for one in gate.inspect(article) if one.rule_id == rule)
        operator = User.objects.create_superuser("root")
        assert never.never_signed
        assert not acknowledgements.may_sign(operator, never)
        with pytest.raises(PermissionDenied):
            acknowledgements.sign(article, never, operator, "Because I say so myself.")
        # Not even a row written past the door counts.
        Acknowledgement.objects.create(
            content_type=ContentType.objects.get_for_model(article), object_id=article.pk, code=never.code,
            place=never.place, words=never.words, mark=mark_of(never.words), severity="block",
            reason="Because I say so.", name="root", role="operator",
        )  # fmt: skip
        with pytest.raises(gate.GateRefused):
            workflow.publish(article, by=operator)

    def test_compliance_lets_the_rest_pass(self) -> None:
        article, by = draft(title="Causes", key_answer="Cramps are no miracle. Sleep is a miracle."), publisher()
        blocks = finding(article)
        acknowledgements.sign(article, blocks, account(Role.COMPLIANCE), "A saying, not a promise.")
        workflow.publish(article, by=by)


class TestBinding:
    def signed(self) -> tuple[Article, User]:
        article, by = draft(title="Causes", key_answer="Rest. Sleep is a miracle."), account(Role.COMPLIANCE)
        acknowledgements.sign(article, finding(article), by, "A saying, not a promise.")
        return article, by

    def passes(self, article: Article) -> bool:
        return not any(one.stops for one in acknowledgements.applied(article, gate.inspect(article)))

    def test_to_its_sentence(self) -> None:
        article, _by = self.signed()
        article.key_answer = "Rest a while. Sleep is a miracle."
        assert self.passes(article)
        article.key_answer = "Rest. Magnesium is a miracle."
        assert not self.passes(article)

    def test_to_its_field(self) -> None:
        article, _by = self.signed()
        article.key_answer, article.summary = "Rest.", "Sleep is a miracle."
        assert not self.passes(article)

    def test_to_its_object(self) -> None:
        self.signed()
        assert not self.passes(draft(slug="other", title="Causes", key_answer="Sleep is a miracle."))

    def test_what_was_a_warning_then_is_not_covered_as_more(self) -> None:
        article, by = draft(), publisher()
        warns = finding(article)
        acknowledgements.sign(article, warns, by, REASON)
        heavier = gate.Finding("P6", Severity.BLOCK, "title", warns.excerpt, "", "", rule="SEO-DATE-01")
        assert acknowledgements.applied(article, [heavier])[0].signed is None


class TestLanguage:
    def test_compliance_reads_a_language_without_patterns_and_again_after_each_change(self, settings: Any) -> None:
        settings.LANGUAGES = [*settings.LANGUAGES, ("de", "Deutsch")]
        article, by = draft(title="Wadenkrampf", language="de"), account(Role.COMPLIANCE)

        def stops() -> bool:
            found = acknowledgements.applied(article, gate.inspect(article))
            return any(one.stops for one in found if one.code == "LANGUAGE")

        needed = next(one for one in gate.inspect(article) if one.code == "LANGUAGE")
        assert stops()
        acknowledgements.sign(article, needed, by, "Read by our German lawyer.")
        assert not stops()
        article.key_answer = "Dehnen."
        assert stops()


class TestReasons:
    @pytest.mark.parametrize("reason", ["", "  ", "fine", "x" * 501])
    def test_a_reason_is_a_sentence(self, reason: str) -> None:
        article = draft()
        with pytest.raises(ValidationError):
            acknowledgements.sign(article, finding(article), publisher(), reason)

    def test_what_was_signed_stays(self) -> None:
        article = draft()
        row = acknowledgements.sign(article, finding(article), publisher(), REASON)
        row.reason = "Something else entirely."
        with pytest.raises(PermissionDenied):
            row.save()
        with pytest.raises(PermissionDenied):
            row.delete()
