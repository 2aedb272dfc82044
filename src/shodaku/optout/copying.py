"""Copies of the erasure journal: a host that burns down must not take along what people said.

SHODAKU_JOURNAL_COPY names the places, separated by spaces: `file:///folder` on another volume, `mailto:box`,
`exec:program argument …`, which reads the new lines on its standard input and gets a file name as its last
argument.
"""

from __future__ import annotations

import json
import os
import smtplib
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from shodaku.kit import erasure_journal, log
from shodaku.kit.erasure_journal import Journal, Line
from shodaku.kit.errors import OutOfReach, ShodakuError, WrongUse

PLACES_MAX: Final = 10
COPY_SECONDS: Final = 10
MAIL_EVERY: Final = timedelta(minutes=10)  # a box that fills up is read by nobody
MAIL_SECONDS_MAX: Final = 30
PROGRAM_SECONDS_MAX: Final = 60
STATE: Final = "copies.json"


class CopyKind(StrEnum):
    FILE = "file"
    MAIL = "mailto"
    PROGRAM = "exec"


class NoCopyPlace(WrongUse):
    """A copy of the erasure journal goes to file:///folder, mailto:box@example.jp or exec:program."""

    code = "no_copy_place"


class CopyFailed(OutOfReach):
    """The erasure journal could not be copied."""

    code = "copy_failed"


class CopyAhead(ShodakuError):
    """A copy of the erasure journal has more lines than the journal: the home folder was restored or lost."""

    code = "copy_ahead"


@dataclass(frozen=True, slots=True)
class Place:
    kind: CopyKind
    words: tuple[str, ...]  # folder; address; program and arguments

    @property
    def name(self) -> str:
        """As it was set, for people and for the state."""
        return f"{self.kind.value}:{' '.join(self.words)}"


@dataclass(frozen=True, slots=True)
class Copied:
    """How far a place is; `fault`: the code of what stopped it last, empty while it is well."""

    seq: int = 0
    at: str = ""
    fault: str = ""


def places(environment: Mapping[str, str] = os.environ) -> list[Place]:
    """Raises NoCopyPlace."""
    found: list[Place] = []
    for word in environment.get("SHODAKU_JOURNAL_COPY", "").split():
        kind = word.partition(":")[0]
        if kind in tuple(CopyKind):
            found.append(_place(word))
        elif found and found[-1].kind is CopyKind.PROGRAM:
            found[-1] = Place(CopyKind.PROGRAM, (*found[-1].words, word))
        else:
            raise NoCopyPlace
    if len(found) > PLACES_MAX:
        raise NoCopyPlace
    return found


def _place(word: str) -> Place:
    kind, _, rest = word.partition(":")
    match CopyKind(kind):
        case CopyKind.FILE:
            path = unquote(urlsplit(word).path)
            if not path.startswith("/") or urlsplit(word).netloc or "\0" in path:
                raise NoCopyPlace
            return Place(CopyKind.FILE, (path,))
        case CopyKind.MAIL:
            if rest.count("@") != 1 or not rest.isascii() or not rest.isprintable() or "," in rest:
                raise NoCopyPlace
            return Place(CopyKind.MAIL, (rest,))
        case CopyKind.PROGRAM:
            if not rest.startswith("/"):
                raise NoCopyPlace
            return Place(CopyKind.PROGRAM, (rest,))


def folders(found: Sequence[Place]) -> list[Path]:
    """Places that can be read back: what stands there must be known here."""
    return [Path(each.words[0]) for each in found if each.kind is CopyKind.FILE]


def copy(journal: Journal, found: Sequence[Place], now: datetime) -> dict[str, Copied]:
    """Bring every place up to date. One that fails stops no other; all are told by their names."""
    states = read_states(journal.folder)
    fresh = {each.name: _copied(journal, each, states.get(each.name, Copied()), now) for each in found}
    if fresh != states:
        _keep_states(journal.folder, fresh)
    return fresh


def _copied(journal: Journal, place: Place, before: Copied, now: datetime) -> Copied:
    try:
        seq = _bring(journal, place, before, now)
    except (OSError, ShodakuError, smtplib.SMTPException, subprocess.SubprocessError) as fault:
        code = fault.code if isinstance(fault, ShodakuError) else type(fault).__name__
        if code != before.fault:
            log.info("journal.copy_failed", kind=place.kind.value, code=code)
        return Copied(before.seq, before.at, code)
    if seq == before.seq and not before.fault:
        return before
    return Copied(seq, now.isoformat(timespec="milliseconds"))


