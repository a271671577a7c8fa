"""Which rows concern which pages is decided for every model, and what readers never see renders nothing again."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from crampinfo.editorial.models import Autosave
from crampinfo.editorial.roles import Role
from crampinfo.site.models import PageNews
from crampinfo.site.pagecache.changes import ANYWHERE, OURS, OWNERS, SILENT
from products.models import DoubtfulClick
from tests import factories
from tests.admin.people import signed_in


def test_every_model_is_decided() -> None:
    """One that is forgotten renders everything again with each of its rows."""
    models = {model._meta.label_lower for app in OURS for model in apps.get_app_config(app).get_models()}
    assert models == SILENT | ANYWHERE | OWNERS.keys()
    assert not SILENT & ANYWHERE
    assert not OWNERS.keys() & (SILENT | ANYWHERE)


@pytest.mark.django_db
def test_typing_in_the_admin_renders_nothing_again(django_capture_on_commit_callbacks: Any) -> None:
    draft = factories.article("why", published=False)
    editor = signed_in(Role.EDITOR)
    before = PageNews.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        answer = editor.post(f"/admin/articles/article/{draft.pk}/autosave/", {"title": "What I type"})
    assert (answer.status_code, Autosave.objects.count()) == (200, 1)
    assert PageNews.objects.count() == before


@pytest.mark.django_db
def test_a_click_that_is_in_doubt_renders_nothing_again(django_capture_on_commit_callbacks: Any) -> None:
    before = PageNews.objects.count()
    with django_capture_on_commit_callbacks(execute=True):
        DoubtfulClick.objects.create(offer=1, name="n", page="x", slot="row", day=timezone.localdate())
    assert PageNews.objects.count() == before
