"""`shodaku init`: make the keys that are missing and say what to copy where."""

from __future__ import annotations

import argparse

from shodaku.config import environment
from shodaku.config.commands.output import say
from shodaku.kit import keys


def define(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=run)


def run(_options: argparse.Namespace) -> int:
    folder = environment.keys_folder()
    made = keys.create_missing(folder)
    for purpose in keys.lost(folder):
        say(f"Lost, and not made anew: put {folder}/{purpose.value}.1 and later ones back from your copy")
    say(
        f"Keys in {folder}: "
        + (", ".join(purpose.value for purpose in made) + " made" if made else "all there")
    )
    say("Keep a copy of kek.1, pepper.1 and backup.1 offline, away from every database backup:")
    say("  without the pepper nobody on the never-contact list is protected, without the kek no proof opens,")
    say("  without the backup key no backup opens.")
    return 0
