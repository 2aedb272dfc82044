"""`shodaku columns`: the copy of clicks, opens and reports in a column store (ClickHouse)."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from shodaku.config.commands import workspaces
from shodaku.config.commands.output import as_json, say
from shodaku.kit import clock
from shodaku.kit.errors import WrongUse


class NoCampaignNamed(WrongUse):
    """Figures are of one campaign that was launched: name it with --campaign."""

    code = "no_campaign_named"


class NotMeant(WrongUse):
    """The tables of the column store would be deleted: say so with --yes."""

    code = "not_meant"


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=("status", "run", "figures", "end"))
    parser.add_argument("--campaign", type=int, metavar="ID", help="figures: of this one")
    parser.add_argument("--yes", action="store_true", help="end: the tables of the column store go")
    parser.add_argument("--json", action="store_true", help="one line for programs")
    workspaces.define(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import bind  # noqa: PLC0415 - only the chosen command loads its tools

    bind.start_command()
    match options.verb:
        case "status":
            _status(options)
        case "run":
            _run(options)
        case "figures":
            _figures(options)
        case "end":
            _end(options)
    return 0


def _status(options: argparse.Namespace) -> None:
    from shodaku.delivery import selectors  # noqa: PLC0415 - Django is set up by run

    state = selectors.copy_state(workspaces.chosen(options).workspace_id)
    if options.json:
        as_json({**asdict(state), "behind": state.behind})
        return
    say(f"Clicks and opens: copied up to row {state.hits or 0} of {state.hits_last or 0}")
    say(f"Bounces and complaints: up to row {state.feedback or 0} of {state.feedback_last or 0}")
    say(f"Last copied: {state.copied_at or 'never'}")
    say(f"People still to be forgotten there: {state.to_forget}")


def _run(options: argparse.Namespace) -> None:
    from shodaku.delivery import services  # noqa: PLC0415 - Django is set up by run

    done = services.copy_out(workspaces.chosen(options).workspace_id, now=clock.now())
    if options.json:
        as_json(asdict(done))
    else:
        rows = ", ".join(f"{name} {count}" for name, count in done.rows.items())
        say(f"Rows sent: {rows}. People forgotten: {done.forgotten}.")


def _figures(options: argparse.Namespace) -> None:
    from shodaku.campaigns import selectors as campaigns  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import selectors  # noqa: PLC0415

    workspace_id = workspaces.chosen(options).workspace_id
    campaign = campaigns.campaign(workspace_id, options.campaign) if options.campaign else None
    if campaign is None or campaign.mailing_id is None:
        raise NoCampaignNamed
    found = selectors.copied_figures(workspace_id, campaign.mailing_id)
    if options.json:
        as_json(found)
        return
    for each in found["links"]:
        counted = f"{each['people']} people, {each['clicks']} clicks, {each['programs']} programs"
        say(f"link {each['link']}: {counted}")
    for each in found["kinds"]:
        say(f"{each['kind']}: {each['reports']} reports of {each['people']} people")


def _end(options: argparse.Namespace) -> None:
    from shodaku.accounts import selectors as accounts  # noqa: PLC0415 - Django is set up by run
    from shodaku.delivery import services  # noqa: PLC0415

    if not options.yes:
        raise NotMeant
    services.end_copy([each.workspace_id for each in accounts.workspaces()])
    say("The copy has ended. Unset SHODAKU_CLICKHOUSE_URL, or it begins anew.")
