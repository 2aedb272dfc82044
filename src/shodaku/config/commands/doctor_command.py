"""`shodaku doctor`: looks at everything this installation stands on, and says what to mend."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from shodaku.config import environment, native, outside_sign_in
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock, keys
from shodaku.kit.errors import ShodakuError
from shodaku.kit.keys import KeyPurpose

FREE_BYTES_MIN = 1_000_000_000
UNREAD_WITHIN = timedelta(minutes=15)  # they are looked into each minute
FORGOTTEN_WITHIN = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Finding:
    name: str
    well: bool
    detail: str
    warns: bool = False  # it works, and something should be mended all the same


Look = Callable[[], tuple[bool, str] | tuple[bool, str, bool]]


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    findings = [_look(name, look) for name, look in _looks()]
    for finding in findings:
        if not options.json:
            say(f"{_state(finding)} {finding.name}: {finding.detail}")
    if options.json:
        as_json(
            {each.name: {"well": each.well, "warns": each.warns, "detail": each.detail} for each in findings}
        )
    return 0 if all(finding.well for finding in findings) else 1


def _state(finding: Finding) -> str:
    if not finding.well:
        return "MEND "
    return "warn " if finding.warns else "well "


def _look(name: str, look: Look) -> Finding:
    try:
        return Finding(name, *look())
    except ShodakuError as error:
        return Finding(name, well=False, detail=f"{error.message} {error.hint}".strip())


def _looks() -> Iterator[tuple[str, Look]]:
    yield "keys", _keys
    yield "database", _database
    yield "row-level security", _guarded
    yield "embedded PostgreSQL", _embedded
    yield "vault", _vault
    yield "sign-in outside", _outside
    yield "ledger", _ledger
    yield "sealed evidence", _sealed
    yield "DKIM keys", _dkim
    yield "sending domains", _domains
    yield "links", _links
    yield "mail servers", _routes
    yield "returned mails", _returned
    yield "mailboxes", _mailboxes
    yield "gate", _gate
    yield "second copy", _second_copy
    yield "journal", _journal
    yield "column store", _columns
    yield "clocks", _clocks
    yield "time", _time
    yield "disk", _disk
    yield "send path", _send_path


def _keys() -> tuple[bool, str]:
    """Opened too, for a key service may be away; what is due, and what else could be done: `shodaku keys`."""
    from shodaku.config import key_report  # noqa: PLC0415 - started by run
    from shodaku.kit import runtime  # noqa: PLC0415

    well, detail = key_report.summary(key_report.here(clock.now()))
    if well:
        keys.require(runtime.current().keys, KeyPurpose)
    return well, detail


def _database() -> tuple[bool, str]:
    from shodaku.config.databases import application_role  # noqa: PLC0415 - Django is set up by run

    role = application_role()
    found = role.strengths or f"owns {role.owned} tables"
    return not role.strengths, f"PostgreSQL {role.version}, role {role.name} {found}"


def _guarded() -> tuple[bool, str]:
    from shodaku.config.databases import unguarded_tables  # noqa: PLC0415 - Django is set up by run

    names = unguarded_tables()
    return (
        not names,
        "forced on every table with a workspace" if not names else f"missing on {', '.join(names)}",
    )


def _embedded() -> tuple[bool, str]:
    from shodaku.kit.postgres import Postgres  # noqa: PLC0415 - only where there is one

    folder = environment.home() / "postgres"
    if not folder.exists():
        return True, "not used: the database is an external one"
    return True, ", ".join(f"{name} {value}" for name, value in Postgres(folder).facts().items())


def _vault() -> tuple[bool, str]:
    from shodaku.ledger import services  # noqa: PLC0415 - Django is set up by run

    return True, f"{services.count_keys()} keys"


def _outside() -> tuple[bool, str]:
    """Raises UnfitProvider, SecretExposed: then the button is not shown."""
    found = outside_sign_in.provider()
    return True, "not used" if found is None else found.issuer


def _ledger() -> tuple[bool, str]:
    """Is everything taken up, did the last audit agree, is every place outside well?"""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.ledger import selectors as ledger  # noqa: PLC0415

    entries, troubles = 0, []
    for each in accounts.workspaces():
        head, last = ledger.head(each.workspace_id), ledger.last_audit(each.workspace_id)
        entries += head.size if head is not None else 0
        if ledger.backlog(each.workspace_id).late(clock.now()):
            troubles.append(f"{each.slug} entries wait: does the ledger worker run?")
        if last is not None and not last.consistent:
            troubles.append(f"{each.slug} does not agree: shodaku ledger verify")
        if any(target.fault for target in ledger.anchor_state(each.workspace_id).targets):
            troubles.append(f"{each.slug} a place outside fails: shodaku ledger anchor list")
    return not troubles, ", ".join(troubles) or f"{entries} entries signed, none waits too long"


def _sealed() -> tuple[bool, str]:
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.erasure import selectors as erasures  # noqa: PLC0415

    before = clock.now() - timedelta(days=1)
    late = sum(erasures.overdue(each.workspace_id, before=before) for each in accounts.workspaces())
    return not late, f"{late} past their day: does the chore worker run?" if late else "none past its day"


def _dkim() -> tuple[bool, str, bool]:
    """Does each key that signs mails open here? Where one does not, the mail of its domain is held back."""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415

    signing, troubles, old = 0, [], []
    for each in accounts.workspaces():
        keys_there = delivery.dkim_keys(each.workspace_id)
        old += [
            f"{each.slug} {key.selector} of {key.domain} is old: shodaku domain new-key"
            for key in keys_there
            if key.is_old(clock.now())
        ]
        signing += sum(key.state is delivery.KeyState.ACTIVE for key in keys_there)
        troubles += [
            f"{each.slug} {key.selector} of {key.domain}: {key.sentence}"
            for key in delivery.closed_keys(each.workspace_id)
        ]
    return not troubles, "; ".join([*troubles, *old]) or f"{signing} sign here, all open", bool(old)


def _domains() -> tuple[bool, str]:
    """Do the records of a sending domain fail? Then its advertising rests."""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415

    failing = [
        f"{each.slug} {found.name} fails since {found.since:%Y-%m-%d %H:%M} UTC, its advertising rests:"
        " shodaku domain check"
        for each in accounts.workspaces()
        for found in delivery.failing_domains(each.workspace_id, now=clock.now())
    ]
    return not failing, "; ".join(failing) or "none fails, as far as DNS answered"


def _links() -> tuple[bool, str, bool]:
    """Does anybody answer where the links of mails lead?"""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415

    found = [delivery.links(each.workspace_id) for each in accounts.workspaces()]
    seen = [each for each in found if each is not None]
    for each in seen:
        if each.fail:
            return False, f"{each.url} does not answer since {each.failing_since:%H:%M} UTC", False
    if any(each.answered_at is None for each in seen):
        return True, f"{seen[0].url} was never reached from here, so nothing is concluded", True
    return True, f"{seen[0].url} answers" if seen else "nobody looked yet: does the chore worker run?", False


def _routes() -> tuple[bool, str, bool]:
    """Does each mail server that is in use take mails? While another one does, nothing stands still."""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415
    from shodaku.delivery.domain import Carries  # noqa: PLC0415

    used, still, troubles = 0, [], []
    for each in accounts.workspaces():
        every = delivery.routes(each.workspace_id)
        on = [route for route in every if route.enabled]
        used += len(on)
        troubles += [
            f"{each.slug} {route.name}{', set aside' * (route.set_aside_at is not None)}: {route.last_error}"
            for route in on
            if route.troubled
        ]
        troubles += _routes_apart(each.slug, each.workspace_id, {r.route_id: r.name for r in every})
        for urgent, what in ((True, "confirmations and notices"), (False, "campaigns")):
            well = any(not r.troubled and Carries(r.carries).takes(urgent=urgent) for r in on)
            if every and not well:
                still.append(f"{each.slug} no mail server takes {what}: shodaku route list")
    return (
        not still,
        "; ".join([*troubles, *still]) or f"{used} of workspaces, all take mails",
        bool(troubles),
    )


def _routes_apart(slug: str, workspace_id: int, names: Mapping[int, str]) -> list[str]:
    """What no other mail server may repeat, and what some may not take over."""
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415 - Django is set up by run

    held, unaligned = delivery.held(workspace_id), delivery.unaligned(workspace_id)
    return [
        *(f"{slug} {people} mails wait for {names.get(r, r)} alone" for r, people in held.items()),
        *(
            f"{slug} {names[r]} takes over nothing from {', '.join(domains)}: shodaku route set --signs-for"
            for r, domains in unaligned.items()
        ),
    ]


def _returned() -> tuple[bool, str, bool]:
    """Is any machine that hands them in not believed?"""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415

    quarantined = [
        f"{each.slug} nothing that {source.source} reports ends an address until"
        f" {source.quarantined_until:%Y-%m-%d %H:%M} UTC, {source.held} so far;"
        f" if it is a server of yours: shodaku inbound source trust {source.source}"
        for each in accounts.workspaces()
        for source in delivery.distrusted(each.workspace_id, now=clock.now())
    ]
    return True, "; ".join(quarantined) or "believed", bool(quarantined)


def _mailboxes() -> tuple[bool, str, bool]:
    """Is each that was named read, and does somebody look at all?"""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415
    from shodaku.optout import selectors as optouts  # noqa: PLC0415

    now, read, faults, late = clock.now(), 0, [], []
    for each in accounts.workspaces():
        places = {place.name: place for place in delivery.mailbox_places(each.workspace_id)}
        for name in optouts.mailbox_names(each.workspace_id):
            place = places.get(name)
            if place is not None and place.fault:
                faults.append(f"{each.slug} {name}: {place.fault}")
            elif place is None or now - place.at > UNREAD_WITHIN:
                late.append(f"{each.slug} {name}: nobody looked lately: does `shodaku inbound listen` run?")
            else:
                read += 1
    return not faults, "; ".join([*faults, *late]) or f"{read} read each minute", bool(late)


def _gate() -> tuple[bool, str]:
    from shodaku.suppression import selectors  # noqa: PLC0415 - Django is set up by run

    fence = selectors.fence()
    return fence.state == "open", f"{fence.state}, epoch {fence.epoch} {fence.reason}".strip()


def _second_copy() -> tuple[bool, str]:
    from shodaku.backups import selectors  # noqa: PLC0415 - Django is set up by run

    found = selectors.place_of(clock.now())
    seen = f"host {found.host}, marks in {found.marked} folders with copies of the journal"
    return not found.signs, found.signs.sentence or f"no other installation on these data was seen; {seen}"


def _journal() -> tuple[bool, str, bool]:
    """A copy that burns with the database is none."""
    from shodaku.optout import copying, tending  # noqa: PLC0415 - Django is set up by run

    found = tending.overview(clock.now())
    troubles = ["the database is behind: shodaku journal check"] if found.behind else []
    troubles += [f"{found.received} received and not obeyed yet: does the chore worker run?"] * bool(
        found.received
    )
    troubles += [f"{name}: {each.fault}" for name, each in found.copies.items() if each.fault]
    warnings = [
        f"{folder} is on the volume of the database"
        for folder in copying.folders(copying.places())
        if _near(folder)
    ]
    if not found.copies:
        warnings.append("no copy: set SHODAKU_JOURNAL_COPY to a folder on another volume")
    lines = sum(each.last for each in found.hosts)
    said = ", ".join([*troubles, *warnings]) or f"{lines} lines, {len(found.copies)} copies"
    return not troubles, said, bool(warnings)


def _near(folder: Path) -> bool:
    """The same volume as the database, or, where that is elsewhere, as the journal itself."""
    database = environment.home() / "postgres"
    beside = database if database.exists() else environment.home()
    try:
        return folder.stat().st_dev == beside.stat().st_dev
    except OSError:
        return False


def _clocks() -> tuple[bool, str]:
    """Only a welcome that hangs is a fault of the installation; the rest is for who writes the mails."""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.journeys import selectors  # noqa: PLC0415
    from shodaku.journeys.domain import Late  # noqa: PLC0415

    due = [
        (workspace.slug, each)
        for workspace in accounts.workspaces()
        for each in selectors.warnings(workspace.workspace_id)
    ]
    told = ", ".join(f"{slug} {each.kind.value} {each.people}" for slug, each in due)
    return all(each.kind is not Late.WELCOME_LATE for _slug, each in due), told or "nothing is late"


def _columns() -> tuple[bool, str, bool]:
    """A copy that is late harms nobody; who is to be forgotten and still stands in it is another matter."""
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors as delivery  # noqa: PLC0415

    now, waiting, late, standing = clock.now(), 0, 0, 0
    for each in accounts.workspaces():
        state = delivery.copy_state(each.workspace_id)
        waiting += state.to_forget
        late += state.asked_at is not None and now - state.asked_at > FORGOTTEN_WITHIN
        standing += state.copied_at is not None and now - state.copied_at > FORGOTTEN_WITHIN and state.behind
    if late:
        return False, f"{waiting} people are to be forgotten there: shodaku columns run", False
    return True, "the copy stands still: shodaku columns run" if standing else "nothing waits", bool(standing)


def _time() -> tuple[bool, str]:
    """Nothing is forgotten or ended by a clock that may be wrong."""
    from shodaku.kit import two_clocks  # noqa: PLC0415 - Django is set up by run

    ahead = two_clocks.apart()
    if two_clocks.agree(ahead):
        return True, "this machine and the database agree"
    return (
        False,
        f"this machine is {ahead.total_seconds():+.0f} s from the database: set both by a time server",
    )


def _disk() -> tuple[bool, str]:
    from shodaku.delivery.selectors import has_room  # noqa: PLC0415 - Django is set up by run

    journals = environment.home() / "journals"
    if not has_room(journals):
        return False, f"nothing is sent from here, for {journals} cannot be written: make room there"
    free = shutil.disk_usage(environment.home()).free
    return free > FREE_BYTES_MIN, f"{free / 1e9:.1f} GB free at {environment.home()}"


def _send_path() -> tuple[bool, str]:
    """Slower is not unwell."""
    match native.state()[0]:
        case native.Kind.NATIVE:
            return True, "machine code"
        case native.Kind.STALE:
            return True, "interpreted, for its files changed since they were compiled: make native"
        case _:
            return True, "interpreted: make native saves two fifths of a message's time"
