"""What the paper form of a bundle says: kinds, fields and times in words, every value as it is."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Final, Literal, TypeAlias

from shodaku.kit.typesetting import spelled
from shodaku.ledger.paper_bundle import ShownBundle, ShownEvent

Language: TypeAlias = Literal["ja", "en"]
Json: TypeAlias = "str | int | bool | float | Sequence[Json] | Mapping[str, Json] | None"

FILE_NAME: Final = "shodaku-bundle.json"
VALUE_CHARS_MAX: Final = 2_000
VALUE_LINES_MAX: Final = 60
TEXT_CHARS_MAX: Final = 20_000  # of one attached text
TEXT_LINES_MAX: Final = 400
ADDRESSES_MAX: Final = 5  # named on top; each event names its own
UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})  # a value must not hide or turn letters
READABLE: Final = ("wording_sha256", "policy_sha256")  # texts; other files are named with their size
OWN_PLACE: Final = frozenset({"at", "n"})  # beside the event's name, not among its details
SHA256_HEX: Final = re.compile(r"[0-9a-f]{64}")
INSTANT: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9:]{8}(?:\.[0-9]+)?)(Z|[+-][0-9]{2}:[0-9]{2})"
)
CODED: Final = {"method": "methods", "via": "methods", "scope": "scopes", "channel": "channels"}


@dataclass(frozen=True, slots=True)
class Words:
    language: Language
    labels: Mapping[str, str]
    kinds: Mapping[str, str]
    fields: Mapping[str, str]
    values: Mapping[str, Mapping[str, str]]

    def say(self, label: str, **what: object) -> str:
        return self.labels[label].format(**what)


@dataclass(frozen=True, slots=True)
class Annexes:
    """What stands behind the paper, and under which number: hash -> number."""

    files: Mapping[str, int]
    pictures: Mapping[str, int]


def words_in(language: Language) -> Words:
    table = tomllib.loads((files("shodaku.ledger") / "print" / "words.toml").read_text(encoding="utf-8"))
    chosen = {part: {name: each[language] for name, each in words.items()} for part, words in table.items()}
    values = {field: chosen[part] for field, part in CODED.items()}
    return Words(language, chosen["labels"], chosen["kinds"], chosen["fields"], values)


def describe(
    bundle: ShownBundle,
    words: Words,
    *,
    sender_name: str,
    made_at: datetime,
    vkeys: Sequence[str],
    pictures: Sequence[str],
) -> dict[str, Json]:
    """All that the template sets, as plain text. `pictures` are hashes in the order of their annex."""
    readable = bundle.digests(*READABLE)
    attached = [digest for digest in bundle.attachments if digest not in pictures]
    annexes = Annexes(_numbered(attached), _numbered(pictures))
    return {
        "language": words.language,
        "words": {**words.labels, "subtitle": words.say("subtitle", file=FILE_NAME)},
        "sender": _one_line(sender_name),
        "facts": [list(pair) for pair in _facts(bundle, words, sender_name, made_at)],
        "events": [_event(event, words, annexes) for event in bundle.events],
        "proves": _proves(bundle, words),
        "limits": list(_limits(bundle, words)),
        "note": [visible(line) for line in bundle.checkpoint.note.rstrip("\n").split("\n")],
        "keys": [list(pair) for pair in _keys(bundle.checkpoint.origin, vkeys, words)],
        "check": [words.say(f"check_{step}", file=FILE_NAME) for step in ("file", "program", "key", "run")],
        "command": _command(bundle.checkpoint.origin, vkeys),
        "files": [
            _annex_file(n, digest, bundle.attachments[digest], words, readable=digest in readable)
            for digest, n in annexes.files.items()
        ],
        "file": FILE_NAME,
    }


def visible(text: str) -> str:
    """The text with every character that cannot be seen spelled out; line feeds stay."""
    return "".join(spelled(c) if unicodedata.category(c) in UNSEEN and c != "\n" else c for c in text)


def _one_line(text: str) -> str:
    return visible(text).replace("\n", spelled("\n"))


def name_of(vkey: str) -> str:
    return vkey.partition("+")[0]


def _facts(
    bundle: ShownBundle, words: Words, sender_name: str, made_at: datetime
) -> Iterator[tuple[str, str]]:
    count, checkpoint = len(bundle.events), bundle.checkpoint
    addresses = dict.fromkeys(
        address for event in bundle.events if isinstance(address := event.disclosed.get("address"), str)
    )
    yield words.say("sender"), _one_line(sender_name)
    yield words.say("log"), visible(checkpoint.origin)
    if addresses:
        shown = [_one_line(_clipped(address, words)) for address in [*addresses][:ADDRESSES_MAX]]
        yield words.say("address"), words.say("comma").join(shown)
    yield words.say("extent"), words.say("extent_whole" if bundle.gapless else "extent_part", count=count)
    yield words.say("state"), words.say("state_text", size=f"{checkpoint.size:,}")
    yield words.say("made_at"), _time(made_at.isoformat(timespec="seconds"), words)


def _event(event: ShownEvent, words: Words, annexes: Annexes) -> dict[str, Json]:
    known = [name for name in words.fields if name in event.disclosed]
    names = [*known, *sorted(set(event.disclosed) - set(known))]
    n = event.disclosed.get("n")
    return {
        "kind": words.kinds.get(event.kind, visible(event.kind)),
        "code": visible(event.kind),
        "at": _when(event, words),
        "ordinal": "" if n is None else words.say("ordinal", n=_plain(n, words)),
        "fields": [
            _field(name, event.disclosed[name], words, annexes) for name in names if name not in OWN_PLACE
        ],
        "withheld": words.say("comma").join(words.fields.get(name, name) for name in event.withheld),
        "place": words.say("leaf_place", index=event.index),
        "hash": event.leaf_hash,
    }


def _when(event: ShownEvent, words: Words) -> str:
    at = event.disclosed.get("at")
    if at is not None:
        return _time(_plain(at, words), words)
    start = event.hour_starts_at  # the entry itself tells the hour, and the next one may be tomorrow's 0
    day = _day(f"{start:%Y}", f"{start:%m}", f"{start:%d}", words)
    return words.say("hour_only", day=day, start=f"{start:%H}", end=f"{start.hour + 1:02d}")


def _field(name: str, value: object, words: Words, annexes: Annexes) -> dict[str, Json]:
    items = value if isinstance(value, list) and value else [value]
    lines: list[dict[str, Json]] = []
    for item in items[:VALUE_LINES_MAX]:
        text = _plain(item, words)
        if text in words.values.get(name, {}):  # the code stays beside its meaning: it is what was recorded
            lines.append({"text": words.values[name][text], "code": text})
        elif name == "until" or name.endswith("_at"):
            lines.append({"text": _time(text, words)})
        elif name.endswith("_sha256"):
            lines.append(_digest(text, words, annexes))
        else:
            lines += [{"text": line} for line in _lines(text, VALUE_LINES_MAX, words)]
    if len(items) > 1:
        lines = [{**line, "text": f"• {line['text']}"} for line in lines]
    if len(items) > VALUE_LINES_MAX:
        lines.append({"text": f"… {words.say('more', count=len(items) - VALUE_LINES_MAX)}"})
    return {"name": words.fields.get(name, name), "lines": lines}


def _digest(text: str, words: Words, annexes: Annexes) -> dict[str, Json]:
    line: dict[str, Json] = {"text": text, "mono": SHA256_HEX.fullmatch(text) is not None}
    if text in annexes.pictures:
        line["see"] = words.say("pictures_see", number=annexes.pictures[text])
    elif text in annexes.files:
        line["see"] = words.say("files_see", number=annexes.files[text])
    return line


def _plain(value: object, words: Words) -> str:
    match value:
        case None:
            return words.say("none")
        case bool():
            return words.say("yes" if value else "no")
        case "":
            return words.say("empty")
        case str():
            return _clipped(value, words)
        case _:
            return _clipped(json.dumps(value, ensure_ascii=False, sort_keys=True), words)


def _time(text: str, words: Words) -> str:
    """To the digit and in the zone that was recorded; what is no such time stays as it is."""
    found = INSTANT.fullmatch(text)
    if found is None:
        return text
    year, month, day, time, zone = found.groups()
    return words.say("instant", day=_day(year, month, day, words), time=time, zone=zone.removeprefix("Z"))


def _day(year: str, month: str, day: str, words: Words) -> str:
    return words.say("day", year=year, month=int(month), day=int(day))


def _proves(bundle: ShownBundle, words: Words) -> list[str]:
    proved = ("values", "unchanged", "gapless") if bundle.gapless else ("values", "unchanged")
    return [words.say(f"proves_{each}") for each in proved]


def _limits(bundle: ShownBundle, words: Words) -> Iterator[str]:
    yield words.say("limits_later")
    if not bundle.gapless:
        yield words.say("limits_between")
    yield words.say("limits_true")
    if any(event.withheld for event in bundle.events):
        yield words.say("limits_withheld")
    names = words.say("comma").join(map(visible, bundle.checkpoint.witnesses))
    yield words.say("limits_witness", names=names) if names else words.say("limits_alone")
    yield words.say("limits_paper")


def _keys(origin: str, vkeys: Sequence[str], words: Words) -> Iterator[tuple[str, str]]:
    for vkey in vkeys:
        yield words.say("key_log" if name_of(vkey) == origin else "key_witness"), visible(vkey)


def _command(origin: str, vkeys: Sequence[str]) -> list[str]:
    """Lines for a shell: a log in the days of its key change has two keys, and one of them is enough."""
    log_key = next(vkey for vkey in vkeys if name_of(vkey) == origin)
    witnesses = [vkey for vkey in vkeys if name_of(vkey) != origin]
    options = [("--key", log_key), *(("--witness", vkey) for vkey in witnesses)]
    lines = [f"shodaku-verify {FILE_NAME}", *(f"    {name} {shlex.quote(vkey)}" for name, vkey in options)]
    return [f"{line} \\" for line in lines[:-1]] + lines[-1:]


def _annex_file(number: int, digest: str, data: bytes, words: Words, *, readable: bool) -> dict[str, Json]:
    text = _decoded(data) if readable else None
    if text is None:
        lines = [words.say("files_closed", bytes=f"{len(data):,}")]
    else:
        lines = _lines(_clipped(text, words, TEXT_CHARS_MAX), TEXT_LINES_MAX, words)
    return {"heading": words.say("files_heading", number=number), "hash": digest, "lines": lines}


def _decoded(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _clipped(text: str, words: Words, chars_max: int = VALUE_CHARS_MAX) -> str:
    if len(text) <= chars_max:
        return visible(text)
    return f"{visible(text[:chars_max])}… {words.say('clipped', chars=f'{len(text):,}')}"


def _lines(text: str, lines_max: int, words: Words) -> list[str]:
    lines = text.split("\n")
    if len(lines) <= lines_max:
        return lines
    return [*lines[:lines_max], f"… {words.say('clipped', chars=f'{len(text):,}')}"]


def _numbered(digests: Sequence[str]) -> dict[str, int]:
    return {digest: number for number, digest in enumerate(digests, 1)}
