"""A shop of any size, filled by SQL as the owner: what a measurement sends from, and its newsletter."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import psycopg
from psycopg import sql

from shodaku.accounts import services as accounts
from shodaku.accounts.domain import Sender
from shodaku.consent import services as consent
from shodaku.consent.domain import Frequency, Period
from shodaku.contacts.domain import Channel
from shodaku.content.domain import footer_html, footer_text, items_of
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import db
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import services as ledger
from shodaku.policy.domain import Ads, MessageClass

PROMISE: Final = Frequency(100, Period.WEEK)
_SENDER: Final = Sender(
    sender_id=0,
    formal_name="株式会社計測",
    display_name="計測",
    postal_address="東京都千代田区丸の内1-1-1",
    contact_email="support@bench.example",
    contact_phone="03-0000-0000",
    contact_url="",
    from_address="news@bench.example",
    mail_domain="bench.example",
    privacy_policy_version="1",
    privacy_policy="",
)
SECONDS_MAX: Final = 300.0
KEYS_AT_ONCE: Final = 5_000
LINKS: Final = 6
_PARAGRAPH: Final = 2 * (
    "今週のおすすめをお届けします。産地から届いたばかりの品を、季節の食べ方とあわせてご紹介します。"
    "数に限りがありますので、気になる品はお早めにご覧ください。"
)
_FILL: Final = (
    """create temporary table fresh on commit drop as
       select nextval('contact_id_seq') as contact_id from generate_series(1, %(people)s)""",
    """insert into contact (workspace_id, contact_id, family_name, given_name, source, created_at,
                            tracking_consent_at)
       select %(workspace_id)s, contact_id, '山田', '花子', 'form', %(now)s, %(now)s from fresh""",
    """insert into address (workspace_id, contact_id, channel, value, key, wire, token, broad_token,
                            created_at)
       select %(workspace_id)s, contact_id, 'email', a, a, a, t, t, %(now)s
       from fresh, lateral (select contact_id || '@bench.invalid' as a) x,
            lateral (select sha256((%(workspace_id)s || a)::bytea) as t) y""",
    """insert into consent (workspace_id, contact_id, topic_id, channel, state, since, confirmed,
                            last_contact_at, entry_id)
       select %(workspace_id)s, contact_id, %(topic_id)s, 'email', 'active', %(now)s - interval '1 day', true,
              %(now)s - interval '1 day', contact_id from fresh""",
    """insert into suppression (workspace_id, token, strength, norm, pepper_epoch, reason, at)
       select %(workspace_id)s, sha256(('gone.' || g)::bytea), 'strict', 1, 1, 'refused', %(now)s
       from generate_series(1, %(people)s / 20) g""",
)
AGREED: Final = """
    insert into consent_event (workspace_id, contact_id, topic_id, channel, kind, method, at, event_id,
                               entry_id)
    select workspace_id, contact_id, topic_id, channel, %(kind)s, 'web-double', since, gen_random_uuid(),
           entry_id
    from consent where workspace_id = %(workspace_id)s
"""
_TABLES: Final = ("contact", "address", "consent", "suppression", "chunk", "mailing")


_TAKEN: Final = """
    select extract(epoch from ended_at - (select min(opened_at) from chunk where mailing_id = %s))::float
    from mailing where mailing_id = %s and state = 'done'
"""


class DidNotEnd(ShodakuError):
    """The worker did not send everything in time."""

    code = "bench_did_not_end"


@dataclass(frozen=True, slots=True)
class Shop:
    workspace_id: int
    sender_id: int
    topic_id: int


@dataclass(frozen=True, slots=True)
class Everybody:
    """All contacts of the shop."""

    sql: str
    parameters: dict[str, object]


def fill(owner_url: str, people: int, now: datetime) -> Shop:
    slug = f"bench-{uuid.uuid4().hex[:12]}"
    workspace = accounts.create_workspace(slug, "計測", now=now, second_factor_required=False)
    sender_id = accounts.save_sender(workspace.workspace_id, _SENDER, now=now)
    topic = consent.NewTopic(
        slug="news", name="お知らせ", name_en="News", content="新商品", purpose="案内", frequency=PROMISE,
        sender_id=sender_id,
    )  # fmt: skip
    topic_id = consent.create_topic(workspace.workspace_id, topic, now=now)
    values = {"people": people, "workspace_id": workspace.workspace_id, "topic_id": topic_id, "now": now}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(db.set_local(db.Setting.WORKSPACE, workspace.workspace_id))
            for statement in _FILL:
                connection.execute(statement, values)
        for table in _TABLES:
            connection.execute(sql.SQL("vacuum analyze {}").format(sql.Identifier(table)))
    return Shop(workspace.workspace_id, sender_id, topic_id)


def fill_whole(owner_url: str, count: int, now: datetime) -> Shop:
    """As `fill`, and everybody has a key, and the two events of the consent: people who can say no."""
    shop = fill(owner_url, count, now)
    ids = people(shop)
    for at in range(0, len(ids), KEYS_AT_ONCE):
        ledger.ensure_keys(shop.workspace_id, ids[at : at + KEYS_AT_ONCE])
    with psycopg.connect(owner_url, autocommit=True) as connection:
        with connection.transaction():
            connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
            for kind in ("requested", "confirmed"):
                connection.execute(AGREED, {"workspace_id": shop.workspace_id, "kind": kind})
        connection.execute("vacuum analyze consent_event")
    return shop


def people(shop: Shop) -> list[int]:
    """All contacts of the shop, ascending."""
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(
            "select contact_id from contact where workspace_id = %s order by contact_id", [shop.workspace_id]
        ).fetchall()
    return [row[0] for row in rows]


def newsletter(shop: Shop) -> NewMailing:
    """About 11 kB on the wire: Japanese text and HTML, six links."""
    links = tuple(f"https://shop.bench.example/items/{number}" for number in range(LINKS))
    items = "{{ name }}\n\n" + "".join(f"{_PARAGRAPH}\n{{{{ link{number} }}}}\n\n" for number in range(LINKS))
    marked = "<p>{{ name }}</p>\n" + "".join(  # in lines, as 8bit needs it and people write it
        f'<p>{_PARAGRAPH}</p>\n<p><a href="{{{{ link{number} }}}}">くわしく見る</a></p>\n'
        for number in range(LINKS)
    )
    display = items_of(_SENDER, "お知らせ", "ja")
    return NewMailing(
        kind=MailingKind.CAMPAIGN,
        message_class=MessageClass.ADVERTISING,
        ads=Ads.MAIN,
        promotional=True,
        topic_id=shop.topic_id,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
        subject="今週のお知らせ: 産地から届いた旬の品",
        text=items + footer_text(display, "ja"),
        html=f"<html><body>{marked}{footer_html(display, 'ja')}</body></html>",
        links=links,
        frequency=PROMISE,
    )


def launch(shop: Shop, now: datetime) -> delivery.Planned:
    with db.transaction(shop.workspace_id):
        return delivery.plan(newsletter(shop), Everybody("true", {}), now=now)


def seconds_taken(shop: Shop, mailing_id: int) -> float:
    """From the opening of the first chunk to the end of the last. Raises DidNotEnd."""
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        with db.transaction(shop.workspace_id) as connection:
            row = connection.execute(_TAKEN, [mailing_id, mailing_id]).fetchone()
        if row is not None and row[0] is not None:
            return float(row[0])
        time.sleep(0.25)
    raise DidNotEnd
