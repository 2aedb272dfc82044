"""`shodaku up`: everything this installation needs, until Ctrl-C."""

from __future__ import annotations

import argparse
import os

from shodaku.config.commands.output import say


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8000, help="of the web server on 127.0.0.1 (8000)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    from shodaku.config import up  # noqa: PLC0415 - only the chosen command loads its tools

    with up.running(port=options.port, smtp_url=os.environ.get("SHODAKU_SMTP_URL", "")) as installation:
        say(f"Console   {installation.public_url}/console/")
        if link := _first_login(installation.public_url):
            say(f"First use {link}")
        say("Ctrl-C stops everything.")
        up.watch(installation)
    return 0


def _first_login(public_url: str) -> str | None:
    """A link that lets the first owner in, as long as nobody has an account."""
    from shodaku.accounts import selectors, services  # noqa: PLC0415 - Django is set up only now

    if selectors.staff_exists():
        return None
    return f"{public_url}/console/start/{services.first_login_token()}/"
