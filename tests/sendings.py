"""Mails that left in the past, as the worker would have recorded them."""

from __future__ import annotations

from tests.delivery.mailings import newsletter

from shodaku.delivery import services as delivery
from shodaku.kit import db

INSERT = """
insert into delivery (workspace_id, contact_id, mailing_id, week, topic_id, channel, outcome, reason, attempt,
                      at, pack)
select %(workspace_id)s, %(contact_id)s, %(mailing_id)s, %(week)s,
       (select topic_id from mailing where workspace_id = %(workspace_id)s and mailing_id = %(mailing_id)s
        and message_class = 'advertising'), 'email', %(outcome)s, 'OK_CONSENT', 1, %(at)s, %(pack)s
"""


def sent(shop, contact_id, at, *, outcome="accepted", pack="1.0", **mailing):
    """A mail to one person at that time; the mailing's id. By itself the shop's newsletter."""
    with db.transaction(shop.workspace_id):
        mailing_id = delivery.plan_one(newsletter(shop, **mailing), contact_id, now=at)
    leave(shop, contact_id, mailing_id, at, outcome=outcome, pack=pack)
    return mailing_id


def leave(shop, contact_id, mailing_id, at, *, outcome="accepted", pack="1.0"):
    """What was planned leaves, at that time."""
    with db.transaction(shop.workspace_id) as connection:
        week = connection.execute(
            "select week from mailing where workspace_id = %s and mailing_id = %s",
            [shop.workspace_id, mailing_id],
        ).fetchone()[0]
        connection.execute("select delivery_partition(%s)", [week])
        connection.execute(
            INSERT,
            {
                "workspace_id": shop.workspace_id,
                "contact_id": contact_id,
                "mailing_id": mailing_id,
                "week": week,
                "outcome": outcome,
                "at": at,
                "pack": pack,
            },
        )
