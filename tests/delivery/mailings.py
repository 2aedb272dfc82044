"""Mailings, many readers at once, and workers as they are in production."""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import psycopg
import pytest
from tests.delivery import sink as sink_module
from tests.people import SENDER, a_shop

from shodaku.consent.domain import Frequency, Period
from shodaku.contacts.domain import Channel
from shodaku.content.domain import footer_text, items_of
from shodaku.delivery import services as delivery
from shodaku.delivery.domain import MailingKind, NewMailing
from shodaku.kit import db, runtime
from shodaku.policy.domain import Ads, MessageClass

FOOTER = footer_text(items_of(SENDER, "月刊ショップだより", "ja"), "ja")
EVERYBODY = SimpleNamespace(sql="true", parameters={})


def now():
    return datetime.now(UTC)  # noqa: TID251 - a test is an edge


def newsletter(shop, **changes):
    facts = {
        "kind": MailingKind.CAMPAIGN,
        "message_class": MessageClass.ADVERTISING,
        "ads": Ads.MAIN,
        "promotional": True,
        "topic_id": shop.topic_id,
        "channel": Channel.EMAIL,
        "sender_id": shop.sender_id,
        "subject": "新着のお知らせ",
        "text": f"{{{{ name }}}}\n\n冬の新商品です。\n\n{FOOTER}",
        "html": None,
        "frequency": Frequency(4, Period.WEEK),
    }
    return NewMailing(**facts | changes)


def launched(shop, contact_ids, **changes):
    with db.transaction(shop.workspace_id):
        return delivery.plan_list(newsletter(shop, **changes), contact_ids, now=now()).mailing_id


def many_readers(databases, shop, count):
    """Readers by SQL: contact ids, ascending. Their address is <contact_id>@example.jp."""
    statements = (
        """insert into contact (workspace_id, contact_id, family_name, given_name, source, created_at)
           select %(workspace)s, contact_id, '山田', '花子', 'form', now()
           from unnest(%(ids)s::bigint[]) fresh (contact_id)""",
        """insert into address (workspace_id, contact_id, channel, value, key, wire, token, broad_token,
                                created_at)
           select %(workspace)s, contact_id, 'email', a, a, a, sha256((%(workspace)s || a)::bytea),
                  sha256((%(workspace)s || a)::bytea), now()
           from unnest(%(ids)s::bigint[]) fresh (contact_id),
                lateral (select contact_id || '@example.jp' as a) x""",
        """insert into consent (workspace_id, contact_id, topic_id, channel, state, since, confirmed,
                                last_contact_at, entry_id)
           select %(workspace)s, contact_id, %(topic)s, 'email', 'active', now() - interval '1 day', true,
                  now() - interval '1 day', contact_id from unnest(%(ids)s::bigint[]) fresh (contact_id)""",
    )
    with psycopg.connect(databases.application) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        new = "select nextval('contact_id_seq') from generate_series(1, %s)"
        ids = sorted(row[0] for row in connection.execute(new, [count]).fetchall())
        for statement in statements:
            connection.execute(
                statement, {"ids": ids, "workspace": shop.workspace_id, "topic": shop.topic_id}
            )
    return ids


def refuse(databases, shop, contact_ids):
    with psycopg.connect(databases.application) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        connection.execute(
            """insert into refusal (workspace_id, contact_id, scope, at, via, event_id)
               select %s, c, 'all', now(), 'page', gen_random_uuid() from unnest(%s::bigint[]) c""",
            [shop.workspace_id, contact_ids],
        )


def analyse(databases):
    with psycopg.connect(databases.owner, autocommit=True) as owner:
        for table in ("contact", "address", "consent", "suppression", "refusal", "delivery"):
            owner.execute(f"analyze {table}")


