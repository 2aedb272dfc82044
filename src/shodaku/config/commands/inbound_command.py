"""`shodaku inbound`: what came in (`mail`, `sms`), what a human reads (`desk`), and every way in (`listen`,
`poll`, `mailbox`, `address`, `hook`, `source`).
"""

from __future__ import annotations

import argparse
import sys

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Workspace
from shodaku.config.commands import inbound_ways, workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach, ShodakuError


class TryLater(ShodakuError):
    """The mail was not read; its server keeps it and tries again."""

    code = "try_later"
    exit_status = 75  # EX_TEMPFAIL of sysexits.h, as mail servers read it


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    mail = verbs.add_parser("mail", help="read a mail from standard input")
    mail.add_argument("--recipient", action="append", default=[], help="the address that it came to")
    mail.add_argument("--sender", help="its return path; empty for the null return path")
    sms = verbs.add_parser("sms", help="a text message; its answer is printed")
    sms.add_argument("--from", dest="number", required=True)
    sms.add_argument("--text", required=True)
    desk = verbs.add_parser("desk", help="messages that only a human understands")
    decision = desk.add_mutually_exclusive_group()
    decision.add_argument("--answered", type=int, metavar="NUMBER", help="take one off the list")
    decision.add_argument("--stop", type=int, metavar="NUMBER", help="it is a no: everything stops")
    decision.add_argument(
        "--no-refusal", type=int, metavar="NUMBER", help="it is none: what was held goes on"
    )
    secret = verbs.add_parser("secret", help="a new secret for the SMS provider; the old one is void")
    for sub in (mail, sms, desk, secret):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    inbound_ways.define(verbs)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 whatever a mail says, so that no server sends it back; 1 if a message to take off is not there.

    Raises TryLater: a mail that could not be read is a refusal that may be lost.
    """
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    if options.verb == "mail":
        try:
            bind.start_command()
            return _mail(options)
        except Exception as error:  # whatever it was: any other exit status makes the mail bounce
            reason = error.message if isinstance(error, ShodakuError) else type(error).__name__
            raise TryLater(hint=reason) from error
    if options.verb == "listen":  # the database may be away: who says no is heard all the same
        bind.start()
        return inbound_ways.listen(options)
    bind.start_command()
    match options.verb:
        case "sms":
            return _sms(options)
        case "desk":
            return _desk(options)
        case "secret":
            return _secret(options)
        case _:
            return inbound_ways.run(options)


def _mail(options: argparse.Namespace) -> int:
    from shodaku.optout import services  # noqa: PLC0415
    from shodaku.optout.domain import Envelope  # noqa: PLC0415

    raw = sys.stdin.buffer.read()
    envelope = Envelope(options.sender, tuple(options.recipient))
    found = services.addressed_workspace(raw, envelope) if options.workspace is None else None
    workspace = accounts.workspace(found) if found is not None else None
    workspace = workspace or workspaces.chosen(options)
    heard = services.receive_mail(workspace.workspace_id, raw, clock.now(), envelope)
    if options.json:
        as_json({"workspace": workspace.slug, "heard": heard.value})
    else:
        say(heard.value)
    return 0


def _sms(options: argparse.Namespace) -> int:
    from shodaku.optout import services  # noqa: PLC0415

    workspace = workspaces.chosen(options)
    answered = services.hear_sms(workspace.workspace_id, options.number, options.text, clock.now())
    if options.json:
        as_json({"heard": answered.heard.value, "reply": answered.reply})
    else:
        say(answered.reply or "")
    return 0


def _desk(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors  # noqa: PLC0415
    from shodaku.optout.services import Decision, decide  # noqa: PLC0415

    workspace = workspaces.chosen(options)
    decisions = {
        Decision.ANSWERED: options.answered,
        Decision.STOP: options.stop,
        Decision.NOT_A_REFUSAL: options.no_refusal,
    }
    for decision, number in decisions.items():
        if number is not None:
            done = decide(workspace.workspace_id, number, decision, by="command", now=clock.now())
            return 0 if done else 1
    rows = [
        {
            "number": row.message_no,
            "received_at": row.received_at,
            "via": row.via,
            "contact": row.contact_id,
            "text": _text(workspace, row.contact_id, row.entry_id),
        }
        for row in selectors.inbound_messages(workspace.workspace_id)
    ]
    if options.json:
        as_json(rows)
        return 0
    for row in rows:
        who = f"contact {row['contact']}" if row["contact"] else "somebody unknown"
        say(f"{row['number']}  {row['received_at']:%Y-%m-%d %H:%M} UTC  {row['via']}, {who}")
        say(f"  {row['text'] or '(not kept: it is in your mailbox, or with the provider)'}")
    return 0


def _text(workspace: Workspace, contact_id: int | None, entry_id: int | None) -> str | None:
    """Opened from the ledger; None where nothing is kept, or the key store is away."""
    from shodaku.ledger import selectors as ledger  # noqa: PLC0415

    if contact_id is None or entry_id is None:
        return None
    try:
        entries = ledger.history(workspace.workspace_id, contact_id)
    except OutOfReach:
        return None
    fields = next((each.fields for each in entries if each.entry_id == entry_id), None)
    return str(fields.get("text", "")) if fields else None


def _secret(options: argparse.Namespace) -> int:
    from shodaku.kit import runtime  # noqa: PLC0415
    from shodaku.optout import webhook  # noqa: PLC0415

    workspace = workspaces.chosen(options)
    secret = webhook.new_secret(workspace.workspace_id)
    url = f"{runtime.current().public_url}/inbound/sms/{workspace.slug}"
    if options.json:
        as_json({"url": url, "secret": secret})
    else:
        say(f"POST {url}")
        say(f"Authorization: Bearer {secret}")
        say(f"or, where a provider sends no header of yours: {url}/{secret}")
    return 0
