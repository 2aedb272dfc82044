"""Row-level security binds the role that works, or nothing starts."""

from __future__ import annotations

import pytest
from django.conf import settings

from shodaku.config import databases
from shodaku.config.commands import doctor_command, serve_command
from shodaku.config.databases import ApplicationRole, ApplicationTooStrong


def test_the_ordinary_role_is_weak_enough(database):
    assert databases.require_weak_application().strengths == ""
    assert doctor_command._database()[0]


@pytest.mark.parametrize(
    ("role", "strength"),
    [
        (ApplicationRole("r", superuser=True, bypasses=False, version="17", owned=0), "is a superuser"),
        (ApplicationRole("r", superuser=False, bypasses=True, version="17", owned=0), "bypasses"),
        (ApplicationRole("r", superuser=False, bypasses=False, version="17", owned=3), "owns 3 tables"),
    ],
)
def test_each_strength_is_refused_by_its_name(monkeypatch, role, strength):
    monkeypatch.setattr(databases, "application_role", lambda: role)
    with pytest.raises(ApplicationTooStrong) as refused:
        databases.require_weak_application()
    assert strength in refused.value.hint
    assert "SHODAKU_OWNER_URL" in refused.value.hint
    well, detail = doctor_command._database()
    assert not well
    assert strength in detail


@pytest.fixture
def one_address(database, monkeypatch):
    """The owner's address alone, as somebody sets it up who does not know of the second role."""
    monkeypatch.setattr(settings, "DATABASE_URL", database.owner)
    monkeypatch.setattr(settings, "OWNER_URL", database.owner)


def test_a_set_up_with_one_address_is_not_migrated(one_address):
    with pytest.raises(ApplicationTooStrong, match="must not own tables") as refused:
        databases.migrate()
    assert "SHODAKU_OWNER_URL" in refused.value.hint


def test_nor_on_the_first_day_when_there_is_no_table_to_own(one_address, monkeypatch):
    fresh = ApplicationRole("shodaku_owner", superuser=False, bypasses=False, version="17", owned=0)
    monkeypatch.setattr(databases, "application_role", lambda: fresh)
    with pytest.raises(ApplicationTooStrong) as refused:
        databases.migrate()
    assert "would own every table" in refused.value.hint


def test_the_web_server_does_not_start_as_owner(one_address, monkeypatch):
    from shodaku.config import bind

    monkeypatch.setattr(bind, "start_command", lambda: None)
    with pytest.raises(ApplicationTooStrong):
        serve_command.run(None)
