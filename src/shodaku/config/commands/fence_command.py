"""`shodaku fence [status]`, `shodaku fence open --reason TEXT`: is sending shut, and why."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from shodaku.config import standing
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock

if TYPE_CHECKING:
    from shodaku.backups.services import Reopened

_WORDS = {
    "restored": "the database comes from a backup, and was not told everything that was said since",
    "behind": "the database lacks lines of the journal, or heads of its ledgers that were signed",
    "copied": "another installation may be running on the same data",
    "keys": "the pepper is wrong or missing: nobody on the never-contact list would be recognised",
}


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", nargs="?", choices=("status", "open"), default="status")
    parser.add_argument("--reason", default="", help="open: why; it stays in each ledger")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    with standing.databases():
        return _open(options) if options.verb == "open" else _status(options)


def _status(options: argparse.Namespace) -> int:
    """Exit status 1 while it is shut."""
    from shodaku.backups import selectors as backups  # noqa: PLC0415 - Django is set up by run
    from shodaku.suppression import selectors  # noqa: PLC0415

    fence, place = selectors.fence(), backups.place_of(clock.now())
    if options.json:
        as_json(
            {"state": fence.state, "epoch": fence.epoch, "reasons": fence.reason.split(), "host": place.host}
        )
        return 0 if fence.state == "open" else 1
    say(f"{fence.state}, epoch {fence.epoch}, host {place.host}")
    _explain(fence.reason.split())
    if place.signs:
        say(f"  {place.signs.sentence}")
    return 0 if fence.state == "open" else 1


def _explain(reasons: Sequence[str]) -> None:
    for reason in reasons:
        say(f"  {reason}: {_WORDS.get(reason, '')}")
    if "copied" in reasons:
        say("  Stop the other one. Then: shodaku fence open --reason TEXT")


def _open(options: argparse.Namespace) -> int:
    from shodaku.backups import services  # noqa: PLC0415 - Django is set up by run

    outcome = services.open_by_hand(options.reason, by="command line", now=clock.now())
    tell(outcome)
    return 0 if outcome.open else 1


def tell(outcome: Reopened) -> None:
    done = outcome.replayed
    if done.lines:
        say(f"Told from the journal: {done.lines} lines, {done.refused} refusals, {done.erased} erasures.")
    for host, seq in outcome.lacking.items():
        say(f"Missing: the journal of host {host} from line {seq} on. Then: shodaku restore --journal FOLDER")
    if outcome.unfinished:
        say("An erasure waits for the key store. When it is back: shodaku fence open --reason TEXT")
    if outcome.paused:
        say(f"{outcome.paused} mailings rest, for they may have been sent since: look at them, and resume.")
    for slug in outcome.forked:
        say(f"The log of {slug} does not agree within itself and stays stopped: shodaku ledger verify")
    if outcome.open:
        say("Sending is open.")
        return
    say(f"Sending stays shut: {outcome.reason}")
    _explain(outcome.reason.split())
