"""`shodaku ledger bundle ADDRESS -o FILE`: a person's proof in one file that anybody can check without us."""

from __future__ import annotations

import argparse
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import FileUnwritable, require_free, say, write_private
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach, WrongUse

if TYPE_CHECKING:
    from shodaku.accounts.domain import Workspace
    from shodaku.ledger.selectors import Bundle

BY: Final = "command line"
NO_FIELD: Final = "none"


class UnknownField(WrongUse):
    """No entry of this person has a field of that name; write it as the entries do."""

    code = "unknown_field"


def define(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    bundle = verbs.add_parser("bundle", help="a person's entries, proven, in one file")
    bundle.add_argument("address")
    bundle.add_argument("-o", "--output", type=Path, metavar="FILE", required=True, help="JSON")
    bundle.add_argument(
        "--withhold",
        metavar="FIELDS",
        help="fields that stay committed and are not shown, with commas, instead of ip and browser; "
        "none: everything is shown",
    )
    bundle.add_argument(
        "--earlier", type=int, metavar="SIZE", help="prove growth from a checkpoint somebody kept"
    )
    bundle.add_argument("--attach", action="store_true", help="with wordings, pages, pictures and scans")
    bundle.add_argument(
        "--proofs", type=Path, metavar="DIR", help="besides, a C2SP tlog-proof for each entry"
    )
    bundle.add_argument("--pdf", type=Path, metavar="FILE", help="besides, the same on paper")
    bundle.add_argument("--lang", choices=("ja", "en"), help="of the paper; else the workspace's")
    workspaces.define(bundle)
    bundle.set_defaults(act=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.ledger import selectors, services  # noqa: PLC0415 - Django is set up by the command
    from shodaku.signup import services as signup  # noqa: PLC0415

    for file in (options.output, options.pdf, options.proofs):
        require_free(file)
    workspace = workspaces.chosen(options)
    contact_id = workspaces.person(workspace, workspaces.email(options.address))
    if contact_id is None:
        raise workspaces.UnknownPerson
    with suppress(OutOfReach):  # the ledger's own worker does it within a second or two
        services.sequence_all(workspace.workspace_id, now=clock.now())
    withheld = _withheld(options.withhold, workspace.workspace_id, contact_id)
    made = signup.prove(
        workspace.workspace_id,
        contact_id,
        by=BY,
        now=clock.now(),
        absent=withheld,
        earlier=options.earlier,
        attach=options.attach or options.pdf is not None,
    )
    paper = _paper(workspace, made, options.lang) if options.pdf is not None else None
    bundle = made if options.attach else made.without_attachments()
    write_private(options.output, bundle.as_json().rstrip("\n"))
    if paper is not None:
        _write_bytes(options.pdf, paper)
    if options.proofs is not None:
        _write_proofs(options.proofs, bundle)
    vkey = selectors.verifier_keys(workspace.workspace_id)[0]
    say(f"{bundle.entries} entries, proven up to place {bundle.size} of the log: {options.output}")
    say(f"shodaku-verify {options.output} --key {vkey}")
    return 0


def _withheld(said: str | None, workspace_id: int, contact_id: int) -> frozenset[str]:
    """A name that is in no entry would be shown under its right spelling. Raises UnknownField."""
    from shodaku.ledger import selectors  # noqa: PLC0415 - Django is set up by the command

    if said is None:
        return selectors.ABSENT_BY_DEFAULT
    if said.strip() == NO_FIELD:
        return frozenset()
    names = frozenset(name.strip() for name in said.split(","))
    entries = selectors.history(workspace_id, contact_id)
    known = {name for entry in entries for name in entry.fields or {}}
    if unknown := names - known - selectors.ABSENT_BY_DEFAULT:
        raise UnknownField(hint=f"{', '.join(sorted(unknown))}; {', '.join(sorted(known))}")
    return names


def _paper(workspace: Workspace, bundle: Bundle, language: str | None) -> bytes:
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by the command
    from shodaku.ledger import paper, selectors  # noqa: PLC0415

    chosen = language or workspace.locale
    senders = accounts.senders(workspace.workspace_id)
    return paper.make_pdf(
        bundle.content,
        language="ja" if chosen == "ja" else "en",
        sender_name=senders[0].formal_name if senders else workspace.name,
        made_at=clock.now(),
        vkeys=selectors.verifier_keys(workspace.workspace_id),
        pictures=bundle.pictures(),
    )


def _write_bytes(file: Path, data: bytes) -> None:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise FileUnwritable(hint=f"{file}: {error.strerror}") from error
    with os.fdopen(descriptor, "wb") as target:
        target.write(data)


def _write_proofs(folder: Path, bundle: Bundle) -> None:
    try:
        folder.mkdir(mode=0o700)
    except OSError as error:
        raise FileUnwritable(hint=f"{folder}: {error.strerror}") from error
    for name, text in bundle.tlog_proofs().items():
        write_private(folder / name, text.rstrip("\n"))
