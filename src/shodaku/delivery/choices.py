"""By which rules the gate decides in a workspace: pack, stricter values, exemptions, a release of a topic.

Each choice is an entry of the ledger, with the person and the reason. Doors: `delivery.services`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from psycopg.types.json import Jsonb

from shodaku.delivery.domain import Exemption, write_tightening
from shodaku.kit import db
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Kind, Value
from shodaku.policy.domain import NEWEST_IN_FORCE, Pack, PackUnknown, TighteningFault, pack, tighten

REASON_CHARACTERS_MAX: Final = 1000

_sql = db.Statements("shodaku.delivery")


class NoPack(WrongUse):
    """There is no rule pack of this version."""

    code = "no_pack"


class Loosens(WrongUse):
    """A rule pack can only be tightened, in parameters that it has."""

    code = "loosens"


class NoReason(WrongUse):
    """Say why, in at most 1,000 characters: it goes into the ledger."""

    code = "no_reason"


@dataclass(frozen=True, slots=True)
class RuleChoice:
    pack: str
    tightened: Mapping[str, Any]  # Any: JSON
    home_country: str | None
    chosen_at: datetime | None  # None: nobody chose, so the newest pack in force holds
    entry_id: int | None

    @property
    def rules(self) -> Pack:
        return tighten(pack(self.pack), dict(self.tightened)) if self.tightened else pack(self.pack)

    def home(self, locale: str) -> str | None:
        """What nobody chose follows the language of the workspace, as at the gate."""
        if self.chosen_at is not None:
            return self.home_country
        return "JP" if locale == "ja" else None


@dataclass(frozen=True, slots=True)
class SwitchedOn:
    sender_id: int
    name: str
    since: datetime
    entry_id: int


@dataclass(frozen=True, slots=True)
class ComplaintLevel:
    topic_id: int
    rate: float
    measured_at: datetime
    released_at: datetime | None


def choose_rules(
    workspace_id: int,
    version: str,
    tightened: Mapping[str, object],
    home_country: str | None,
    *,
    by: str,
    now: datetime,
) -> int:
    """From here on the gate decides by this; its ledger entry. Raises NoPack, Loosens, VaultAway."""
    check_rules(version, tightened)
    fields: dict[str, Value] = {
        "by": by,
        "pack": version,
        "tightened": write_tightening(tightened).splitlines(),  # a key with a dot is no name of a field
        "home_country": home_country or "unknown",
    }
    with db.transaction(workspace_id):
        entry_id = _record(workspace_id, Kind.POLICY, fields, now)
        _sql.run(
            "upsert_rule_choice",
            pack=version,
            tightened=Jsonb(dict(tightened)),
            home_country=home_country,
            entry_id=entry_id,
            now=now,
        )
        return entry_id


def check_rules(version: str, tightened: Mapping[str, object]) -> Pack:
    """The pack with these stricter values. Raises NoPack, Loosens with the key at fault as hint."""
    try:
        return tighten(pack(version), dict(tightened)) if tightened else pack(version)
    except PackUnknown as fault:
        raise NoPack(hint=version) from fault
    except TighteningFault as fault:
        raise Loosens(f"{fault.key}: {fault.en} {fault.ja}") from fault


def rule_choice(workspace_id: int) -> RuleChoice:
    with db.transaction(workspace_id):
        found = _sql.row("get_rule_choice", RuleChoice)
    return found or RuleChoice(NEWEST_IN_FORCE, {}, None, None, None)


def switch_exemption(
    workspace_id: int,
    sender_id: int,
    exemption: Exemption,
    *,
    on: bool,
    reason: str,
    by: str,
    now: datetime,
) -> int:
    """Such mail brings complaints even where it is lawful: turning it on needs a person and a reason.

    Its ledger entry. Raises NoReason, VaultAway.
    """
    if not 1 <= len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise NoReason
    fields: dict[str, Value] = {
        "by": by,
        "sender_id": sender_id,
        "exemption": exemption.value,
        "on": on,
        "reason": reason.strip(),
    }
    with db.transaction(workspace_id):
        entry_id = _record(workspace_id, Kind.EXEMPTION, fields, now)
        statement = "insert_exemption" if on else "delete_exemption"
        _sql.run(statement, sender_id=sender_id, name=exemption, entry_id=entry_id, now=now)
        return entry_id


def exemptions(workspace_id: int) -> list[SwitchedOn]:
    with db.transaction(workspace_id):
        return _sql.rows("list_exemptions", SwitchedOn)


def note_complaints(workspace_id: int, topic_id: int, rate: float, *, now: datetime) -> None:
    """Spam reports per accepted mail of a topic; a release ends when the rate is back below the stop."""
    stop_above = rule_choice(workspace_id).rules.complaint_rate_max
    with db.transaction(workspace_id):
        _sql.run("upsert_complaint_level", topic_id=topic_id, rate=rate, stop_above=stop_above, now=now)


def measure_complaints(workspace_id: int, *, now: datetime) -> int:
    """Count the reports of the last 30 days, per topic; how many topics there are."""
    with db.transaction(workspace_id):
        measured = _sql.rows("measure_complaints", _Measured, now=now)
    for each in measured:
        note_complaints(workspace_id, each.topic_id, each.rate, now=now)
    return len(measured)


def note_domain(workspace_id: int, name: str, *, dmarc_aligned: bool, now: datetime) -> None:
    """What DNS says about a sending domain (RFC 9989): without alignment no advertising leaves from it."""
    with db.transaction(workspace_id):
        _sql.run("upsert_mail_domain", name=name, dmarc="aligned" if dmarc_aligned else "none", now=now)


def release_topic(workspace_id: int, topic_id: int, *, reason: str, by: str, now: datetime) -> bool:
    """Somebody looked at the complaints and lets the topic go on. False: nothing held it.

    Raises NoReason, VaultAway.
    """
    if not 1 <= len(reason.strip()) <= REASON_CHARACTERS_MAX:
        raise NoReason
    fields: dict[str, Value] = {"by": by, "topic_id": topic_id, "reason": reason.strip()}
    with db.transaction(workspace_id):
        if _sql.scalar("lock_complaint_level", topic_id=topic_id) is None:
            return False
        entry_id = _record(workspace_id, "admin.topic.released", fields, now)
        _sql.run("release_topic", topic_id=topic_id, entry_id=entry_id, now=now)
        return True


def complaint_levels(workspace_id: int) -> list[ComplaintLevel]:
    """Highest first."""
    with db.transaction(workspace_id):
        return _sql.rows("list_complaint_levels", ComplaintLevel)


def _record(workspace_id: int, kind: str, fields: Mapping[str, Value], now: datetime) -> int:
    return ledger.record_act(workspace_id, kind, fields, event_id=uuid7(now, os.urandom(10)), now=now)


@dataclass(frozen=True, slots=True)
class _Measured:
    topic_id: int
    rate: float
