"""`shodaku product …`: the catalogue, and lists of who bought what."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

from shodaku.accounts.domain import Workspace
from shodaku.config.commands import workspaces
from shodaku.config.commands.import_command import FileAway, NotAList
from shodaku.config.commands.output import as_json, say, table
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import ProductKind, UnfitProduct, parse_product
from shodaku.imports import services
from shodaku.imports.domain import UnreadableFile
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse

BY: Final = "command line"


class NoProduct(WrongUse):
    """A product has a code of letters and digits, a name of at most 100 characters, and a page or none."""

    code = "product_unfit"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    every = verbs.add_parser("list", help="the catalogue")
    save = verbs.add_parser("save", help="a new product, or what one is called from now on")
    save.add_argument("code")
    save.add_argument("name")
    save.add_argument("--url", default="", help="its page")
    save.add_argument("--kind", choices=[each.value for each in ProductKind], default=ProductKind.OTHER.value)
    archive = verbs.add_parser("archive", help="it is not offered any more; its buyers stay known")
    archive.add_argument("code")
    bought = verbs.add_parser("bought", help="bring in a list of purchases, with a verdict for each row")
    bought.add_argument("file", type=Path)
    bought.add_argument("--dry-run", action="store_true", help="say what would happen; write nothing")
    for sub in (every, save, archive, bought):
        sub.add_argument("--json", action="store_true")
        workspaces.define(sub)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    workspace = workspaces.chosen(options)
    act = {"list": _list, "save": _save, "archive": _archive, "bought": _bought}[options.verb]
    return act(workspace, options)


def _list(workspace: Workspace, options: argparse.Namespace) -> int:
    rows = [
        {
            "code": each.code,
            "name": each.name,
            "kind": each.kind,
            "url": each.url,
            "offered": each.archived_at is None,
        }
        for each in contacts.products(workspace.workspace_id)
    ]
    if options.json:
        as_json(rows)
    elif rows:
        table(rows)
    else:
        say("no product yet; add one with: shodaku product save CODE NAME")
    return 0


def _save(workspace: Workspace, options: argparse.Namespace) -> int:
    try:
        product = parse_product(options.code, options.name, options.url, options.kind)
    except UnfitProduct as fault:
        raise NoProduct(hint=fault.fault.value) from fault
    services.save_product(workspace.workspace_id, product, by=BY, now=clock.now())
    if options.json:
        as_json({"saved": product.code})
    else:
        say(f"{product.code} is saved")
    return 0


def _archive(workspace: Workspace, options: argparse.Namespace) -> int:
    services.archive_product(workspace.workspace_id, options.code, by=BY, now=clock.now())
    if options.json:
        as_json({"archived": options.code})
    else:
        say(f"{options.code} is not offered any more")
    return 0


def _bought(workspace: Workspace, options: argparse.Namespace) -> int:
    try:
        with options.file.open("rb") as stream:
            report = services.import_purchases(
                workspace.workspace_id, stream, by=BY, now=clock.now(), dry_run=options.dry_run
            )
    except OSError as error:
        raise FileAway(hint=f"{options.file}: {error.strerror}") from error
    except UnreadableFile as fault:
        raise NotAList(hint=f"{fault.sentence('en')} / {fault.sentence('ja')}") from fault
    counts = {verdict.value: count for verdict, count in sorted(report.counts.items())}
    rows = [{"row": number, "verdict": verdict.value} for number, verdict in report.listed]
    if options.json:
        as_json({"dry_run": options.dry_run, "rows": report.rows, "counts": counts, "listed": rows})
        return 0
    say(f"{report.rows} rows" + (", nothing was written" if options.dry_run else ""))
    table([{"verdict": verdict, "rows": count} for verdict, count in counts.items()])
    if rows:
        table(rows)
    return 0
