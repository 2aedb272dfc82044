"""The parts of a bundle that paper shows, read strictly; that they prove something was verified before."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain
from typing import Final

from shodaku.kit.errors import WrongUse
from shodaku.ledger.domain import FIELD_NAME
from shodaku.ledger.merkle import leaf_hash

EVENTS_MAX: Final = 500
TEXT_CHARS_MAX: Final = 1_000_000  # of all values and the checkpoint together
ORIGIN_CHARS_MAX: Final = 300
FILE_BYTES_MAX: Final = 16 << 20  # what the verifier reads
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class BundleUnreadable(WrongUse):
    """The bundle cannot be read, so it cannot be put on paper; verify it first."""

    code = "bundle_unreadable"


class TooManyEvents(WrongUse):
    """A PDF holds at most 500 events; hand over the bundle itself, or a shorter one."""

    code = "too_many_events"


class TooMuchText(WrongUse):
    """The bundle holds more text than paper can carry; hand over the bundle itself."""

    code = "too_much_text"


@dataclass(frozen=True, slots=True)
class ShownEvent:
    index: int
    kind: str
    hour_starts_at: datetime  # the public part of the time
    disclosed: Mapping[str, object]  # JSON values
    withheld: tuple[str, ...]
    leaf_hash: str  # hex


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A signed note (C2SP tlog-checkpoint); the signatures are shown, not checked."""

    note: str
    origin: str
    size: int
    signers: tuple[str, ...]

    @property
    def head(self) -> str:
        """What the log signs: origin, size, root, each with its line feed."""
        return self.note.partition("\n\n")[0] + "\n"

    @property
    def witnesses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in self.signers if name != self.origin))


@dataclass(frozen=True, slots=True)
class ShownBundle:
    checkpoint: Checkpoint
    events: tuple[ShownEvent, ...]
    attachments: Mapping[str, bytes]  # by SHA-256, hex
    file: bytes  # the bundle itself as JSON, for the verifier

    @property
    def gapless(self) -> bool:
        """Whether this is a person's whole history up to the last event shown (field `n`)."""
        return [event.disclosed.get("n") for event in self.events] == [*range(1, len(self.events) + 1)]

    def digests(self, *names: str) -> tuple[str, ...]:
        """What the events show in these fields, in their order; without names, in every `*_sha256`."""
        shown = chain.from_iterable(event.disclosed.items() for event in self.events)
        wanted = (
            value
            for name, value in shown
            if isinstance(value, str) and (name in names if names else name.endswith("_sha256"))
        )
        return tuple(dict.fromkeys(wanted))


def parse_bundle(bundle: Mapping[str, object]) -> ShownBundle:
    """Raises BundleUnreadable, TooManyEvents, TooMuchText."""
    try:
        return _parse(bundle)
    except (KeyError, TypeError, AttributeError, ValueError, OverflowError, RecursionError) as fault:
        raise BundleUnreadable from fault


def _parse(bundle: Mapping[str, object]) -> ShownBundle:
    _need(bundle["format"] == "shodaku-bundle/1", "another format")
    rows = _rows(bundle["entries"])
    if len(rows) > EVENTS_MAX:
        raise TooManyEvents
    checkpoint = _checkpoint(_text(bundle["checkpoint"]))
    events = tuple(_event(_mapping(row)) for row in rows)
    _need(all(event.index < checkpoint.size for event in events), "an entry outside the tree")
    if len(checkpoint.note) + sum(map(_length, events)) > TEXT_CHARS_MAX:
        raise TooMuchText
    file = json.dumps(bundle, ensure_ascii=False, indent=1).encode()
    if len(file) > FILE_BYTES_MAX:
        raise TooMuchText
    shown = ShownBundle(checkpoint, events, dict(_attachments(bundle.get("attachments", {}))), file)
    _need(set(shown.digests()) >= set(shown.attachments), "an attachment that no event names")
    return shown


def _checkpoint(note: str) -> Checkpoint:
    head, _, signatures = note.partition("\n\n")
    origin, size, root = head.split("\n")
    _need(0 < len(origin) <= ORIGIN_CHARS_MAX and root and signatures.endswith("\n"), "no signed note")
    return Checkpoint(note, origin, int(size), tuple(line.split(" ")[1] for line in signatures.splitlines()))


def _event(row: Mapping[str, object]) -> ShownEvent:
    entry, index = _text(row["entry"]), _whole_number(row["index"])
    leaf = _mapping(json.loads(entry))
    disclosed = {name: _mapping(shown)["value"] for name, shown in _mapping(row["disclosed"]).items()}
    withheld = tuple(sorted(_mapping(row["withheld"])))
    _need(all(FIELD_NAME.fullmatch(name) for name in (*disclosed, *withheld)), "a bad field name")
    return ShownEvent(
        index=index,
        kind=_text(leaf["kind"]),
        hour_starts_at=EPOCH + timedelta(hours=_whole_number(leaf["hour"])),
        disclosed=disclosed,
        withheld=withheld,
        leaf_hash=leaf_hash(entry.encode()).hex(),
    )


def _attachments(attachments: object) -> Iterator[tuple[str, bytes]]:
    """A text is printed under its hash, so the hash must be its own."""
    for digest, text in _mapping(attachments).items():
        data = b64decode(_text(text), validate=True)
        _need(sha256(data).hexdigest() == digest, "an attachment under another hash")
        yield digest, data


def _length(event: ShownEvent) -> int:
    return len(json.dumps(event.disclosed, ensure_ascii=False)) + sum(map(len, event.withheld))


def _rows(value: object) -> list[object]:
    if not isinstance(value, list) or not value:
        raise TypeError("no entries")
    return value


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError("no object")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _whole_number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise TypeError("no whole number")
    return value


def _need(condition: object, otherwise: str) -> None:
    if not condition:
        raise ValueError(otherwise)
