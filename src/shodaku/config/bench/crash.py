"""Workers are killed in the middle: who gets a message twice, who none, and of how many nobody knows.

The receiver counts what arrived whole; the rows of `delivery` say what the product believes.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from shodaku.config.bench import machine, sample, send, sink
from shodaku.kit import clock, db

MESSAGES: Final = 40_000
KILLS: Final = 12
_WAIT_SECONDS_MAX: Final = 300.0
_OUTCOMES: Final = """
    select contact_id, outcome from delivery where workspace_id = %s and mailing_id = %s
"""


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages, kills, owner_url. Raises DidNotEnd."""
    messages, kills = int(str(options.get("messages", MESSAGES))), int(str(options.get("kills", KILLS)))
    shop = sample.fill(str(options["owner_url"]), messages, clock.now())
    people = sample.people(shop)
    kept: Counter[int] = Counter()
    with sink.receiver({}, kept) as port:
        mailing_id = _sent_with_kills(shop, port, kept, messages, kills)
    believed = _believed(shop, mailing_id)
    accepted = {contact_id for contact_id, outcome in believed.items() if outcome == "accepted"}
    uncertain = sum(outcome == "uncertain" for outcome in believed.values())
    found = {
        "twice": sum(count > 1 for count in kept.values()),
        "lost": len([each for each in people if each not in believed]),
        "untrue": len(accepted - kept.keys()),  # called accepted, and never arrived
        "uncertain_per_kill": uncertain / max(1, kills),
    }
    for case, value in found.items():
        more = {"kills": kills, "arrived": len(kept), "connections": send.CONNECTIONS}
        yield machine.line("crash", case, "messages", [value], messages, **more)


def _sent_with_kills(shop: sample.Shop, port: int, kept: Counter[int], messages: int, kills: int) -> int:
    """A worker after the other on one disk; each is killed after its share, the last one ends."""
    planned = sample.launch(shop, clock.now())
    with tempfile.TemporaryDirectory() as home:
        environment = send.environment(home, port)
        for number in range(1, kills + 1):
            with machine.send_worker(environment) as worker:
                _wait(kept, number * messages // (kills + 1))
                worker.kill()
                worker.wait()
        with machine.send_worker(environment):
            sample.seconds_taken(shop, planned.mailing_id)
    return planned.mailing_id


def _wait(kept: Counter[int], messages: int) -> None:
    """Raises DidNotEnd."""
    until = time.monotonic() + _WAIT_SECONDS_MAX
    while len(kept) < messages:
        if time.monotonic() > until:
            raise sample.DidNotEnd
        time.sleep(0.01)


def _believed(shop: sample.Shop, mailing_id: int) -> dict[int, str]:
    with db.transaction(shop.workspace_id) as connection:
        rows = connection.execute(_OUTCOMES, [shop.workspace_id, mailing_id]).fetchall()
    return dict(rows)
