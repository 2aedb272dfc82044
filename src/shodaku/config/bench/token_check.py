"""What the never-contact list costs an import: form, both tokens and the look-up, in one process."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final
from uuid import uuid4

from shodaku.accounts import services as accounts
from shodaku.config.bench import machine
from shodaku.contacts.domain import Channel
from shodaku.kit import clock, db
from shodaku.suppression import selectors, services

ROWS: Final = 1_000_000
MARKS: Final = 100_000
SLICE_ROWS: Final = 5_000  # as an import reads them
_DOMAINS: Final = ("gmail.com", "docomo.ne.jp", "yahoo.co.jp", "ezweb.ne.jp", "softbank.ne.jp", "Example.JP")


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: rows, marks."""
    rows, marks = int(str(options.get("rows", ROWS))), int(str(options.get("marks", MARKS)))
    now = clock.now() - timedelta(days=1)
    slug = f"bench-{uuid4().hex[:12]}"
    workspace_id = accounts.create_workspace(slug, slug, now=now, second_factor_required=False).workspace_id
    with services.silently():  # no line of the erasure journal speaks of people who never were
        for first in range(0, marks, SLICE_ROWS):
            with db.transaction(workspace_id):
                pairs = services.tokens_many(
                    workspace_id, Channel.EMAIL, _addresses(first, min(SLICE_ROWS, marks - first))
                )
                services.suppress(pairs, "erased", now=now)
    start, found = time.perf_counter(), 0
    for first in range(0, rows, SLICE_ROWS):
        addresses = _addresses(first, min(SLICE_ROWS, rows - first))
        with db.transaction(workspace_id):
            pairs = services.tokens_many(workspace_id, Channel.EMAIL, addresses)
            found += len(selectors.suppressed(workspace_id, pairs))
    seconds = time.perf_counter() - start
    per_million = [seconds / rows * 1_000_000]
    yield machine.line("optout", "token_check", "s per million", per_million, rows, marks=marks, found=found)


def _addresses(first: int, count: int) -> list[str]:
    """Of the kinds that a Japanese list has: most plain, some with a tag or dots."""
    return [
        f"{'Taro' if n % 5 else 'ta.ro'}.{n}{'+shop' if n % 20 == 0 else ''}@{_DOMAINS[n % len(_DOMAINS)]}"
        for n in range(first, first + count)
    ]