def _bring(journal: Journal, place: Place, before: Copied, now: datetime) -> int:
    if not journal.file.exists():
        return before.seq
    if place.kind is CopyKind.FILE:
        return _to_folder(journal, Path(place.words[0]))
    if place.kind is CopyKind.MAIL and before.at and now - datetime.fromisoformat(before.at) < MAIL_EVERY:
        return before.seq
    lines = erasure_journal.read(journal.file, after=before.seq)
    if not lines:
        return before.seq
    content = b"".join(map(erasure_journal.encode, lines))
    name = f"{journal.host}.{lines[0].seq}-{lines[-1].seq}.jsonl"
    if place.kind is CopyKind.MAIL:
        _by_mail(place.words[0], name, content)
    else:
        _by_program(place.words, name, content)
    return lines[-1].seq


def _to_folder(journal: Journal, folder: Path) -> int:
    """The same file once more; the copy itself says how far it is. Raises CopyAhead, OSError."""
    target = folder / journal.file.name
    if not folder.is_dir():
        raise CopyFailed  # a volume that is not mounted must not be taken for an empty folder
    if not target.exists():
        _add(target, [])  # that a host said nothing yet must be known too: a restore asks for its journal
    there = erasure_journal.last(target)
    here = erasure_journal.last(journal.file)
    if there > here:
        raise CopyAhead
    while lines := erasure_journal.read(journal.file, after=there):
        _add(target, lines)
        there = lines[-1].seq
    return there


def _add(target: Path, lines: Sequence[Line]) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "ab") as out:
        if out.tell() and not _ends_whole(target):
            out.write(b"\n")
        out.writelines(map(erasure_journal.encode, lines))
        out.flush()
        os.fsync(out.fileno())


def _ends_whole(target: Path) -> bool:
    with target.open("rb") as source:
        source.seek(-1, os.SEEK_END)
        return source.read(1) == b"\n"


def _by_mail(box: str, name: str, content: bytes) -> None:
    """Straight to the mail server of the environment, beside the gate: the box is the operator's own, nobody
    is advertised to, and the copy must leave while the gate is shut. Raises NoRoute, SmtpUrlFault.
    """
    mail = EmailMessage()
    mail["Subject"] = f"Shodaku: journal {name}"
    mail["From"] = mail["To"] = box
    mail.set_content("Please keep this mail: after a restore its lines say whom nothing may be sent to.\n")
    mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    from shodaku.delivery import services as delivery  # noqa: PLC0415 - the send plane looks at places without Django

    target = delivery.environment_target()
    with smtplib.SMTP(target.host, target.port, timeout=MAIL_SECONDS_MAX) as server:
        server.ehlo_or_helo_if_needed()
        if target.tls != "none" and (target.tls == "require" or server.has_extn("starttls")):
            server.starttls(context=ssl.create_default_context())
        if target.login is not None:
            server.login(target.login.user, target.login.password)
        server.send_message(mail)


def _by_program(words: Sequence[str], name: str, content: bytes) -> None:
    """Raises CopyFailed, SubprocessError, OSError."""
    done = subprocess.run(  # noqa: S603 - the operator's own program, without a shell
        [*words, name],
        input=content,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=PROGRAM_SECONDS_MAX,
        check=False,
    )
    if done.returncode:
        raise CopyFailed(hint=f"status {done.returncode}")


def read_states(folder: Path) -> dict[str, Copied]:
    """How far each place was when it was last tried; nothing for a file that is damaged."""
    try:
        said = json.loads((folder / STATE).read_text(encoding="utf-8"))
        return {name: Copied(int(each[0]), str(each[1]), str(each[2])) for name, each in said.items()}
    except (OSError, ValueError, TypeError, AttributeError, IndexError):
        return {}


def _keep_states(folder: Path, states: Mapping[str, Copied]) -> None:
    fresh = folder / f".{STATE}.{os.getpid()}"
    fresh.write_text(
        json.dumps({name: [each.seq, each.at, each.fault] for name, each in states.items()}),
        encoding="utf-8",
    )
    fresh.replace(folder / STATE)
