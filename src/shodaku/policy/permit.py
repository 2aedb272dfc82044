"""The proof that a message may leave. It stands apart from `decision`, which alone makes one: mypyc, which
compiles the send path, takes no class that is a tuple.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final, NamedTuple, Self

from shodaku.contacts.domain import Channel
from shodaku.policy.reasons import Reason

_MINT: Final = object()  # only `decision` takes it from here (tests/laws/test_no_message_without_permit.py)


class _Permitted(NamedTuple):
    contact_id: int
    channel: Channel
    reason: Reason
    decided_at: datetime
    evidence_id: int | None  # ledger entry of the consent that allowed it, or of the request it answers
    without_ads: bool
    without_tracking: bool


class Permit(_Permitted):
    """Proof that `decide` said yes, for one contact on one channel; transports accept nothing else.

    What it names besides is a duty: only the form without advertising, or without tracking, may leave.
    A tuple, for it is made once a message: a frozen dataclass costs 1.0 us more (`shodaku bench decide`).
    """

    __slots__ = ()

    def __new__(cls, mint: object, *permitted: Any) -> Self:  # noqa: ANN401 - the fields above, in their order
        if mint is not _MINT:
            raise TypeError("only policy.domain.decide makes a Permit")
        return super().__new__(cls, *permitted)

    @classmethod
    def _make(cls, iterable: Iterable[Any]) -> Self:  # type: ignore[override]  # noqa: ARG003 - generic there
        raise TypeError("only policy.domain.decide makes a Permit")

    def _replace(self, **kwargs: Any) -> Self:  # noqa: ANN401, ARG002 - as above
        raise TypeError("only policy.domain.decide makes a Permit")
