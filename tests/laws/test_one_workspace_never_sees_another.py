"""Promise 15: one workspace can never read or send for another."""

from __future__ import annotations

import psycopg
import pytest
from psycopg import sql
from tests.people import a_reader, a_shop

from shodaku.consent import selectors as consents
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as delivery
from shodaku.kit import db
from shodaku.ledger import selectors as ledger
from shodaku.suppression import selectors as suppression_known
from shodaku.suppression import services as suppression

pytestmark = pytest.mark.usefixtures("database")

TABLES = """
select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
  and not c.relispartition and c.relname <> 'workspace'
"""


def test_no_table_shows_a_row_of_another_workspace():
    ours, theirs = a_shop(), a_shop()
    a_reader(ours)
    a_reader(theirs)
    foreign = {}
    with db.transaction(ours.workspace_id) as connection:
        for (table,) in connection.execute(TABLES).fetchall():
            count = sql.SQL("select count(*) from {} where workspace_id <> %s").format(sql.Identifier(table))
            foreign[table] = connection.execute(count, [ours.workspace_id]).fetchone()[0]
    assert {table: count for table, count in foreign.items() if count} == {}


def test_a_row_cannot_be_written_into_another_workspace():
    ours, theirs = a_shop(), a_shop()
    with pytest.raises(psycopg.errors.InsufficientPrivilege), db.transaction(ours.workspace_id) as connection:
        connection.execute(
            "insert into suppression values (%s, '\\x00', 'strict', 1, 1, 'staff', now())",
            [theirs.workspace_id],
        )


def test_another_workspaces_person_is_nobody_here():
    ours, theirs = a_shop(), a_shop()
    stranger = a_reader(theirs, "someone@example.jp")
    pair = suppression.tokens(ours.workspace_id, Channel.EMAIL, "someone@example.jp")
    assert contacts.contact(ours.workspace_id, stranger) is None
    assert contacts.claimed(ours.workspace_id, Channel.EMAIL, [pair.strict]) == {}
    assert contacts.search(ours.workspace_id, "someone") == []
    assert consents.held(ours.workspace_id, stranger) == []
    assert ledger.history(ours.workspace_id, stranger) == []
    assert delivery.sent_to(ours.workspace_id, stranger) == []


def test_a_never_contact_mark_of_one_workspace_says_nothing_in_another():
    """The token is bound to the workspace: nobody learns by asking who said no elsewhere."""
    ours, theirs = a_shop(), a_shop()
    with db.transaction(theirs.workspace_id):
        now = db.connection().execute("select now()").fetchone()[0]
        suppression.suppress(
            [suppression.tokens(theirs.workspace_id, Channel.EMAIL, "x@example.jp")], "erased", now=now
        )
    pair = suppression.tokens(ours.workspace_id, Channel.EMAIL, "x@example.jp")
    assert suppression_known.suppressed(ours.workspace_id, [pair]) == {}


def test_a_transaction_of_one_workspace_cannot_be_joined_by_another():
    ours, theirs = a_shop(), a_shop()
    with (
        db.transaction(ours.workspace_id),
        pytest.raises(db.OtherWorkspace),
        db.transaction(theirs.workspace_id),
    ):
        pass


def test_the_workspace_does_not_outlive_its_transaction():
    ours = a_shop()
    a_reader(ours)
    with db.transaction(ours.workspace_id):
        pass
    with db.transaction(None) as connection:
        assert connection.execute("select count(*) from contact").fetchone()[0] == 0
