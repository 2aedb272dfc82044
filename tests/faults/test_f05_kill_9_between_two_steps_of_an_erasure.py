"""F05: a process dies between each two steps of an erasure. The next one ends it, and certifies it once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from tests.conftest import HOME
from tests.erasure.test_sealing import sent
from tests.people import a_reader, a_shop

from shodaku.consent.domain import Method
from shodaku.contacts.domain import Channel
from shodaku.delivery import selectors as deliveries
from shodaku.delivery.domain import Question
from shodaku.erasure import jobs, selectors, services
from shodaku.erasure import selectors as erasures
from shodaku.kit import clock
from shodaku.ledger import selectors as ledger
from shodaku.ledger import services as ledger_services
from shodaku.ledger import vault
from shodaku.optout import services as optout
from shodaku.optout.domain import OptOut, OptOutScope
from shodaku.policy.domain import Ads, MessageClass, Permit
from shodaku.suppression import selectors as suppressions
from shodaku.suppression import services as suppression

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
KILLED = -signal.SIGKILL
# in another process: the erasure, until the moment after (or in the middle of) the step that is named
PROCESS = """
import os, signal, sys, uuid
from datetime import datetime
from shodaku.config import bind, environment
environment.load()
bind.start_command()
from shodaku.erasure import certificates, keeping, sealing, services
from shodaku.ledger import services as ledger

workspace_id, erasure_id, moment, now = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]

def die(*_arguments, **_named):
    os.kill(os.getpid(), signal.SIGKILL)

def then_die(function):
    def both(*arguments, **named):
        function(*arguments, **named)
        die()
    return both

MOMENTS = {
    "before anything": lambda: setattr(services, "_seal", die),
    "sealing key made": lambda: setattr(ledger, "seal_away", then_die(ledger.seal_away)),
    "sealed": lambda: setattr(services, "_seal", then_die(services._seal)),
    "key gone, not written down": lambda: setattr(ledger, "shred", then_die(ledger.shred)),
    "key destroyed": lambda: setattr(services, "_destroy_key", then_die(services._destroy_key)),
    "purge not committed": lambda: setattr(services, "defer", die),
    "purged": lambda: setattr(services, "_purge", then_die(services._purge)),
    "certificate not committed": lambda: setattr(certificates, "seal_later", die),
    "certified": lambda: setattr(services, "_certify", then_die(services._certify)),
}
MOMENTS[moment]()
services.forget(workspace_id, erasure_id, now=datetime.fromisoformat(now), event_id=uuid.uuid4())
"""
MOMENTS = {
    "before anything": "requested",
    "sealing key made": "requested",
    "sealed": "sealed",
    "key gone, not written down": "sealed",
    "key destroyed": "key_destroyed",
    "purge not committed": "key_destroyed",
    "purged": "purged",
    "certificate not committed": "purged",
    "certified": "certified",
}


def run_and_die(database, shop, erasure_id, moment):
    values = {
        "SHODAKU_HOME": str(HOME),
        "SHODAKU_KEYS": str(HOME / "keys"),
        "SHODAKU_DATABASE_URL": database.application,
        "SHODAKU_OWNER_URL": database.owner,
        "SHODAKU_VAULT_URL": database.vault,
    }
    command = [sys.executable, "-c", PROCESS, str(shop.workspace_id), str(erasure_id), moment]
    died = subprocess.run(
        [*command, NOW.isoformat()], env={**os.environ, **values}, capture_output=True, check=False
    )
    assert died.returncode == KILLED, died.stderr.decode()


def sendable(shop, person):
    """What the gate would say of a notice, which even a refusal lets through."""
    question = Question(
        message_class=MessageClass.TRANSACTIONAL,
        ads=Ads.NONE,
        topic_id=None,
        channel=Channel.EMAIL,
        sender_id=shop.sender_id,
    )
    judged = list(deliveries.verdicts(shop.workspace_id, question, [person], now=NOW))
    return any(isinstance(each.verdict, Permit) for each in judged)


def certificates_of(database, shop):
    with psycopg.connect(database.owner) as owner:
        owner.execute("select set_config('shodaku.workspace', %s, false)", [str(shop.workspace_id)])
        return owner.execute("select count(*) from certificate").fetchone()[0]


@pytest.mark.parametrize("moment", MOMENTS)
def test_killed_at_any_moment_it_is_ended_by_the_next_and_certified_once(database, moment):
    shop, address = a_shop(), f"f05-{uuid.uuid4().hex[:8]}@example.jp"
    person = a_reader(shop, address, at=NOW - timedelta(days=20))
    sent(shop, person)
    order = OptOut(
        workspace_id=shop.workspace_id, contact_id=person, scope=OptOutScope.ERASE, via=Method.PAGE
    )
    receipt = optout.opt_out(order, NOW).number
    path = services.certificate_link(shop.workspace_id, person, receipt)
    erasure_id = selectors.by_receipt(shop.workspace_id, receipt).erasure_id

    run_and_die(database, shop, erasure_id, moment)
    assert selectors.by_receipt(shop.workspace_id, receipt).state == MOMENTS[moment]
    assert not sendable(shop, person)
    pair = suppression.tokens(shop.workspace_id, Channel.EMAIL, address)
    assert suppressions.suppressed(shop.workspace_id, [pair])

    for _ in range(2):  # the next start, and one too many
        services.forget(shop.workspace_id, erasure_id, now=NOW, event_id=uuid.uuid4())
    assert selectors.by_receipt(shop.workspace_id, receipt).state == "certified"
    assert (erasures.remains(shop.workspace_id, person), sendable(shop, person)) == ({}, False)
    assert vault.read(shop.workspace_id, [person]) == {}
    erased = [each for each in ledger.history(shop.workspace_id, 0) if each.kind == "erased"]
    assert (len(erased), certificates_of(database, shop)) == (1, 1)
    assert erased[0].fields["key_id_sha256"], "what was destroyed is named, whoever wrote it down"
    sealings = [each for each in ledger.history(shop.workspace_id, 0) if each.kind == "sealed"]
    assert len(selectors.sealed_of(shop.workspace_id, Channel.EMAIL, address)) == len(sealings) == 1

    ledger_services.sequence_all(shop.workspace_id, now=NOW)
    with clock.standing_at(NOW):
        jobs.certificate(shop.workspace_id, erasure_id)
    from django.test import Client

    with clock.standing_at(NOW):
        assert receipt in Client(HTTP_ACCEPT_LANGUAGE="en").get(path).content.decode()
