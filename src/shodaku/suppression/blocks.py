"""Addresses that share a form are kept out together: `*@example.jp`, `*-old@*.example.jp`.

A block marks what is there and, by a trigger, whatever comes; the gate looks at marks alone. Lifting a block
takes away what it marked, and nobody's own no.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts.domain import Role
from shodaku.kit import db, log
from shodaku.kit.errors import WrongUse
from shodaku.kit.ids import uuid7
from shodaku.ledger import services as ledger
from shodaku.ledger.domain import Value
from shodaku.suppression.domain import BlockFault, Form, matches, parse_block
from shodaku.suppression.peppering import alone

BLOCKED: Final = "admin.suppression.blocked"  # kinds of ledger entries
UNBLOCKED: Final = "admin.suppression.unblocked"
BLOCKS_MAX: Final = 1_000  # of a workspace: each new address is held against all of them
REASON_CHARACTERS_MAX: Final = 200

_sql = db.Statements("shodaku.suppression")


class NotABlock(WrongUse):
    """A block is a domain such as *@example.jp, or a form of addresses with one @ and at most 4 stars."""

    code = "not_a_block"


class BlockThere(WrongUse):
    """What is to be blocked is blocked already."""

    code = "block_there"


class NoSuchBlock(WrongUse):
    """There is no such block."""

    code = "no_such_block"


class OwnersOnly(WrongUse):
    """Only an owner may lift a block."""

    code = "owners_only"


class TooManyBlocks(WrongUse):
    """A workspace has at most 1,000 blocks."""

    code = "too_many_blocks"


class ReasonTooLong(WrongUse):
    """The reason may have 200 characters at most."""

    code = "block_reason_too_long"


@dataclass(frozen=True, slots=True)
class Block:
    block_no: int
    kind: str
    value: str
    reason: str
    at: datetime
    by: str

    @property
    def shown(self) -> str:
        return f"*@{self.value}" if self.kind == "domain" else self.value

    @property
    def form(self) -> Form:
        return Form(self.kind, self.value)


def block(workspace_id: int, text: str, *, reason: str = "", by: str, now: datetime) -> Block:
    """Nothing to such an address begins to leave after this, and none comes in.

    Raises NotABlock, BlockThere, TooManyBlocks, ReasonTooLong, VaultAway.
    """
    try:
        form = parse_block(text)
    except BlockFault as fault:
        raise NotABlock(hint=str(fault)) from None
    if len(reason) > REASON_CHARACTERS_MAX:
        raise ReasonTooLong
    made = alone(workspace_id, lambda: _block(workspace_id, form, reason, by, now))
    with db.transaction(workspace_id):  # whoever was just being sent to when the marks came is waited for
        _sql.scalars("lock_blocked_contacts", kind=form.kind, value=form.value)
    log.info("suppression.blocked", workspace=workspace_id, block=made.block_no)
    return made


def _block(workspace_id: int, form: Form, reason: str, by: str, now: datetime) -> Block:
    """Whoever was just bringing an address in came before us; whoever comes after sees the block."""
    if len(_all()) >= BLOCKS_MAX:
        raise TooManyBlocks
    number = _sql.scalar("insert_block", kind=form.kind, value=form.value, reason=reason, by=by, now=now)
    if number is None:
        raise BlockThere(hint=form.value)
    made = Block(number, form.kind, form.value, reason, now, by)
    marked = _sql.run("mark_blocked", kind=form.kind, value=form.value, block_no=number, now=now)
    _record(workspace_id, BLOCKED, made, {"by": by, "marked": marked, "reason": reason}, now)
    return made


def unblock(workspace_id: int, block_no: int, *, by: str, role: Role, now: datetime) -> int:
    """What this block alone kept out may come again; how many marks went. A no of a person stays.

    Raises OwnersOnly, NoSuchBlock, VaultAway.
    """
    if role is not Role.OWNER:
        raise OwnersOnly
    gone = alone(workspace_id, lambda: _unblock(workspace_id, block_no, by, now))
    log.info("suppression.unblocked", workspace=workspace_id, block=block_no, marks=gone)
    return gone


def _unblock(workspace_id: int, block_no: int, by: str, now: datetime) -> int:
    found = next((each for each in _all() if each.block_no == block_no), None)
    if found is None:
        raise NoSuchBlock
    _sql.run("delete_block", block_no=block_no)
    gone = _sql.run("delete_marks_of_block", block_no=block_no)
    _record(workspace_id, UNBLOCKED, found, {"by": by, "marks": gone}, now)
    return gone


def blocks(workspace_id: int) -> list[Block]:
    """Newest first."""
    with db.transaction(workspace_id):
        return _all()


def blocked(workspace_id: int, addresses: Sequence[str]) -> set[str]:
    """Which of these e-mail addresses a block keeps out. Spelling does not matter."""
    forms = [each.form for each in blocks(workspace_id)]
    if not forms:
        return set()
    return {address for address in addresses if any(matches(form, address) for form in forms)}


def _all() -> list[Block]:
    return _sql.rows("list_blocks", Block)


def _record(workspace_id: int, kind: str, what: Block, said: dict[str, Value], now: datetime) -> None:
    """A domain is no person; a pattern with a local part may be one, so the entry names the domain alone."""
    fields: dict[str, Value] = {"block": what.block_no, "domain": what.value.rpartition("@")[2], **said}
    ledger.record_act(workspace_id, kind, fields, event_id=uuid7(now, os.urandom(10)), now=now)
