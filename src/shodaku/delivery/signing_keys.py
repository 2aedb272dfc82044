"""DKIM keys of the domains that a workspace sends from: made, begun, replaced, ended.

Each of that is an entry of the ledger. No private part leaves this module but wrapped. Doors: `services`,
`selectors`.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts import selectors as accounts
from shodaku.delivery import key_states, signing
from shodaku.delivery.dkim import Algorithm, make_key
from shodaku.delivery.key_states import Change, DkimKey, KeyState
from shodaku.delivery.signing import SigningKeyClosed, WrappedKey
from shodaku.kit import db, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value

MADE: Final = "admin.dkim.made"  # kinds of ledger entries
BEGUN: Final = "admin.dkim.active"
ENDED: Final = "admin.dkim.ended"

_sql = db.Statements("shodaku.delivery")


class UnknownDomain(WrongUse):
    """No sender of this workspace sends from this domain."""

    code = "unknown_domain"


class UnknownKey(WrongUse):
    """The domain has no DKIM key of this selector that has not ended."""

    code = "unknown_dkim_key"


class KeysWaiting(WrongUse):
    """The domain has new DKIM keys already; publish their records, or end them."""

    code = "dkim_keys_waiting"


@dataclass(frozen=True, slots=True)
class Closed:
    """A key that this machine cannot open, and what helps."""

    domain: str
    selector: str
    sentence: str


def domains(workspace_id: int) -> list[str]:
    """Domains that the workspace's senders send from, each once, in order."""
    return sorted({each.mail_domain for each in accounts.senders(workspace_id)})


def dkim_keys(workspace_id: int, domain: str | None = None) -> list[DkimKey]:
    """Of one domain or of all, by domain, newest generation first; ended ones too."""
    with db.transaction(workspace_id):
        return _sql.rows("list_dkim_keys", DkimKey, domain=domain)


def closed_keys(workspace_id: int) -> list[Closed]:
    """Keys that have not ended and that this machine cannot open: where it sends, their mail is held back."""
    with db.transaction(workspace_id):
        found = _sql.rows("list_open_dkim_keys", WrappedKey)
    return [
        Closed(each.domain, each.selector, sentence)
        for each in found
        if (sentence := _trouble(workspace_id, each))
    ]


def make_dkim_keys(
    workspace_id: int, domain: str, algorithms: Sequence[Algorithm], *, by: str, now: datetime
) -> list[DkimKey]:
    """A new generation that waits until DNS shows it, one key for each algorithm (1 or 2); those keys.

    About 0.1 s for RSA. Raises UnknownDomain, KeysWaiting, VaultAway and what `signing.wrap` raises.
    """
    if domain not in domains(workspace_id):
        raise UnknownDomain(hint=", ".join(domains(workspace_id)))
    chance, here = os.urandom(8), runtime.current()
    made = []
    for algorithm in dict.fromkeys(algorithms):
        name = key_states.selector(now, chance, algorithm)
        secret, public = make_key(algorithm)
        wrapped, epoch = signing.wrap(here, secret, workspace_id, domain, name)
        made.append(
            {"selector": name, "algorithm": algorithm, "public": public, "wrapped": wrapped, "epoch": epoch}
        )
    with db.transaction(workspace_id):
        _sql.scalar("lock_dkim_keys")
        there = dkim_keys(workspace_id, domain)
        if any(each.state is KeyState.WAITING for each in there):
            raise KeysWaiting
        generation = max((each.generation for each in there), default=0) + 1
        for each in made:
            _sql.run("insert_dkim_key", domain=domain, generation=generation, now=now, **each)
        new = [each for each in dkim_keys(workspace_id, domain) if each.generation == generation]
        _record(workspace_id, MADE, new, by, now)
        return new


def settle_dkim_keys(
    workspace_id: int, domain: str, shown: Collection[str], *, by: str, now: datetime
) -> Change:
    """After a look at DNS: `shown` are the selectors whose records are there, and right. Raises VaultAway."""
    with db.transaction(workspace_id):
        _sql.scalar("lock_dkim_keys")
        keys = dkim_keys(workspace_id, domain)
        due = key_states.change(keys, shown, now)
        if not due:
            return due
        _sql.run("replace_dkim_keys", key_ids=list(due.replace), now=now)
        _sql.run("activate_dkim_keys", key_ids=list(due.begin), now=now)
        _sql.run("end_dkim_keys", key_ids=list(due.end), now=now)
        if due.begin:
            _record(workspace_id, BEGUN, [each for each in keys if each.key_id in due.begin], by, now)
        if due.end:
            _record(workspace_id, ENDED, [each for each in keys if each.key_id in due.end], by, now)
        return due


def end_dkim_key(workspace_id: int, domain: str, selector: str, *, by: str, now: datetime) -> DkimKey:
    """At once, whatever its state: its private part is gone. As it was before.

    Mails that wait with its signature at a server on the way verify no more when its record goes. Workers
    know within 5 s. If none is left, the domain is signed by its relay again. Raises UnknownKey, VaultAway.
    """
    with db.transaction(workspace_id):
        _sql.scalar("lock_dkim_keys")
        live = [each for each in dkim_keys(workspace_id, domain) if each.state is not KeyState.ENDED]
        found = next((each for each in live if each.selector == selector), None)
        if found is None:
            raise UnknownKey(hint=", ".join(each.selector for each in live))
        _sql.run("end_dkim_keys", key_ids=[found.key_id], now=now)
        _record(workspace_id, ENDED, [found], by, now)
        return found


def _trouble(workspace_id: int, key: WrappedKey) -> str:
    try:
        signing.opened(runtime.current(), workspace_id, key)
    except SigningKeyClosed as closed:
        return closed.sentence
    return key.fault  # of a worker on another machine


def _record(workspace_id: int, kind: str, keys: Sequence[DkimKey], by: str, now: datetime) -> None:
    fields: Mapping[str, Value] = {
        "by": by,
        "domain": keys[0].domain,
        "selectors": [each.selector for each in keys],
    }
    ledger.record_act(workspace_id, kind, fields, event_id=uuid7(now, os.urandom(10)), now=now)
