"""Whether the worker is there: it says so, and is missed when it stops."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from crampinfo.editorial.roles import Role
from crampinfo.site import tasks, worker
from crampinfo.site.models import PageNews, WorkerBeat
from tests.admin.people import signed_in

pytestmark = pytest.mark.django_db


def home(role: Role = Role.PUBLISHER) -> str:
    return " ".join(signed_in(role).get("/admin/").content.decode().split())


def silent_for(minutes: float) -> None:
    WorkerBeat.objects.update_or_create(pk=1, defaults={"at": timezone.now() - timedelta(minutes=minutes)})


def test_it_works() -> None:
    tasks.beat.call_local()
    assert worker.silence() is None
    assert "The background worker" not in home()


def test_it_never_ran() -> None:
    assert worker.silence() == worker.Silence(None, dead=True)
    assert "The background worker has never run." in home()


@pytest.mark.parametrize(("minutes", "late", "dead"), [(2.9, False, False), (3.1, True, False), (31, True, True)])
def test_late_is_not_dead(minutes: float, late: bool, dead: bool) -> None:
    silent_for(minutes)
    found = worker.silence()
    assert (found is not None, bool(found and found.dead)) == (late, dead)
    page = home()
    assert ("It is late: much may wait for it." in page) is (late and not dead)
    assert ("It seems to have stopped" in page) is dead


def test_only_those_who_publish_are_told() -> None:
    assert "background worker" not in home(Role.EDITOR)


def test_a_new_worker_is_no_late_one_and_there_is_one_row() -> None:
    silent_for(600)
    tasks.begin()
    tasks.begin()
    assert worker.silence() is None
    assert WorkerBeat.objects.count() == 1


def test_no_page_is_rendered_again_for_it(django_capture_on_commit_callbacks: object) -> None:
    before = PageNews.objects.count()
    worker.beat()
    assert PageNews.objects.count() == before
