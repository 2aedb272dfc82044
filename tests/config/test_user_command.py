"""`shodaku user create`: an account and a role in one step, or neither."""

from __future__ import annotations

import dataclasses
import io
import json
import uuid

import pytest
from tests.console.desk import PASSWORD
from tests.people import a_shop

from shodaku.accounts import selectors, services
from shodaku.config import bind, cli
from shodaku.kit import runtime
from shodaku.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def create(monkeypatch, capsys):
    """Run the command with this on standard input; exit status and what it complained."""
    monkeypatch.setattr(bind, "start_command", lambda: None)
    monkeypatch.setattr(cli.environment, "load", lambda: None)

    def run(email, slug, *more, password=PASSWORD):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{password}\n"))
        status = cli.main(["user", "create", email, "--name", "森 美咲", "--workspace", slug, *more])
        return status, capsys.readouterr().err

    return run


@pytest.fixture
def email():
    return f"user-{uuid.uuid4().hex[:10]}@aoi.example"


def roles(email):
    return {each.slug: each.role.value for each in selectors.memberships(selectors.staff_id_of(email))}


def test_an_owner_and_a_workspace_are_made_together(create, email):
    slug = f"new-{uuid.uuid4().hex[:8]}"
    assert create(email, slug, "--create") == (0, "")
    assert roles(email) == {slug: "owner"}


def test_who_has_an_account_already_gets_the_role_and_keeps_the_password(create, email):
    first, second = a_shop(), a_shop()
    create(email, first.slug)
    assert create(email.upper().replace("AOI.EXAMPLE", "aoi.example"), second.slug, "--role", "clerk") == (
        0,
        "",
    )
    assert roles(email) == {first.slug: "owner", second.slug: "clerk"}
    assert services.staff(selectors.staff_id_of(email)).check_password(PASSWORD)


@pytest.mark.parametrize(
    ("address", "slug", "password", "sentence"),
    [
        ("nobody", "aoi", PASSWORD, "no e-mail address"),
        ("someone@aoi.example", "Not A Slug", PASSWORD, "A short name is made of"),
        ("someone@aoi.example", "aoi-x", "short", "Another password is needed"),
        ("someone@aoi.example", "aoi-x", "1qaz2wsx3edc", "Another password is needed"),
    ],
)
def test_a_slip_is_told_in_one_sentence_and_makes_nothing(create, address, slug, password, sentence):
    status, said = create(address, slug, "--create", password=password)
    assert status == 2
    assert sentence in said
    assert selectors.workspace_by_slug("aoi-x") is None
    assert selectors.staff_id_of("someone@aoi.example") is None


def test_an_unknown_workspace_is_not_made_by_accident(create, email):
    assert create(email, "not-there")[0] == 2
    assert selectors.staff_id_of(email) is None


def test_without_the_key_store_neither_account_nor_workspace_is_left(create, email):
    slug = f"away-{uuid.uuid4().hex[:8]}"
    away = dataclasses.replace(
        runtime.current(), vault_url="postgresql://nobody@127.0.0.1:1/vault?connect_timeout=1", _rings={}
    )
    with runtime.replaced(away):
        assert create(email, slug, "--create")[0] == 3
    assert selectors.workspace_by_slug(slug) is None
    assert selectors.staff_id_of(email) is None


@pytest.fixture
def run(create, monkeypatch, capsys):
    """Any other verb; exit status, what it said and what it complained."""

    def run(*arguments):
        capsys.readouterr()
        status = cli.main(["user", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def kinds(shop):
    return [entry.kind for entry in ledger.history(shop.workspace_id, 0)]


def test_members_are_listed_get_another_role_and_leave(create, run, email):
    shop = a_shop()
    create(email, shop.slug)
    other = f"other-{email}"
    create(other, shop.slug, "--role", "clerk")
    status, out, _err = run("list", "--workspace", shop.slug, "--json")
    assert (status, {each["email"]: each["role"] for each in json.loads(out)}) == (
        0,
        {email: "owner", other: "clerk"},
    )
    assert run("role", other.upper(), "--role", "compliance", "--workspace", shop.slug)[0] == 0
    assert roles(other) == {shop.slug: "compliance"}
    assert run("remove", other, "--workspace", shop.slug)[0] == 0
    assert roles(other) == {}
    assert kinds(shop)[-2:] == ["admin.member.changed", "admin.member.left"]


def test_the_last_owner_and_a_stranger_are_refused_in_one_sentence(create, run, email):
    shop = a_shop()
    create(email, shop.slug)
    for arguments in (("remove", email), ("role", email, "--role", "clerk")):
        status, _out, err = run(*arguments, "--workspace", shop.slug)
        assert (status, "at least one owner" in err) == (1, True)
    status, _out, err = run("remove", "nobody@aoi.example", "--workspace", shop.slug)
    assert (status, "shodaku user list" in err) == (2, True)
    assert roles(email) == {shop.slug: "owner"}