def a_shop_after_the_last_analysis(databases, count, *, refusing):
    """A shop and its people: as after its first import, the planner knows of other shops alone."""
    for _ in range(20):
        other = a_shop()
        refuse(databases, other, many_readers(databases, other, 30))
    analyse(databases)
    shop = a_shop()
    people = many_readers(databases, shop, count)
    refuse(databases, shop, people[:refusing])
    return shop, people


def rows(databases, shop, statement, **values):
    with psycopg.connect(databases.application) as connection:
        connection.execute(db.set_local(db.Setting.WORKSPACE, shop.workspace_id))
        return connection.execute(statement, {"workspace": shop.workspace_id, **values}).fetchall()


def outcomes(databases, shop, mailing_id):
    """contact -> (outcome, reason, evidence)"""
    found = rows(
        databases,
        shop,
        "select contact_id, outcome, reason, evidence_id from delivery where mailing_id = %(mailing)s",
        mailing=mailing_id,
    )
    return {row[0]: row[1:] for row in found}


def wait_until(condition, seconds=120.0):
    """A condition with a limit, never a sleep that decides."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > until:
            pytest.fail(f"not reached within {seconds} seconds")
        time.sleep(0.02)
    return found


def send_now(databases, shop, mailing_id, port, *, home, during=None, depth=0, **settings):
    """Send every planned chunk of a mailing once, in this process, by the worker's own code."""
    from shodaku.delivery.chunks import ChunkKey
    from shodaku.delivery.worker import Worker

    os.environ["SHODAKU_SMTP_URL"] = f"smtp://127.0.0.1:{port}?tls=none&connections=4&depth={depth}"

    async def main():
        here = runtime.current()
        there = runtime.Runtime(home, here.keys, here.public_url, databases.application, "")
        worker = Worker(there, **settings)
        listening = asyncio.create_task(worker.listen())
        try:
            chunks = rows(
                databases,
                shop,
                "select no from chunk where mailing_id = %(mailing)s and state = 'planned' order by no",
                mailing=mailing_id,
            )
            sending = [worker.send_chunk(ChunkKey(shop.workspace_id, mailing_id, no)) for (no,) in chunks]
            others = [during(worker)] if during else []
            await asyncio.gather(*sending, *others)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await worker.close()

    asyncio.run(main())


@contextmanager
def worker_process(
    databases,
    home,
    port=1,
    *,
    plane="send",
    module="shodaku.config.worker",
    words=(),
    stderr=subprocess.DEVNULL,
):
    """`shodaku worker --plane send` (or chore) as it runs in production."""
    here = runtime.current()
    environment = {
        **os.environ,
        "SHODAKU_HOME": str(home),
        "SHODAKU_KEYS": str(here.keys),
        "SHODAKU_PUBLIC_URL": here.public_url,
        "SHODAKU_DATABASE_URL": databases.application,
        "SHODAKU_VAULT_URL": databases.vault,
        "SHODAKU_SMTP_URL": f"smtp://127.0.0.1:{port}?tls=none&connections=4",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--plane", plane, *words],
        env=environment,
        stderr=stderr,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def sink_process(folder, seconds=0.001):
    """A server that outlives the workers: its port, and its log, which is the truth about what arrived."""
    port_file, log_file = folder / "port", folder / "arrived"
    log_file.touch()
    command = [sys.executable, Path(sink_module.__file__), port_file, log_file, str(seconds)]
    process = subprocess.Popen(command)
    try:
        wait_until(port_file.exists)
        yield int(port_file.read_text()), log_file
    finally:
        process.terminate()
        process.wait()


def in_order(log_file, people):
    """Those of them who got something, as it arrived; a worker sends for other shops of this database too."""
    ours = {f"{contact_id}@example.jp": contact_id for contact_id in people}
    recipients = (line.partition(" ")[0] for line in log_file.read_text().splitlines())
    return [ours[each] for each in recipients if each in ours]


def arrived(log_file, people):
    """How often each of them got it."""
    return Counter(in_order(log_file, people))
