"""`shodaku bench NAME`: figures, a JSON line a case (SENDING section 12); all but one make a database."""

from __future__ import annotations

import argparse
import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path

from shodaku.config import trial
from shodaku.config.commands.output import say

BENCHES = (
    "send",
    "build",
    "decide",
    "audience",
    "optout",
    "endpoints",
    "form",
    "ledger",
    "bounce",
    "import",
    "crash",
    "pages",
)
_MODULES = {"import": "imports"}  # `import` cannot be the name of a module
_WITHOUT_DATABASE = {"bounce"}


def define(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=BENCHES)
    parser.add_argument("--json", action="store_true", help="whole lines; without it the figures alone")
    parser.add_argument("--messages", type=int, help="recipients, requests, entries or rows of a round")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--mails", type=Path, help="with bounce: a folder of returned mails")
    parser.add_argument("--dkim", choices=("ed25519", "rsa"), help="of send: with this signature")
    parser.add_argument(
        "--against",
        nargs="+",
        choices=("naive", "django-newsletter", "smtp-source"),
        help="of send: in turn with what one writes first, django-newsletter, Postfix's smtp-source",
    )
    parser.add_argument(
        "--newsletter-python",
        metavar="PATH",
        help="with --against django-newsletter: a Python that has it, of a virtual environment of your own",
    )
    parser.add_argument("--kills", type=int, help="of crash: how often a worker is killed")
    parser.add_argument("--encoding", choices=("base64", "8bit"), help="of send: one case instead of both")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    names = ("messages", "rounds", "mails", "dkim", "encoding", "against", "newsletter_python", "kills")
    given = {name: getattr(options, name) for name in names}
    chosen = {name: value for name, value in given.items() if value is not None}
    commit = _commit()
    own = nullcontext("") if options.name in _WITHOUT_DATABASE else trial.installation()
    with own as owner_url:
        module = _MODULES.get(options.name, options.name)
        bench = importlib.import_module(f"shodaku.config.bench.{module}")
        for line in bench.run({"owner_url": owner_url, **chosen}):
            whole = {
                **line,
                "noisy": float(str(line.get("load", 0))) > (os.cpu_count() or 1),
                "commit": commit,
            }
            say(json.dumps(whole, ensure_ascii=False) if options.json else _short(line))
    return 0


def _commit() -> str | None:
    """Of the working copy that is measured; an installed wheel has none."""
    git = shutil.which("git")
    if git is None:
        return None
    command = [git, "-C", str(Path(__file__).parent), "rev-parse", "--short", "HEAD"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    return answer.stdout.strip() or None


def _short(line: Mapping[str, object]) -> str:
    ratio = f", {line['ratio']} of {line['reference']}" if line.get("ratio") is not None else ""
    return f"{line['bench']} {line['case']}: {line['value']} {line['unit']}{ratio}"
