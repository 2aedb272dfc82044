"""The command line: names and exit statuses are fixed (0 done, 1 the answer is no, 2 wrong use, 3 out of
reach).

Each command lives in `commands/`; it is imported only when it is called, so that `--help` needs no database.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType, TracebackType

from shodaku.config import environment
from shodaku.kit.errors import ShodakuError

WRONG_USE = 2
UNFORESEEN = 1
COMMANDS = {
    "up": "start everything: database, web, workers",
    "demo": "tell the whole story on a sample, over real HTTP and SMTP",
    "serve": "the web server",
    "worker": "background work",
    "migrate": "bring the databases to this version",
    "init": "make the keys and say where to keep copies",
    "keys": "key files: which there are, what to do, rotate, end",
    "backup": "one encrypted file of everything, or of the keys of persons",
    "restore": "put a backup into an empty database; nothing is sent before it was told what was said since",
    "journal": "what was said, beside the database: hosts, copies, and does the database know it all",
    "fence": "is sending shut, and why; open it after a human has looked",
    "vacuum": "write the tables anew: of what was deleted no byte stays in their files",
    "shards": "what stands against spreading the tables over several servers",
    "doctor": "look at everything this installation stands on",
    "user": "staff accounts",
    "import": "bring a list in, with its basis and evidence",
    "explain": "may we write to an address, and why",
    "clocks": "what is due in the life of consents",
    "form": "may a consent be asked for by this page",
    "erase": "forget a person for good",
    "opt-out": "write down somebody's no",
    "unite": "two contacts are one person",
    "api-key": "keys of programs",
    "domain": "sending domains: DKIM keys, records to publish, what DNS says",
    "columns": "the copy of clicks and reports in a column store: how far it is, figures, its end",
    "route": "mail servers: which carry the mails, in which order and shares, and how they are",
    "inbound": "mails and texts that came in",
    "bounce": "what returned mails mean",
    "suppress": "the never-contact list",
    "complaint": "answer who says they never agreed: everything stops, and the evidence is put together",
    "request": "what people ask about their own data, and by when it is answered",
    "disclose": "a file of everything kept about somebody",
    "retention": "how long evidence is kept",
    "breach": "data leaked: what must be reported, and until when",
    "product": "the catalogue, and who bought what",
    "coupon": "how often coupons of campaigns were used",
    "segment": "saved segments: who is meant",
    "campaign": "send, test, pause, resume, cancel, status",
    "policy": "rules: which hold, what others would change, exemptions, conformance",
    "ledger": "verify the evidence",
    "bench": "figures",
    "sink": "a mail server for trials that delivers nothing",
    "chaos": "a mail server for trials that misbehaves",
    "simulate": "histories of the send path under every fault at once",
}
_WITHOUT_INSTALLATION = {"up", "demo", "form", "bounce", "sink", "chaos", "simulate"}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="shodaku", description="A permission-based messaging server: every message carries its consent."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    given = list(sys.argv[1:] if arguments is None else arguments)
    chosen = given[0] if given and given[0] in COMMANDS else None
    for name, about in COMMANDS.items():
        sub = commands.add_parser(name, help=about, description=about)
        if name == chosen:
            _module(name).define(sub)
    options = parser.parse_args(given)
    try:
        if options.command not in _WITHOUT_INSTALLATION:
            environment.load()
        return int(options.run(options) or 0)
    except ShodakuError as error:
        _complain(error)
        return error.exit_status
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `shodaku … | head`
        sys.stderr.close()
        return 0
    except Exception as error:  # noqa: BLE001 - the last resort: its text may hold an address or a password
        _admit(error)
        return UNFORESEEN


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"shodaku.config.commands.{name.replace('-', '_')}_command")


def _complain(error: ShodakuError) -> None:
    sys.stderr.write(f"shodaku: {error.message}\n")
    if error.hint:
        sys.stderr.write(f"  {error.hint}\n")


def _admit(error: Exception) -> None:
    """What was not foreseen, without its message; SHODAKU_TRACE=1 shows everything, for developers."""
    sys.stderr.write("shodaku: Something went wrong inside; nothing was finished.\n")
    place = _place(error.__traceback__)
    sys.stderr.write(f"  {type(error).__name__} at {place}; SHODAKU_TRACE=1 shows more, private data too\n")
    if os.environ.get("SHODAKU_TRACE") == "1":
        traceback.print_exception(error)


def _place(trace: TracebackType | None) -> str:
    """Module and line of the innermost frame."""
    frames = list(traceback.walk_tb(trace))
    if not frames:
        return "an unknown place"
    frame, line = frames[-1]
    return f"{frame.f_globals.get('__name__', '')}:{line}"
