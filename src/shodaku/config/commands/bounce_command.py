"""`shodaku bounce classify PATH…`: what returned mails mean, a line each. Needs no installation, no token."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from shodaku.config.commands.output import as_json, say
from shodaku.delivery.bounces.classify import classify
from shodaku.delivery.bounces.reading import MAIL_BYTES_MAX
from shodaku.delivery.bounces.verdict import BounceClass, BounceSort, Judgement, Reason, Returned, Stage
from shodaku.kit.errors import WrongUse

_MAILDIR: Final = frozenset({"cur", "new", "tmp"})
_SORTS: Final = {
    BounceSort.FEEDBACK: ("a complaint: everything stops", "迷惑メール報告、受信拒否の報告"),
    BounceSort.VACATION: ("an automatic answer: nothing changes", "自動返信"),
    BounceSort.DELIVERED: ("delivered", "配信済み"),
    BounceSort.NONE: ("no bounce", "エラーメールではない"),
}
_REASONS: Final = {
    Reason.MAILBOX_FULL: ("the mailbox is full", "容量超過"),
    Reason.SUSPEND: ("the account is suspended", "利用停止"),
    Reason.HOST_UNKNOWN: ("no such domain", "宛先のドメインがない"),
    Reason.NOT_ACCEPT: ("the domain takes no mail", "メールを受けないドメイン"),
    Reason.HAS_MOVED: ("the address has moved", "アドレス変更"),
}
_CLASSES: Final = {
    BounceClass.HARD: ("no such address", "宛先不明"),
    BounceClass.SOFT: ("passing, or in doubt", "一時的、または不明"),
    BounceClass.FILTERED: ("the recipient's filter; the address lives", "受信拒否の可能性"),
    BounceClass.OURS: ("about the sender, not about the address", "送信側の問題"),
}


class PathAway(WrongUse):
    """A file or folder of mails cannot be read."""

    code = "path_away"


def define(parser: argparse.ArgumentParser) -> None:
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("classify", help="files, folders and Maildirs; one line a mail")
    verb.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    verb.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """0 whatever the mails say. Raises PathAway."""
    for path in options.paths:
        for name, file in _mails(path):
            returned = classify(_read(file))
            if options.json:
                as_json(_line(_printable(name), returned))
            else:
                _tell(_printable(name), returned)
    return 0


def _mails(path: Path) -> Iterator[tuple[str, Path]]:
    """With the names they are told by: inside a folder from there on, sorted. Raises PathAway."""
    if not path.is_dir():
        yield str(path), path
        return
    found: list[Path] = []
    for folder, folders, files in os.walk(path, onerror=_complain):
        if (
            set(folders) >= _MAILDIR
        ):  # what lies beside its three folders is its program's own, tmp unfinished
            folders.remove("tmp")
            continue
        found += [Path(folder, file) for file in files]
    yield from sorted((file.relative_to(path).as_posix(), file) for file in found)


def _printable(name: str) -> str:
    """Names of files may be any bytes."""
    return os.fsencode(name).decode("utf-8", "replace")


def _complain(error: OSError) -> None:
    raise PathAway(hint=f"{error.filename}: {error.strerror}") from error


def _read(file: Path) -> bytes:
    """As much as says what it is. Raises PathAway."""
    try:
        with file.open("rb") as stream:
            return stream.read(MAIL_BYTES_MAX)
    except OSError as error:
        raise PathAway(hint=f"{file}: {error.strerror}") from error


def _line(name: str, returned: Returned) -> dict[str, object]:
    judged = returned.judged
    sort = returned.sort
    told = "" if sort is BounceSort.NONE else sort.value
    return {
        "file": name,
        "kind": sort.value,
        "hard": judged is not None and judged.hard,
        "reason": judged.reason.value if judged else told,
        "status": judged.status if judged else "",
        "stage": (judged.stage if judged else Stage.UNKNOWN).value,
        "recipients": [
            {
                "address": each.address,
                "hard": judged is not None and each.judged.hard,
                "reason": each.judged.reason.value if judged else told,
                "status": each.judged.status,
                "code": each.judged.code,
                "stage": each.judged.stage.value,
            }
            for each in returned.recipients
        ],
    }


def _tell(name: str, returned: Returned) -> None:
    if returned.judged is None:
        say(f"{name}  {returned.sort.value}: {' / '.join(_SORTS[returned.sort])}")
        return
    if not returned.recipients:
        say(f"{name}  bounce of an unknown recipient: {_judged(returned.judged)}")
    for each in returned.recipients:
        say(f"{name}  bounce of {each.address}: {_judged(each.judged)}")


def _judged(judged: Judgement) -> str:
    english, japanese = _CLASSES[judged.effect]
    if judged.reason in _REASONS:
        english, japanese = _REASONS[judged.reason]
    stage = f" at {judged.stage.value}" if judged.stage is not Stage.UNKNOWN else ""
    details = ", ".join([judged.reason.value, *filter(None, [f"{judged.code} {judged.status}".strip()])])
    return f"{judged.effect.value}, {english} / {japanese} ({details}{stage})"
