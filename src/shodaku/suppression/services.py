"""Record and lift a no. Lifting is reserved for the person's own confirmed sign-up (signup.services)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shodaku.contacts.domain import Channel
from shodaku.kit import db, runtime
from shodaku.kit.errors import OutOfReach
from shodaku.kit.keys import KeyPurpose
from shodaku.suppression import domain
from shodaku.suppression.domain import NORM, Scope, Strength, Tokens

_sql = db.Statements("shodaku.suppression")


class PepperRotated(OutOfReach):
    """A second pepper file exists, which is not supported yet; restore the single pepper file."""

    code = "pepper_rotated"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRefusal:
    contact_id: int
    scope: Scope
    at: datetime
    via: str
    event_id: UUID
    topic_id: int | None = None
    until: datetime | None = None
    entry_id: int | None = None


def pepper() -> bytes:
    """The one pepper. Marks made under another one would not be found, and whoever they protect would be
    written to: so nothing is looked up or made while there are two. Raises PepperRotated.
    """
    ring = runtime.current().ring(KeyPurpose.PEPPER)
    if len(ring.epochs) > 1:
        raise PepperRotated(hint=", ".join(f"{KeyPurpose.PEPPER}.{epoch}" for epoch in ring.epochs))
    return ring.newest


def tokens(workspace_id: int, channel: Channel, address: str) -> Tokens:
    """Keyed tokens of an address; the pepper never enters the database. Raises PepperRotated."""
    return tokens_many(workspace_id, channel, [address])[0]


def tokens_many(workspace_id: int, channel: Channel, addresses: Sequence[str]) -> list[Tokens]:
    """As `tokens`, for a list, in its order. Raises PepperRotated."""
    key = pepper()
    return [domain.tokens(key, str(workspace_id), channel, address) for address in addresses]


def refuse(refusal: NewRefusal) -> None:
    """The person's no, in the open transaction and under the contact's lock."""
    _sql.run("insert_refusal", **{name: getattr(refusal, name) for name in NewRefusal.__slots__})


def suppress(pairs: Sequence[Tokens], reason: str, *, now: datetime) -> int:
    """Never contact these addresses again; how many tokens are new. Repeating is harmless.

    Of an opt-out that erases too, so it never asks how many peppers there are: the tokens exist, and were
    made while there was one, which is the oldest.
    """
    epoch = min(runtime.current().ring(KeyPurpose.PEPPER).epochs)
    strict = [(pair.strict, Strength.STRICT.value) for pair in pairs]
    broad = [(pair.broad, Strength.BROAD.value) for pair in pairs if pair.broad != pair.strict]
    return _sql.run(
        "insert_suppressions",
        tokens=[token for token, _ in strict + broad],
        strengths=[strength for _, strength in strict + broad],
        norm=NORM,
        epoch=epoch,
        reason=reason,
        now=now,
    )


def lift(pair: Tokens) -> int:
    """The person opted in again and confirmed it: the only caller is signup.services.confirm_signup (promise
    7).
    """
    return _sql.run("delete_suppressions", tokens=[pair.strict, pair.broad])


def attach(entries: Mapping[UUID, int]) -> None:
    """Entries that had waited for the vault got their numbers."""
    _sql.run_many(
        "update_entry",
        [{"workspace_id": db.workspace(), "event_id": e, "entry_id": n} for e, n in entries.items()],
    )


def forget(contact_id: int) -> dict[str, int]:
    """Refusals belong to the person and go; tokens stay, for they are what keeps the promise."""
    return {"refusal": _sql.run("delete_refusals", contact_id=contact_id)}
