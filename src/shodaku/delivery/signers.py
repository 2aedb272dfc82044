"""Who signs for a domain, for a worker: read every few seconds, opened once, told when it cannot be."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from shodaku.delivery import store
from shodaku.delivery.dkim import Signer
from shodaku.delivery.signing import SigningKeyClosed, WrappedKey, signer_of
from shodaku.delivery.store import Connection
from shodaku.kit import log
from shodaku.kit.runtime import Runtime

KEPT_SECONDS: Final = 5.0  # a key that was ended signs no longer than that
DOMAINS_MAX: Final = 1_024


class _Held(NamedTuple):
    read_at: float  # on the monotonic clock
    keys: tuple[tuple[int, bytes], ...]  # number and wrapped key of each
    signer: Signer | None


class Signers:
    def __init__(self, here: Runtime, now: Callable[[], float] = time.monotonic) -> None:
        self._here, self._now = here, now
        self._held: dict[tuple[int, str], _Held] = {}

    async def of(self, connection: Connection, workspace_id: int, domain: str) -> Signer | None:
        """None: the domain has no key that signs, and signing is the relay's.

        In a transaction of its own. Raises SigningKeyClosed: then no mail of the domain may leave, and the
        row of the key says why.
        """
        name = (workspace_id, domain)
        held = self._held.get(name)
        if held is not None and self._now() - held.read_at < KEPT_SECONDS:
            return held.signer
        async with store.transaction(connection, workspace_id):
            rows = await _read(connection, workspace_id, domain)
        keys = tuple((each.key_id, each.wrapped) for each in rows)
        if held is None or held.keys != keys:
            self._held.pop(name, None)
            held = _Held(0.0, keys, await self._opened(connection, workspace_id, rows))
        while len(self._held) >= DOMAINS_MAX:
            self._held.pop(next(iter(self._held)))
        self._held[name] = held._replace(read_at=self._now())
        return held.signer

    async def _opened(
        self, connection: Connection, workspace_id: int, rows: Sequence[WrappedKey]
    ) -> Signer | None:
        try:
            # a key service may take its time, and letters of others are on their way meanwhile
            signer = await asyncio.to_thread(signer_of, self._here, workspace_id, rows)
        except SigningKeyClosed as closed:
            log.info("dkim_key.closed", workspace=workspace_id, key=closed.key_id)
            await _tell(connection, workspace_id, rows, {closed.key_id: closed.sentence})
            raise
        await _tell(connection, workspace_id, rows, {})
        return signer


async def _read(connection: Connection, workspace_id: int, domain: str) -> list[WrappedKey]:
    values = {"workspace_id": workspace_id, "domain": domain}
    rows = await (await store.run(connection, "list_wrapped_dkim_keys", values)).fetchall()
    return [WrappedKey(*row) for row in rows]


async def _tell(
    connection: Connection, workspace_id: int, rows: Sequence[WrappedKey], faults: Mapping[int, str]
) -> None:
    """The doctor and the list of domains show it; written when it changes."""
    changed = [each for each in rows if each.fault != faults.get(each.key_id, "")]
    if not changed:
        return
    async with store.transaction(connection, workspace_id):
        for each in changed:
            values = {
                "workspace_id": workspace_id, "key_id": each.key_id, "fault": faults.get(each.key_id, ""),
            }  # fmt: skip
            await store.run(connection, "update_dkim_fault", values)
