"""`shodaku route list|add|set|remove|test|pace|warm-up`: which mail servers carry the mails."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say, table
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse

if TYPE_CHECKING:
    from shodaku.delivery.selectors import Route

BY = "command line"
PASSWORD_BYTES_MAX: Final = 4_096
_TLS: Final = ("require", "try", "none")
_KINDS: Final = ("smtp", "ses", "sendgrid", "mailgun", "postmark", "brevo")
_CARRIES: Final = ("all", "campaigns", "urgent")
_LIMITS: Final = {  # smallest, largest
    "port": (1, 65_535),
    "rate": (0.0, 100_000.0),  # messages a second; 0: as fast as the server takes them
    "connections": (1, 64),
    "depth": (0, 4),
    "share": (0, 1_000),
    "place": (0, 1_000),
}


class OutOfRange(WrongUse):
    """The number is too small or too large."""

    code = "out_of_range"


class DomainsUnclear(WrongUse):
    """Domains look like mail.example, and are separated by commas; at most 20."""

    code = "domains_unclear"


class PasswordUnreadable(WrongUse):
    """The file with the password cannot be read, is empty, or holds more than one line."""

    code = "password_unreadable"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    every = verbs.add_parser("list", help="each mail server in its order, and how it is")
    add = verbs.add_parser("add", help="one more mail server; chunks are shared out among all")
    add.add_argument("host", metavar="HOST", nargs="?", default="", help="of a provider: left out")
    change = verbs.add_parser("set", help="change a mail server; what is not named stays")
    remove = verbs.add_parser("remove", help="it and its password; not the last one while campaigns wait")
    test = verbs.add_parser("test", help="connect, encrypt, log in, say goodbye; nothing is sent")
    pace = verbs.add_parser("pace", help="limits that hold for several servers, or for a group of receivers")
    pace.add_argument(
        "route", metavar="NUMBER", type=int, nargs="?", default=0, help="all of them without it"
    )
    pace.add_argument("--receivers", metavar="GROUP", default="", help="docomo, gmail, ...; all without it")
    pace.add_argument(
        "--rate", type=float, metavar="N", help="messages a second; 0: no limit; shows without it"
    )
    warm = verbs.add_parser(
        "warm-up", help="so many mails a day to each group of receivers, until it is known"
    )
    warm.add_argument("route", metavar="NUMBER", type=int, nargs="?", help="shows all without it")
    warm.add_argument("--receivers", metavar="GROUP", default="", help="each of them without it")
    warm.add_argument("--daily", metavar="N,N,...", help="of each day, ascending; `usual`: 50, and doubled")
    warm.add_argument("--end", action="store_true", help="nothing is counted by days any more")
    for sub in (change, remove, test):
        sub.add_argument("route", metavar="NUMBER", type=int, help="as `list` shows it")
    change.add_argument("--host", metavar="HOST")
    for sub in (add, change):
        _define_columns(sub)
    for sub in (every, add, change, remove, test, pace, warm):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def _define_columns(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", metavar="NAME", help="for yourself")
    parser.add_argument("--kind", choices=_KINDS, help="a mail server, or the program of a provider")
    parser.add_argument("--port", type=int, metavar="PORT")
    parser.add_argument("--tls", choices=_TLS, help="none: on this machine only")
    parser.add_argument("--user", metavar="NAME")
    parser.add_argument("--password-file", metavar="FILE", help="its one line; - reads standard input")
    parser.add_argument("--rate", type=float, metavar="N", help="messages a second at most; 0: no limit")
    parser.add_argument("--connections", type=int, metavar="N", help="at once, 1 to 64")
    parser.add_argument(
        "--depth", type=int, metavar="N", help="mails under way on a connection with CHUNKING, 0 to 4"
    )
    parser.add_argument("--signs-for", metavar="DOMAIN,...", help="From domains that it signs for")
    parser.add_argument("--place", type=int, metavar="N", help="in the order, ascending")
    parser.add_argument("--share", type=int, metavar="N", help="weight, 0 to 1000; 0: it stands by")
    parser.add_argument("--carries", choices=_CARRIES)
    parser.add_argument("--on", action="store_true", default=None, help="in use, as it is when added")
    parser.add_argument("--off", dest="on", action="store_false", help="kept, and not used")


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    verbs = {
        "list": _list,
        "add": _add,
        "set": _set,
        "remove": _remove,
        "test": _test,
        "pace": _pace,
        "warm-up": _warm_up,
    }
    return verbs[options.verb](options)


def _list(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    held = selectors.held(whose)
    rows = [_row(each) | {"held": held.get(each.route_id, 0)} for each in selectors.routes(whose)]
    if options.json:
        as_json(rows)
    else:
        table(rows)
    return 0


def _add(options: argparse.Namespace) -> int:
    from shodaku.delivery import services  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    columns = {"name": options.host or options.kind, "port": 587, "tls": "require"} | _said(options)
    route_id = services.add_route(whose, services.NewRoute(**columns), by=BY, now=clock.now())
    return _tell(options, whose, route_id)


def _set(options: argparse.Namespace) -> int:
    from shodaku.delivery import services  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    before = _found(whose, options.route)
    columns = {name: getattr(before, name) for name in services.NewRoute.__slots__ if name != "password"}
    said = _said(options)
    if said.get("kind", before.kind) != before.kind:
        columns["host"] = ""  # of what it was before
    route = services.NewRoute(**columns | said)
    services.change_route(whose, options.route, route, by=BY, now=clock.now())
    return _tell(options, whose, options.route)


def _remove(options: argparse.Namespace) -> int:
    from shodaku.delivery import services  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    services.remove_route(whose, options.route, by=BY, now=clock.now())
    if options.json:
        as_json({"removed": options.route})
    else:
        say("It is removed, and its password with it; within 5 seconds every worker knows.")
    return 0


def _test(options: argparse.Namespace) -> int:
    from shodaku.delivery import services  # noqa: PLC0415 - Django is set up by run

    tried = services.try_route(workspaces.chosen(options).workspace_id, options.route)
    if options.json:
        as_json({"well": tried.well, "sentence": tried.sentence})
    else:
        say(tried.sentence)
    return int(not tried.well)


def _pace(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors, services  # noqa: PLC0415 - Django is set up by run

    whose = workspaces.chosen(options).workspace_id
    if options.rate is not None:
        services.set_pace(
            whose,
            options.rate or None,
            route_id=options.route,
            domain_group=options.receivers,
            by=BY,
            now=clock.now(),
        )
    rows: list[dict[str, object]] = [
        {
            "route": each.route_id or "all",
            "receivers": each.domain_group or "all",
            "rate": each.rate_max,
            "now": round(each.rate, 3),
        }
        for each in selectors.paces(whose)
    ]
    if options.json:
        as_json(rows)
    else:
        table(rows)
    return 0


def _warm_up(options: argparse.Namespace) -> int:
    from shodaku.delivery import selectors, services  # noqa: PLC0415 - Django is set up by run

    whose, now = workspaces.chosen(options).workspace_id, clock.now()
    if options.route is None and (options.daily or options.end):
        raise services.NoSuchRoute
    if options.end:
        services.end_warm_up(whose, options.route, by=BY, now=now)
    elif options.daily:
        services.begin_warm_up(
            whose,
            options.route,
            _daily(options.daily),
            by=BY,
            now=now,
            domain_group=options.receivers,
        )
    rows: list[dict[str, object]] = [
        {
            "route": each.route_id,
            "receivers": each.domain_group,
            "day": each.step + 1,
            "of": len(each.amounts),
            "amount": None if each.over else each.amount,
            "sent": each.sent,
            "deferred": each.deferred,
            "on": each.on_day,
        }
        for each in selectors.warm_ups(whose)
        if options.route in (None, each.route_id)
    ]
    if options.json:
        as_json(rows)
    else:
        table(rows)
    return 0


def _daily(text: str) -> list[int]:
    """Raises WarmUpFault."""
    from shodaku.delivery.domain import USUAL_WARM_UP  # noqa: PLC0415 - only the chosen command loads its tools
    from shodaku.delivery.services import WarmUpFault  # noqa: PLC0415

    if text == "usual":
        return list(USUAL_WARM_UP)
    try:
        return [int(each) for each in text.split(",")]
    except ValueError as error:
        raise WarmUpFault(hint=text) from error


def _found(workspace_id: int, route_id: int) -> Route:
    """Raises UnknownRoute."""
    from shodaku.delivery import selectors, services  # noqa: PLC0415 - Django is set up by run

    every = selectors.routes(workspace_id)
    found = next((each for each in every if each.route_id == route_id), None)
    if found is None:
        raise services.UnknownRoute(hint=", ".join(str(each.route_id) for each in every))
    return found


def _said(options: argparse.Namespace) -> dict[str, Any]:  # Any: a column may hold anything
    """The columns that were named. Raises OutOfRange, DomainsUnclear, PasswordUnreadable."""
    from shodaku.delivery.domain import (  # noqa: PLC0415 - only the chosen command loads its tools
        Carries,
        Kind,
        RouteDomainFault,
        signing_domains,
    )

    for name, (smallest, largest) in _LIMITS.items():
        number = getattr(options, name)
        if number is not None and not smallest <= number <= largest:
            raise OutOfRange(hint=f"--{name}: {smallest:g} to {largest:g}")
    said = {
        "kind": options.kind and Kind(options.kind),
        "name": options.name,
        "host": options.host,
        "port": options.port,
        "tls": options.tls,
        "username": options.user,
        "connections": options.connections,
        "depth": options.depth,
        "place": options.place,
        "share": options.share,
        "carries": options.carries and Carries(options.carries),
        "enabled": options.on,
    }
    if options.signs_for is not None:
        try:
            said["signs_for"] = signing_domains(options.signs_for)
        except RouteDomainFault as fault:
            raise DomainsUnclear(hint=options.signs_for) from fault
    if options.password_file is not None:
        said["password"] = _password(options.password_file)
    columns = {name: value for name, value in said.items() if value is not None}
    return columns if options.rate is None else columns | {"messages_per_second": options.rate or None}


def _password(name: str) -> str:
    """Raises PasswordUnreadable."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PasswordUnreadable(hint=name) from error
    lines = text.splitlines()
    if len(lines) != 1 or not lines[0] or len(text.encode()) > PASSWORD_BYTES_MAX:
        raise PasswordUnreadable(hint=name)
    return lines[0]


def _tell(options: argparse.Namespace, workspace_id: int, route_id: int) -> int:
    row = _row(_found(workspace_id, route_id))
    if options.json:
        as_json(row)
    else:
        table([row])
        say("Within 5 seconds every worker knows.")
    return 0


def _row(route: Route) -> dict[str, object]:
    return {
        "route": route.route_id,
        "place": route.place,
        "name": route.name,
        "server": f"{route.host}:{route.port}",
        "kind": route.kind,
        "tls": route.tls,
        "carries": route.carries,
        "share": route.share,
        "rate": route.messages_per_second,
        "connections": route.connections,
        "signs_for": ", ".join(route.signs_for),
        "depth": route.depth,
        "state": _state(route),
        "fault": route.last_error or "",
    }


def _state(route: Route) -> str:
    if not route.enabled:
        return "off"
    if route.set_aside_at is not None:
        return "set aside"
    return "well" if route.last_error is None else "in trouble"
