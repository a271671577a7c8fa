"""Findings beside the form: the words, the rule behind them, and the reasons that let them pass."""

from __future__ import annotations

from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from articles.models import Article, FaqEntry
from crampinfo.editorial.models import Acknowledgement, State
from crampinfo.editorial.roles import Role
from tests import factories
from tests.admin.forms import filled, told
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db

REASON = "The year is part of a law's name."


def draft(**fields: Any) -> Article:
    article: Article = factories.article(published=False, **fields)
    return article


def page(article: Article) -> str:
    return f"/admin/articles/article/{article.pk}/change/"


def press(client: Client, article: Article, verb: str, **changes: Any) -> Any:
    answer = client.post(page(article), filled(client.get(page(article)), verb, **changes), follow=True)
    article.refresh_from_db()
    return answer


def findings(answer: Any) -> list[Any]:
    return BeautifulSoup(answer.content, "html.parser").select(".findings > li")


def reason_field(answer: Any) -> str:
    (field,) = [one["name"] for item in findings(answer) for one in item.select("textarea")]
    return str(field)


def test_it_works() -> None:
    article, publisher = draft(title="A guide to the act of 2019"), signed_in(Role.PUBLISHER)
    refused = press(publisher, article, "publish")
    assert article.state == State.DRAFT
    assert "write beside each warning why it may stand" in refused.content.decode()
    answer = press(publisher, article, "publish", **{reason_field(refused): REASON})
    assert article.state == State.PUBLISHED
    assert told(answer) == [f"Readers see it now: {article}."]
    assert "Let pass by publisher (Publisher) on" in findings(answer)[0].text
    assert REASON in findings(answer)[0].text


def test_a_finding_quotes_the_words_and_names_the_rule() -> None:
    article = draft(body="<p>Rest.</p><p>Magnesium cu\u200bres cramps.</p>")
    (item,) = [one for one in findings(press(signed_in(Role.EDITOR), article, "check")) if "D1" in one.text]
    assert item.select_one(".finding-quote mark").text == "cures"
    assert item.select_one(".finding-quote").text == "Magnesium cures cramps."
    assert (item["data-target"], item["data-words"]) == ("id_body", "cures")
    assert item.select_one("summary").text == "Rule HC-01"
    assert "21 CFR 101.93" in item.text


def test_a_finding_leads_to_its_row() -> None:
    article = draft()
    FaqEntry.objects.create(article=article, question="Why?", answer="Nobody knows.", position=0)
    FaqEntry.objects.create(article=article, question="How?", answer="TODO", position=1)
    answer = press(signed_in(Role.EDITOR), article, "check")
    assert findings(answer)[0]["data-target"] == "id_faq-1-answer"
    assert BeautifulSoup(answer.content, "html.parser").select_one("#id_faq-1-answer") is not None


def test_a_reason_is_a_sentence_and_what_was_typed_stays() -> None:
    article, publisher = draft(title="A guide to the act of 2019"), signed_in(Role.PUBLISHER)
    field = reason_field(press(publisher, article, "publish"))
    answer = press(publisher, article, "publish", **{field: "fine"})
    assert article.state == State.DRAFT
    assert "Say in a sentence why this may stand" in answer.content.decode()
    assert not Acknowledgement.objects.exists()


def test_saving_keeps_reasons_too() -> None:
    article, publisher = draft(title="A guide to the act of 2019"), signed_in(Role.PUBLISHER)
    field = reason_field(press(publisher, article, "check"))
    press(publisher, article, "save", **{field: REASON})
    assert Acknowledgement.objects.get().reason == REASON


class TestCompliance:
    """Compliance changes no text, and answers for what the gate stops."""

    def blocked(self) -> Article:
        article = draft(key_answer="Rest. Sleep is a miracle.")
        press(signed_in(Role.EDITOR), article, "save", summary="Short.")
        return article

    def test_it_signs_on_the_page_it_may_only_read(self) -> None:
        article, compliance = self.blocked(), signed_in(Role.COMPLIANCE)
        answer = compliance.get(page(article))
        (item,) = findings(answer)
        field = item.select_one("textarea")
        form = BeautifulSoup(answer.content, "html.parser").select_one(f"form#{field['form']}")
        answer = compliance.post(form["action"], {field["name"]: "A saying, not a promise."}, follow=True)
        assert told(answer) == ["One finding signed."]
        assert "A saying, not a promise." in findings(answer)[0].text
        press(signed_in(Role.PUBLISHER), article, "publish")
        assert article.state == State.PUBLISHED

    def test_nothing_typed_signs_nothing(self) -> None:
        article, compliance = self.blocked(), signed_in(Role.COMPLIANCE)
        answer = compliance.post(f"/admin/articles/article/{article.pk}/sign/", {}, follow=True)
        assert told(answer) == ["Nothing was signed: write a reason beside a finding first."]

    def test_what_nobody_may_let_pass_has_no_field(self) -> None:
        article = draft(key_answer="Magnesium cures everything.")
        press(signed_in(Role.EDITOR), article, "save", summary="Short.")
        (item,) = findings(signed_in(Role.COMPLIANCE).get(page(article)))
        assert item.select("textarea") == []

    @pytest.mark.parametrize(("role", "status"), [(Role.EDITOR, 403), (Role.AFFILIATE_MANAGER, 403)])
    def test_others_are_refused(self, role: Role, status: int) -> None:
        article = self.blocked()
        client = signed_in(role, name="somebody")
        assert client.post(f"/admin/articles/article/{article.pk}/sign/", {}).status_code == status

    def test_only_by_posting_and_only_what_there_is(self) -> None:
        compliance = signed_in(Role.COMPLIANCE)
        assert compliance.get(f"/admin/articles/article/{self.blocked().pk}/sign/").status_code == 404
        assert compliance.post("/admin/articles/article/999/sign/").status_code == 404


def test_an_editor_gives_no_reasons() -> None:
    article = draft(title="A guide to the act of 2019")
    answer = press(signed_in(Role.EDITOR), article, "check")
    assert [item.select("textarea") for item in findings(answer)] == [[]]


def test_publishing_many_at_once_asks_for_reasons_too() -> None:
    article, publisher = draft(title="A guide to the act of 2019"), signed_in(Role.PUBLISHER)
    data = {"action": "publish_selected", "_selected_action": [article.pk]}
    answer = publisher.post("/admin/articles/article/", data, follow=True)
    article.refresh_from_db()
    assert article.state == State.DRAFT
    assert "write beside each warning why it may stand" in told(answer)[0]


def test_a_link_whose_page_has_appeared_since_is_no_finding_any_more() -> None:
    """The panel shows what the gate said at the last save; a page that was missing then may be there now."""
    article = draft(body='<p>See <a href="/questions/why/">why</a>.</p>')
    editor = signed_in(Role.EDITOR)
    press(editor, article, "save")
    assert "/questions/why/" in str(findings(editor.get(page(article))))
    factories.question("why")
    assert "/questions/why/" not in str(findings(editor.get(page(article))))
