"""The ways in for machines: `shodaku inbound listen`, `poll`, `mailbox`, `address`, `hook`, `source`."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shodaku.config import environment
from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock, keys, runtime
from shodaku.kit.errors import WrongUse
from shodaku.kit.keys import KeyPurpose

if TYPE_CHECKING:
    Verbs = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - argparse has no other name

DEFAULT_SMTP: Final = "127.0.0.1:8025"
NEEDED: Final = (KeyPurpose.LINK, KeyPurpose.PEPPER)


class NothingToOpen(WrongUse):
    """Say what to do: add, list, test or remove."""

    code = "nothing_to_open"


class AddressMissing(WrongUse):
    """An e-mail address is needed."""

    code = "address_missing"


def define(verbs: Verbs) -> None:
    _define_listen(verbs.add_parser("listen", help="take mail in by SMTP and LMTP, and read the mailboxes"))
    poll = verbs.add_parser("poll", help="read the mailboxes once; `listen` does it each minute")
    _define_mailbox(verbs.add_parser("mailbox", help="a mailbox elsewhere, read by IMAP or POP3"))
    address = verbs.add_parser("address", help="addresses of your own whose mail is read by `listen`")
    address.add_argument("what", choices=("add", "list", "remove"))
    address.add_argument("address", nargs="?", default="")
    hook = verbs.add_parser("hook", help="doors for providers that report by webhook")
    hook.add_argument("what", choices=("add", "list", "remove"))
    hook.add_argument("provider", nargs="?", default="", help="with add: its key is asked for")
    source = verbs.add_parser("source", help="machines whose returned mails are not believed")
    source.add_argument("what", choices=("list", "trust"))
    source.add_argument("address", nargs="?", default="", help="with trust: its IP address")
    for sub in (poll, address, hook, source):
        sub.add_argument("--json", action="store_true")
    for sub in (address, hook, source):
        workspaces.define(sub)


def _define_listen(listen: argparse.ArgumentParser) -> None:
    listen.add_argument("--smtp", action="append", metavar="HOST:PORT", help=f"by itself {DEFAULT_SMTP}")
    listen.add_argument("--lmtp", action="append", default=[], metavar="HOST:PORT|unix:/PATH")
    listen.add_argument("--certificate", type=Path, help="PEM; else SHODAKU_INBOUND_CERTIFICATE")
    listen.add_argument("--key", type=Path, help="PEM; else SHODAKU_INBOUND_KEY")
    listen.add_argument("--patient", action="store_true", help="wait for a place that is taken")


def _define_mailbox(mailbox: argparse.ArgumentParser) -> None:
    mailbox.add_argument("what", choices=("add", "list", "test", "remove"))
    mailbox.add_argument("name", nargs="?", default="")
    mailbox.add_argument("--host")
    mailbox.add_argument("--protocol", choices=("imap", "pop3"), default="imap")
    mailbox.add_argument("--port", type=int, help="993 and 995; with --starttls 143 and 110")
    mailbox.add_argument("--user", help="the password is asked for, or read from standard input")
    mailbox.add_argument("--folder", default="INBOX")
    mailbox.add_argument("--moved-to", default="", metavar="FOLDER", help="where mails go that are done")
    mailbox.add_argument("--delete", action="store_true", help="POP3: mails that are done are deleted")
    mailbox.add_argument("--starttls", action="store_true", help="encrypted after the greeting, not before")
    mailbox.add_argument("--ca", default="", metavar="FILE", help="of a certificate of your own")
    mailbox.add_argument("--without-tls", action="store_true", help="for a server on this machine alone")
    mailbox.add_argument("--json", action="store_true")
    workspaces.define(mailbox)


def listen(options: argparse.Namespace) -> int:
    """Raises NoSuchPlace, PlaceTaken, BadCertificate and what `keys.require` raises."""
    from shodaku.config import inbound  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.optout.listening import parse_place  # noqa: PLC0415

    keys.require(environment.keys_folder(), NEEDED)
    smtp = options.smtp if options.smtp is not None else ([] if options.lmtp else [DEFAULT_SMTP])
    inbound.run(
        inbound.Doors(
            smtp=[parse_place(place) for place in smtp],
            lmtp=[parse_place(place) for place in options.lmtp],
            certificate=options.certificate or _path("SHODAKU_INBOUND_CERTIFICATE"),
            key=options.key or _path("SHODAKU_INBOUND_KEY"),
            patient=options.patient,
        )
    )
    return 0


def run(options: argparse.Namespace) -> int:
    match options.verb:
        case "poll":
            return _poll()
        case "mailbox":
            return _mailbox(options)
        case "address":
            return _address(options)
        case "source":
            return _source(options)
        case _:
            return _hook(options)


def _poll() -> int:
    from shodaku.optout import mailboxes  # noqa: PLC0415

    mailboxes.poll_all(clock.now)
    return 0


def _mailbox(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415
    from shodaku.optout import mailbox_files, mailboxes  # noqa: PLC0415
    from shodaku.optout.mailbox import PORTS, STARTTLS_PORTS, Mailbox, Protocol  # noqa: PLC0415

    workspace_id = workspaces.chosen(options).workspace_id
    match options.what:
        case "add":
            if not (options.host and options.user):
                raise NothingToOpen(hint="--host HOST --user USER")
            protocol = Protocol(options.protocol)
            ports = STARTTLS_PORTS if options.starttls or options.without_tls else PORTS
            mailbox = Mailbox(
                protocol=protocol.value,
                host=options.host,
                port=options.port or ports[protocol],
                user=options.user,
                password=_asked("Password: "),
                tls=not options.without_tls,
                starttls=options.starttls,
                delete=options.delete,
                ca_file=options.ca,
                folder=options.folder,
                moved_to=options.moved_to,
            )
            mailboxes.add(workspace_id, options.name, mailbox)
        case "test":
            unread = mailboxes.look(workspace_id, options.name)
            if options.json:
                as_json({"unread": unread})
            else:
                say(f"It can be read; {unread} mails are new.")
        case "remove":
            mailboxes.remove(workspace_id, options.name)
        case _:
            rows = []
            for name in mailbox_files.names(workspace_id):
                place = delivery.mailbox_place(workspace_id, name)
                rows.append(
                    {
                        "name": name,
                        "read_at": place.at if place else None,
                        "handled": place.handled if place else 0,
                        "fault": place.fault if place else "",
                    }
                )
            _show(options, rows)
    return 0


def _address(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors, services  # noqa: PLC0415

    workspace_id = workspaces.chosen(options).workspace_id
    if options.what == "list":
        _show(options, [{"address": each} for each in selectors.inbound_addresses(workspace_id)])
        return 0
    if not options.address:
        raise AddressMissing
    address = workspaces.email(options.address).address
    if options.what == "add":
        services.open_inbound_address(workspace_id, address, now=clock.now())
        return 0
    return 0 if services.close_inbound_address(workspace_id, address) else 1


def _source(options: argparse.Namespace) -> int:
    """Raises NoSource, VaultAway."""
    from shodaku.delivery import selectors, services  # noqa: PLC0415

    workspace_id = workspaces.chosen(options).workspace_id
    if options.what == "trust":
        services.trust_source(workspace_id, options.address, by="command", now=clock.now())
        return 0
    sources = selectors.bounce_sources(workspace_id, now=clock.now())
    _show(options, [asdict(each) for each in sources])
    return 0


def _hook(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors  # noqa: PLC0415
    from shodaku.optout import hooks  # noqa: PLC0415
    from shodaku.optout.provider_webhooks import ADAPTERS  # noqa: PLC0415

    workspace = workspaces.chosen(options)
    match options.what:
        case "add":
            adapter = ADAPTERS.get(options.provider)
            key = _asked("Key: ") if adapter is not None and adapter.keyed else ""
            secret = hooks.open_hook(workspace.workspace_id, options.provider, key)
            channel = ADAPTERS[options.provider].channel.value
            url = f"{runtime.current().public_url}/hooks/{channel}/{workspace.slug}/{secret}"
            if options.json:
                as_json({"provider": options.provider, "url": url})
            else:
                say(f"POST {url}")
        case "remove":
            hooks.close_hook(workspace.workspace_id, options.provider)
        case _:
            counts = selectors.provider_counts(workspace.workspace_id)
            rows = [
                {
                    "provider": provider,
                    "events": {
                        f"{each.on_day} {each.event}": each.events
                        for each in counts
                        if each.provider == provider
                    },
                }
                for provider in hooks.hooks(workspace.workspace_id)
            ]
            _show(options, rows)
    return 0


def _show(options: argparse.Namespace, rows: Sequence[Mapping[str, object]]) -> None:
    if options.json:
        as_json(rows)
        return
    for row in rows:
        say("  ".join(str(value) for value in row.values() if value not in ("", None, {})))


def _asked(prompt: str) -> str:
    """Never an argument: those are read by everybody on the machine."""
    return getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _path(name: str) -> Path | None:
    return Path(os.environ[name]) if os.environ.get(name) else None
