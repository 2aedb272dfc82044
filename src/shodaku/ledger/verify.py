"""Check a proof from a Shodaku consent ledger: offline, with this one file and Python 3.9 or later.

    python3 -I -S verify.py BUNDLE --key VKEY [--witness VKEY]... [--need K] [--earlier FILE] [--json]

The keys come from the reader (the sender's policy page, a letter, a regulator's list) and never from the
bundle: a bundle that brought its own key would prove nothing. Exit 0: every check passed. 1: refused, with
the reason. 2: wrong use. It imports nothing but the standard library, asks no network and stores nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from enum import Enum
from hashlib import sha256, sha512
from io import TextIOWrapper
from pathlib import Path
from typing import Final, NamedTuple

FORMAT: Final = "shodaku-bundle/1"
CONTEXT: Final = b"shodaku/ledger/v1\n"
FIELD_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")
BUNDLE_BYTES_MAX: Final = 16 << 20  # one entry is about 2 kB, the rest is room for attachments
NOTE_BYTES_MAX: Final = 64 << 10  # of a checkpoint that the reader kept
ENTRIES_MAX: Final = 10_000
PARTS_MAX: Final = 2_000_000  # brackets and commas: a small file must not become a large object
ENTRY_CHARS_MAX: Final = 4_096
SIGNATURES_MAX: Final = 64
PROOF_HASHES_MAX: Final = 64
VALUE_DEPTH_MAX: Final = 32
INTEGER_LIMIT: Final = 2**53  # RFC 8785 writes numbers as IEEE 754 doubles, exact only below this
INTEGER_DIGITS_MAX: Final = 17
CHARS_SHOWN_MAX: Final = 2_000
FUTURE_SECONDS_MAX: Final = 24 * 60 * 60  # how far a witness's clock may run ahead of the reader's
SECONDS_MAX: Final = 253_402_300_799  # the last second of the year 9999
HOUR_SECONDS: Final = 3_600
HASH_BYTES: Final = 32
OF_LOG: Final = 1  # signed-note: Ed25519 over the text
OF_WITNESS: Final = 4  # tlog-cosignature: Ed25519 over "cosignature/v1", a time and the text


class Words(NamedTuple):
    """The same in both languages."""

    ja: str
    en: str

    def spoken(self, language: str) -> str:
        return self.ja if language == "ja" else self.en


class Refusal(Enum):
    """Why a bundle proves nothing: the closed table of reasons. What stands in braces is filled in."""

    TOO_LARGE = Words(
        "ファイルが大きすぎます。上限は{most}です。", "The file is too large; the limit is {most}."
    )
    EMPTY = Words("ファイルが空です。", "The file is empty.")
    NOT_TEXT = Words("ファイルはUTF-8の文字ではありません。", "The file is not UTF-8 text.")
    TRUNCATED = Words(
        "ファイルが途中で切れています。もう一度受け取ってください。",
        "The file ends in the middle; get it once more.",
    )
    NOT_JSON = Words("ファイルはJSONではありません。", "The file is not JSON.")
    DOUBLE_NAME = Words(
        "同じ名前「{name}」が二度書かれています。", "The name “{name}” stands twice in one object."
    )
    NUMBER_REFUSED = Words(
        "使えない数「{number}」が書かれています。", "The number {number} has no place in a bundle."
    )
    TOO_DEEP = Words("入れ子が深すぎます。", "Too many values stand inside one another.")
    TOO_MANY_PARTS = Words(
        "部品が多すぎます。この大きさの証明書はありません。", "There are more parts than any bundle has."
    )
    NOT_A_BUNDLE = Words("これは台帳の証明書ではありません。", "This is no bundle of a consent ledger.")
    OTHER_VERSION = Words(
        "証明書の形式「{format}」は、この検証プログラムでは読めません。新しいものをお使いください。",
        "The format {format} is not understood; use a newer verifier.",
    )
    UNKNOWN_PART = Words("知らない項目「{part}」があります。", "There is a part that no bundle has: {part}.")
    MISSING_PART = Words("項目「{part}」がありません。", "A part is missing: {part}.")
    PART_MALFORMED = Words("項目「{part}」の形が違います。", "A part has the wrong form: {part}.")
    NOT_BASE64 = Words(
        "項目「{part}」は正しいBase64ではありません。", "A part is not canonical base64: {part}."
    )
    NO_KEY = Words("検証鍵がありません。", "No verifier key was given.")
    KEY_MALFORMED = Words(
        "検証鍵「{key}」が正しくありません。書き写しを確かめてください。",
        "This is no verifier key, or it was copied with a slip: {key}.",
    )
    KEY_OF_WITNESS = Words(
        "「{name}」は証人の鍵です。台帳の検証鍵ではありません。",
        "The key of {name} is a witness's and not a log's.",
    )
    KEY_OF_LOG = Words(
        "「{name}」は台帳の検証鍵です。証人の鍵ではありません。",
        "The key of {name} is a log's and not a witness's.",
    )
    NOTE_MALFORMED = Words(
        "{which}が、台帳の署名の形ではありません。", "{which} does not have the form of a signed checkpoint."
    )
    TOO_MANY_SIGNATURES = Words("{which}の行が多すぎます。", "{which} bears too many signature lines.")
    OTHER_LOG = Words(
        "{which}は別の台帳「{origin}」のものです。求めているのは「{expected}」です。",
        "{which} is of another log, {origin}; the log in question is {expected}.",
    )
    NOT_SIGNED = Words(
        "{which}は、指定された検証鍵によるものではありません。",
        "{which} is not signed by any of the given keys.",
    )
    BAD_SIGNATURE = Words(
        "{which}にある「{name}」の署名が、内容と合いません。",
        "{which} bears a signature of {name} that does not fit it.",
    )
    FUTURE_COSIGNATURE = Words(
        "証人「{name}」の時刻（{time}）が未来です。", "The witness {name} gives a time in the future: {time}."
    )
    TOO_FEW_WITNESSES = Words(
        "証人の署名が足りません。必要な数は{needed}、確かめられた数は{seen}です。",
        "Too few witnesses: {needed} are needed, {seen} signed.",
    )
    EARLIER_LARGER = Words(
        "証明書にある以前の署名（{earlier}件）が、新しい署名（{size}件）より大きい台帳のものです。",
        "The earlier checkpoint in the bundle ({earlier} entries) is larger than the newer one ({size}).",
    )
    NOT_CONSISTENT = Words(
        "以前の署名（{earlier}件）の台帳から、この台帳に続いていることの証明が合いません。",
        "The proof fails that the log only grew since the earlier checkpoint ({earlier} entries).",
    )
    ROLLED_BACK = Words(
        "手元の署名（{kept}件）が、証明書（{size}件）より新しいものです。台帳が巻き戻されたか、"
        "証明書が古いかです。新しい証明書を求めてください。",
        "The kept checkpoint ({kept} entries) is newer than this bundle ({size}): the log was rolled back, "
        "or the bundle is old; ask for a fresh one.",
    )
    FORKED = Words(
        "手元の署名と証明書とで、同じ{size}件の台帳の中身が違います。台帳が二つに分かれています。",
        "The kept checkpoint and the bundle tell two histories of {size} entries: the log was forked.",
    )
    NOT_CONNECTED = Words(
        "手元の署名（{kept}件）からのつながりが、証明書にありません。この署名からの証明書を求めてください。",
        "The bundle does not connect to the kept checkpoint ({kept} entries); ask for one that does.",
    )
    NO_ENTRIES = Words("証明書に記録がありません。", "The bundle shows no entry.")
    TOO_MANY_ENTRIES = Words(
        "記録が多すぎます。上限は{most}件です。", "There are too many entries; the limit is {most}."
    )
    NOT_IN_ORDER = Words(
        "記録が台帳の順に並んでいません。", "The entries do not stand in the order of the log."
    )
    SEVERAL_WORKSPACES = Words(
        "別の利用組織の記録が混ざっています。", "There are entries of more than one workspace."
    )
    INDEX_OUTSIDE = Words(
        "{place}番目の記録の番号が、署名された台帳の外にあります。",
        "The number of entry {place} lies outside the signed log.",
    )
    PROOF_MALFORMED = Words(
        "{place}番目の記録の証明の形が違います。", "The inclusion proof of entry {place} has the wrong form."
    )
    NOT_IN_TREE = Words(
        "{place}番目の記録は、署名された台帳にありません。記録か証明が書き換えられています。",
        "Entry {place} is not in the signed log: the entry or its proof was changed.",
    )
    ENTRY_MALFORMED = Words(
        "{place}番目の記録の書き方が、台帳のものではありません。",
        "Entry {place} is not written as a ledger writes it.",
    )
    ENTRY_VERSION = Words(
        "{place}番目の記録の版は、この検証プログラムでは読めません。新しいものをお使いください。",
        "Entry {place} is of a version that is not understood; use a newer verifier.",
    )
    FIELD_MISNAMED = Words(
        "{place}番目の記録に、使えない項目名「{name}」があります。",
        "Entry {place} has a field whose name is not allowed: {name}.",
    )
    SALT_MALFORMED = Words(
        "{place}番目の記録の「{name}」の鍵（ソルト）が正しくありません。",
        "The salt of {name} in entry {place} is not 32 bytes long.",
    )
    DIGEST_MALFORMED = Words(
        "{place}番目の記録の、伏せた「{name}」のハッシュ値が正しくありません。",
        "The digest of the withheld {name} in entry {place} is not 32 bytes long.",
    )
    SHOWN_AND_WITHHELD = Words(
        "{place}番目の記録の「{name}」が、示され、かつ伏せられています。",
        "The field {name} of entry {place} is both shown and withheld.",
    )
    VALUE_REFUSED = Words(
        "{place}番目の記録の「{name}」は、台帳に書ける値ではありません。",
        "The value of {name} in entry {place} is none that a ledger records.",
    )
    NOT_COMMITTED = Words(
        "{place}番目の記録の値が、台帳に書かれたものと違います。",
        "The values of entry {place} are not those that the log recorded.",
    )
    COUNT_MALFORMED = Words(
        "{place}番目の記録の通し番号が正しくありません。",
        "The field n of entry {place} is no number from 1 up.",
    )
    COUNTED_TWICE = Words(
        "通し番号{n}の記録が二つあります。", "Two entries bear the number {n} of one person's history."
    )
    ATTACHMENT_CHANGED = Words(
        "添付「{name}」は、名乗っているものではありません。",
        "The attachment {name} is not what it claims to be.",
    )
    ATTACHMENT_UNNAMED = Words(
        "添付「{name}」は、示された記録のどれにも書かれていません。",
        "No shown entry names the attachment {name}.",
    )

    @property
    def code(self) -> str:
        return self.name.lower()


class Refused(Exception):
    """The bundle does not prove what it says."""

    def __init__(self, reason: Refusal, **details: object) -> None:
        super().__init__(reason.code)
        self.reason = reason
        self.details = details

    def sentence(self, language: str) -> str:
        """In `ja` or `en`; what it quotes of the bundle is safe to print."""
        words: Words = self.reason.value
        return words.spoken(language).format(
            **{
                name: value.spoken(language) if isinstance(value, Words) else visible(str(value))
                for name, value in self.details.items()
            }
        )


@dataclass(frozen=True)
class Key:
    """What a vkey says; `ident` is a label of four bytes."""

    name: str
    ident: bytes
    kind: int
    public: bytes


@dataclass(frozen=True)
class Entry:
    index: int
    kind: str
    hour: int  # since 1970 UTC
    workspace: str
    values: dict[str, object]
    withheld: tuple[str, ...]


@dataclass(frozen=True)
class Earlier:
    """A checkpoint from which the log has only grown."""

    size: int
    kept: bool  # by the reader; otherwise it came with the bundle


@dataclass(frozen=True)
class Report:
    """What a bundle proves."""

    origin: str
    size: int
    root: str
    entries: tuple[Entry, ...]
    gapless: bool  # the person's own numbers are 1, 2, 3 … up to the last shown
    witnesses: dict[str, int]  # name -> POSIX seconds
    earlier: Earlier | None
    attachments: tuple[str, ...]


@dataclass(frozen=True)
class _Leaf:
    commitment: str
    kind: str
    hour: int
    workspace: str


@dataclass(frozen=True)
class _Checkpoint:
    origin: str
    size: int
    root: bytes
    witnesses: dict[str, int]


_NEWEST: Final = Words("証明書の署名", "The checkpoint of the bundle")
_EARLIER: Final = Words("証明書にある以前の署名", "The earlier checkpoint in the bundle")
_KEPT: Final = Words("手元に保管した署名", "The kept checkpoint")


def read_bundle(data: bytes) -> object:
    """The bundle as JSON, for `check`. Raises Refused."""
    if len(data) > BUNDLE_BYTES_MAX:
        raise too_large()
    if not data.strip():
        raise Refused(Refusal.EMPTY)
    if sum(data.count(mark) for mark in (b",", b"[", b"{")) > PARTS_MAX:
        raise Refused(Refusal.TOO_MANY_PARTS)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        ends_early = error.reason == "unexpected end of data"
        raise Refused(Refusal.TRUNCATED if ends_early else Refusal.NOT_TEXT) from None
    try:
        return _parse(text)
    except RecursionError:
        raise Refused(Refusal.TOO_DEEP) from None
    except json.JSONDecodeError as error:
        raise Refused(Refusal.TRUNCATED if _ends_early(text, error) else Refusal.NOT_JSON) from None


def too_large(bytes_max: int = BUNDLE_BYTES_MAX) -> Refused:
    megabytes = bytes_max >> 20
    return Refused(Refusal.TOO_LARGE, most=f"{megabytes} MB" if megabytes else f"{bytes_max >> 10} kB")


def check(
    bundle: object,
    keys: Sequence[str],
    witnesses: Sequence[str] = (),
    needed: int = 0,
    earlier: str | None = None,
    *,
    now: int,
) -> Report:
    """What the bundle of `read_bundle` proves to somebody who trusts these verifier keys. Raises Refused.

    `keys` are the log's, several while a key is replaced; of `witnesses` at least `needed` must have signed;
    `earlier` is the text of a checkpoint that the reader kept; `now` is in POSIX seconds.
    """
    known = [*_read_keys(keys, OF_LOG), *_read_keys(witnesses, OF_WITNESS)]
    if not keys:
        raise Refused(Refusal.NO_KEY)
    parts = _parts_of(bundle)
    newest = _open_checkpoint(parts["checkpoint"], _NEWEST, known, now)
    if len(newest.witnesses) < needed:
        raise Refused(Refusal.TOO_FEW_WITNESSES, needed=needed, seen=len(newest.witnesses))
    entries = _check_entries(parts["entries"], newest)
    return Report(
        origin=newest.origin,
        size=newest.size,
        root=b64encode(newest.root).decode(),
        entries=entries,
        gapless=_is_gapless(entries),
        witnesses=newest.witnesses,
        earlier=_check_earlier(parts.get("earlier"), earlier, newest, known, now),
        attachments=_check_attachments(parts.get("attachments", {}), entries),
    )


def named_log(bundle: object) -> str:
    """Which log the bundle says that it is from: unproven, to look for the key. Raises Refused."""
    text, _lines = _split_note(_parts_of(bundle)["checkpoint"], _NEWEST)
    return _read_head(text, _NEWEST)[0]


def read_key(text: str) -> Key:
    """Raises Refused. Source: C2SP signed-note, "Verifier keys"."""
    refused = Refused(Refusal.KEY_MALFORMED, key=text[:80])
    matched = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text.strip())
    if not matched:
        raise refused
    name, ident = matched[1], bytes.fromhex(matched[2])
    try:
        key, named = _base64(matched[3], "key"), _utf8(name, "key")
    except Refused:
        raise refused from None
    if len(key) != 1 + HASH_BYTES or key[0] not in (OF_LOG, OF_WITNESS) or not _is_public_key(key[1:]):
        raise refused
    if sha256(named + b"\n" + key).digest()[:4] != ident:
        raise refused
    return Key(name, ident, key[0], key[1:])


def _read_keys(texts: Sequence[str], kind: int) -> list[Key]:
    keys = [read_key(text) for text in dict.fromkeys(texts)]
    for key in keys:
        if key.kind != kind:
            raise Refused(Refusal.KEY_OF_WITNESS if kind == OF_LOG else Refusal.KEY_OF_LOG, name=key.name)
    return keys


def _parts_of(bundle: object) -> dict[str, object]:
    if not isinstance(bundle, dict) or not isinstance(bundle.get("format"), str):
        raise Refused(Refusal.NOT_A_BUNDLE)
    said = bundle["format"]
    if said != FORMAT:
        other = said.startswith(FORMAT.partition("/")[0] + "/")
        raise Refused(Refusal.OTHER_VERSION if other else Refusal.NOT_A_BUNDLE, format=said[:80])
    return _parts(bundle, "", {"format", "checkpoint", "entries"}, {"attachments", "earlier"})


def _check_entries(rows: object, newest: _Checkpoint) -> tuple[Entry, ...]:
    listed = _array(rows, "entries")
    if not listed:
        raise Refused(Refusal.NO_ENTRIES)
    if len(listed) > ENTRIES_MAX:
        raise Refused(Refusal.TOO_MANY_ENTRIES, most=ENTRIES_MAX)
    entries = tuple(_check_entry(row, place, newest) for place, row in enumerate(listed, 1))
    order = [entry.index for entry in entries]
    if order != sorted(set(order)):
        raise Refused(Refusal.NOT_IN_ORDER)
    if len({entry.workspace for entry in entries}) > 1:
        raise Refused(Refusal.SEVERAL_WORKSPACES)
    return entries


def _check_entry(row: object, place: int, newest: _Checkpoint) -> Entry:
    where = f"entries[{place - 1}]"
    parts = _parts(row, where, {"index", "entry", "proof", "disclosed", "withheld"})
    index, text = parts["index"], _string(parts["entry"], f"{where}.entry")
    if type(index) is not int or not 0 <= index < newest.size:
        raise Refused(Refusal.INDEX_OUTSIDE, place=place)
    if len(text) > ENTRY_CHARS_MAX:
        raise Refused(Refusal.ENTRY_MALFORMED, place=place)
    leaf = sha256(b"\x00" + _utf8(text, f"{where}.entry")).digest()
    if not _is_included(leaf, index, newest.size, _hashes(parts["proof"], place), newest.root):
        raise Refused(Refusal.NOT_IN_TREE, place=place)
    return _open_entry(text, index, parts["disclosed"], parts["withheld"], place)


def _hashes(value: object, place: int) -> list[bytes]:
    refused = Refused(Refusal.PROOF_MALFORMED, place=place)
    if not isinstance(value, list) or len(value) > PROOF_HASHES_MAX:
        raise refused
    hashes = [_base64(each, f"entries[{place - 1}].proof") for each in value]
    if any(len(each) != HASH_BYTES for each in hashes):
        raise refused
    return hashes


def _open_entry(text: str, index: int, disclosed: object, withheld: object, place: int) -> Entry:
    leaf = _read_leaf(text, place)
    values, digests = _read_disclosed(disclosed, place)
    hidden = _read_withheld(withheld, digests, place)
    digests.update(hidden)
    committed = sha256(CONTEXT + b"body\0" + _canonical(digests)).digest()
    if b64encode(committed).decode() != leaf.commitment:
        raise Refused(Refusal.NOT_COMMITTED, place=place)
    number = values.get("n", 1)
    if type(number) is not int or number < 1:
        raise Refused(Refusal.COUNT_MALFORMED, place=place)
    return Entry(index, leaf.kind, leaf.hour, leaf.workspace, values, tuple(sorted(hidden)))


def _read_leaf(text: str, place: int) -> _Leaf:
    """The entry as it stands in the log: only its one canonical form is accepted (RFC 8785)."""
    refused = Refused(Refusal.ENTRY_MALFORMED, place=place)
    try:
        leaf = _parse(text)
        if not isinstance(leaf, dict) or _canonical(leaf) != text.encode():
            raise refused
    except (ValueError, RecursionError):
        raise refused from None
    if type(leaf.get("v")) is not int or leaf["v"] != 1:
        raise Refused(Refusal.ENTRY_VERSION, place=place)
    if set(leaf) != {"c", "hour", "kind", "v", "ws"}:
        raise refused
    made, hour = _Leaf(leaf["c"], leaf["kind"], leaf["hour"], leaf["ws"]), leaf["hour"]
    if not all(isinstance(each, str) for each in (made.commitment, made.kind, made.workspace)):
        raise refused
    if type(hour) is not int or not 0 <= hour <= SECONDS_MAX // HOUR_SECONDS:
        raise refused
    return made


def _read_disclosed(disclosed: object, place: int) -> tuple[dict[str, object], dict[str, str]]:
    """Values, and the digest of each: H(CONTEXT "field" 0x00 salt name 0x00 JCS(value))."""
    where = f"entries[{place - 1}].disclosed"
    values: dict[str, object] = {}
    digests: dict[str, str] = {}
    for name, shown in _object(disclosed, where).items():
        _check_name(name, place)
        parts = _parts(shown, f"{where}.{name}", {"salt", "value"})
        salt = _base64(parts["salt"], f"{where}.{name}.salt")
        if len(salt) != HASH_BYTES:  # else its last byte could pass for the first of the name
            raise Refused(Refusal.SALT_MALFORMED, place=place, name=name)
        try:
            written = _canonical(parts["value"])
        except ValueError:
            raise Refused(Refusal.VALUE_REFUSED, place=place, name=name) from None
        digest = sha256(CONTEXT + b"field\0" + salt + name.encode() + b"\0" + written).digest()
        values[name], digests[name] = parts["value"], b64encode(digest).decode()
    return values, digests


def _read_withheld(withheld: object, shown: Mapping[str, str], place: int) -> dict[str, str]:
    where = f"entries[{place - 1}].withheld"
    digests: dict[str, str] = {}
    for name, digest in _object(withheld, where).items():
        _check_name(name, place)
        if name in shown:
            raise Refused(Refusal.SHOWN_AND_WITHHELD, place=place, name=name)
        if len(_base64(digest, f"{where}.{name}")) != HASH_BYTES:
            raise Refused(Refusal.DIGEST_MALFORMED, place=place, name=name)
        digests[name] = _string(digest, f"{where}.{name}")
    return digests


def _check_name(name: str, place: int) -> None:
    if not FIELD_NAME.fullmatch(name):
        raise Refused(Refusal.FIELD_MISNAMED, place=place, name=name[:80])


def _is_gapless(entries: Sequence[Entry]) -> bool:
    """In any order: an act that waited for the key store is recorded late, under the number it had."""
    numbers: set[object] = set()
    for n in (entry.values["n"] for entry in entries if "n" in entry.values):
        if n in numbers:
            raise Refused(Refusal.COUNTED_TWICE, n=n)
        numbers.add(n)
    return numbers == set(range(1, len(entries) + 1))


def _check_earlier(
    brought: object, kept: str | None, newest: _Checkpoint, known: Sequence[Key], now: int
) -> Earlier | None:
    """Both must be of this log, under its name and a given key: anybody can type three lines."""
    known = [key for key in known if key.kind == OF_WITNESS or key.name == newest.origin]
    older = None if brought is None else _connected(brought, newest, known, now)
    if kept is None:
        return None if older is None else Earlier(older.size, kept=False)
    mine = _open_checkpoint(kept_note(kept), _KEPT, known, now)
    if mine.size > newest.size:
        raise Refused(Refusal.ROLLED_BACK, kept=mine.size, size=newest.size)
    for theirs in filter(None, (older, newest)):
        if mine.size == theirs.size:
            if mine.root != theirs.root:
                raise Refused(Refusal.FORKED, size=mine.size)
            return Earlier(mine.size, kept=True)
    raise Refused(Refusal.NOT_CONNECTED, kept=mine.size)


def _connected(brought: object, newest: _Checkpoint, known: Sequence[Key], now: int) -> _Checkpoint:
    parts = _parts(brought, "earlier", {"checkpoint", "proof"})
    older = _open_checkpoint(parts["checkpoint"], _EARLIER, known, now)
    if older.size > newest.size:
        raise Refused(Refusal.EARLIER_LARGER, earlier=older.size, size=newest.size)
    proof = [_base64(each, "earlier.proof") for each in _array(parts["proof"], "earlier.proof")]
    if not _is_consistent(older.size, newest.size, proof, older.root, newest.root):
        raise Refused(Refusal.NOT_CONSISTENT, earlier=older.size)
    return older


def kept_note(text: str) -> str:
    """As the log wrote it: mail programs and forms change the ends of lines."""
    return text.replace("\r\n", "\n").strip("\n ") + "\n"


def _check_attachments(value: object, entries: Sequence[Entry]) -> tuple[str, ...]:
    committed = {
        said
        for entry in entries
        for name, said in entry.values.items()
        if name.endswith("_sha256")
        if isinstance(said, str)
    }
    attachments = _object(value, "attachments")
    for name, data in attachments.items():
        if sha256(_base64(data, "attachments")).hexdigest() != name:
            raise Refused(Refusal.ATTACHMENT_CHANGED, name=name[:16])
        if name not in committed:
            raise Refused(Refusal.ATTACHMENT_UNNAMED, name=name[:16])
    return tuple(sorted(attachments))


def _open_checkpoint(note: object, which: Words, known: Sequence[Key], now: int) -> _Checkpoint:
    """A checkpoint that one of the log's keys signed. Unknown signatures are ignored, a bad one of a known
    key is fatal.

    Source: C2SP signed-note, tlog-checkpoint, tlog-cosignature.
    """
    text, lines = _split_note(note, which)
    origin, size, root = _read_head(text, which)
    logs = {key.name for key in known if key.kind == OF_LOG}
    if origin not in logs:
        raise Refused(Refusal.OTHER_LOG, which=which, origin=origin, expected=", ".join(sorted(logs)))
    signed, witnesses = False, dict[str, int]()
    for line in lines:
        name, blob = _read_signature(line, which)
        for key in known:
            if (key.name, key.ident) != (name, blob[:4]):
                continue
            seconds = _verified(key, blob[4:], text, which)
            if seconds is None:
                signed = signed or name == origin
            elif seconds > now + FUTURE_SECONDS_MAX:
                raise Refused(Refusal.FUTURE_COSIGNATURE, name=name, time=moment_in_words(seconds))
            else:  # the earlier of two says more: by then the log stood like this
                witnesses[name] = min(seconds, witnesses.get(name, seconds))
    if not signed:
        raise Refused(Refusal.NOT_SIGNED, which=which)
    return _Checkpoint(origin, size, root, witnesses)


def _split_note(note: object, which: Words) -> tuple[str, list[str]]:
    """Text and signature lines."""
    if not isinstance(note, str) or re.search(r"[\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]", note):
        raise Refused(Refusal.NOTE_MALFORMED, which=which)
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Refused(Refusal.NOTE_MALFORMED, which=which)
    lines = signatures[:-1].split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise Refused(Refusal.TOO_MANY_SIGNATURES, which=which)
    return text + "\n", lines


def _read_head(text: str, which: Words) -> tuple[str, int, bytes]:
    """Origin, tree size, root hash."""
    matched = re.fullmatch(r"([^\s+]+)\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n", text)
    if not matched:
        raise Refused(Refusal.NOTE_MALFORMED, which=which)
    return matched[1], int(matched[2]), _base64(matched[3], "checkpoint")


def _read_signature(line: str, which: Words) -> tuple[str, bytes]:
    """Name, and key id before signature."""
    matched = re.fullmatch("\u2014 ([^\\s+]+) ([A-Za-z0-9+/=]+)", line)
    if not matched:
        raise Refused(Refusal.NOTE_MALFORMED, which=which)
    return matched[1], _base64(matched[2], "checkpoint")


def _verified(key: Key, signature: bytes, text: str, which: Words) -> int | None:
    """The time that a witness gives; None for a log, which gives none."""
    seconds = None
    if key.kind == OF_WITNESS:
        seconds, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        text = f"cosignature/v1\ntime {seconds}\n{text}"
    if not ed25519_verifies(key.public, text.encode(), signature):
        raise Refused(Refusal.BAD_SIGNATURE, which=which, name=key.name)
    return seconds


def _is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    here, last, value = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if here & 1 or here == last:
            value = _node(sibling, value)
            here, last = _to_right_child(here, last)
        else:
            value = _node(value, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and value == root


def _is_consistent(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> bool:
    """RFC 9162 section 2.1.4.2; a tree of size 0 begins every tree."""
    if old in (0, new):
        return not proof and old_root == (new_root if old == new else sha256(b"").digest())
    if not 0 < len(proof) <= 2 * PROOF_HASHES_MAX or any(len(each) != HASH_BYTES for each in proof):
        return False
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    return _climb(old, new, path) == (old_root, new_root)


def _climb(old: int, new: int, path: Sequence[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that the path leads to; None if it is too long or too short."""
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return None
        if here & 1 or here == last:
            first, second = _node(sibling, first), _node(sibling, second)
            here, last = _to_right_child(here, last)
        else:
            second = _node(second, sibling)
        here, last = here >> 1, last >> 1
    return (first, second) if last == 0 else None


def _to_right_child(here: int, last: int) -> tuple[int, int]:
    while here and not here & 1:
        here, last = here >> 1, last >> 1
    return here, last


def _node(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def _parse(text: str) -> object:
    """JSON without what has two readings: no name twice, no float, no number beyond 2**53."""
    return json.loads(
        text,
        object_pairs_hook=_unique,
        parse_int=_integer,
        parse_float=_no_number,
        parse_constant=_no_number,
    )


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) != len(pairs):
        names = [name for name, _value in pairs]
        raise Refused(Refusal.DOUBLE_NAME, name=Counter(names).most_common(1)[0][0][:80])
    return made


def _integer(text: str) -> int:
    if len(text) > INTEGER_DIGITS_MAX or abs(int(text)) >= INTEGER_LIMIT:
        raise Refused(Refusal.NUMBER_REFUSED, number=text[:40])
    return int(text)


def _no_number(text: str) -> object:
    raise Refused(Refusal.NUMBER_REFUSED, number=text[:40])


def _ends_early(text: str, error: json.JSONDecodeError) -> bool:
    """For the sentence only: begun as a bundle, and never ended."""
    text = text.rstrip()
    ends_inside = error.msg.startswith("Unterminated string") or error.pos >= len(text)
    return text.startswith("{") and (ends_inside or not text.endswith("}"))


def _canonical(value: object, depth: int = 0) -> bytes:
    """RFC 8785. Raises ValueError for what has no single canonical form.

    Names are those of fields, for which code-point order is RFC 8785's UTF-16 order.
    """
    _check_value(value, depth)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _check_value(value: object, depth: int) -> None:
    if depth > VALUE_DEPTH_MAX:
        raise ValueError("too deep")
    if isinstance(value, dict):
        if not all(FIELD_NAME.fullmatch(name) for name in value):
            raise ValueError("no name of a field")
        for item in value.values():
            _check_value(item, depth + 1)
    elif isinstance(value, list):
        for item in value:
            _check_value(item, depth + 1)
    elif isinstance(value, int):
        if abs(value) >= INTEGER_LIMIT:
            raise ValueError("an integer beyond 2**53")
    elif value is not None and not isinstance(value, str):
        raise ValueError(type(value).__name__)


def _parts(value: object, where: str, needed: set[str], allowed: Iterable[str] = ()) -> dict[str, object]:
    """An object that has these names and, besides, at most those that are allowed."""
    made = _object(value, where)
    for name in made:
        if name not in needed and name not in allowed:
            raise Refused(Refusal.UNKNOWN_PART, part=f"{where}.{name}"[:80].lstrip("."))
    for name in sorted(needed):
        if name not in made:
            raise Refused(Refusal.MISSING_PART, part=f"{where}.{name}".lstrip("."))
    return made


def _object(value: object, where: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Refused(Refusal.PART_MALFORMED, part=where)
    return value


def _array(value: object, where: str) -> list[object]:
    if not isinstance(value, list):
        raise Refused(Refusal.PART_MALFORMED, part=where)
    return value


def _string(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise Refused(Refusal.PART_MALFORMED, part=where)
    return value


def _utf8(text: str, where: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can spell and UTF-8 cannot
        raise Refused(Refusal.PART_MALFORMED, part=where) from None


def _base64(value: object, where: str) -> bytes:
    """Canonical base64: one spelling for one value."""
    text = _string(value, where)
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        raise Refused(Refusal.NOT_BASE64, part=where) from None
    if b64encode(data).decode() != text:
        raise Refused(Refusal.NOT_BASE64, part=where)
    return data


Point = tuple[int, int, int, int]  # extended coordinates x, y, z, t

P: Final = 2**255 - 19
ORDER: Final = 2**252 + 27742317777372353535851937790883648493
D: Final = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE: Final = pow(2, (P - 1) // 4, P)


def ed25519_verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    """RFC 8032 section 5.1.7; codes must be canonical, S below the order, A and R of no small order."""
    if len(public) != HASH_BYTES or len(signature) != 2 * HASH_BYTES:
        return False
    a, r = _point(public), _point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER or _has_small_order(a) or _has_small_order(r):
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return _equal(_times(s, _BASE), _add(r, _times(k, a)))


def _is_public_key(data: bytes) -> bool:
    point = _point(data)
    return point is not None and not _has_small_order(point)


def _point(data: bytes) -> Point | None:
    """The point of these 32 bytes; None when they are not the canonical code of one (section 5.1.3)."""
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def _add(a: Point, b: Point) -> Point:
    aa, bb = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    cc, dd = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = bb - aa, dd - cc, dd + cc, bb + aa
    return e * f % P, g * h % P, f * g % P, e * h % P


def _times(k: int, a: Point) -> Point:
    total = _NEUTRAL
    while k:
        if k & 1:
            total = _add(total, a)
        a, k = _add(a, a), k >> 1
    return total


def _equal(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


def _has_small_order(a: Point) -> bool:
    """Eight times such a point is nothing: a signature with it would fit many messages."""
    return _equal(_times(8, a), _NEUTRAL)


_NEUTRAL: Final[Point] = (0, 1, 1, 0)
_X: Final = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_Y: Final = 46316835694926478169428394003475163141307993866256225615783033603165251855960
_BASE: Final[Point] = (_X, _Y, 1, _X * _Y % P)


def proven(report: Report) -> list[Words]:
    """What the reader may rely on, a sentence each."""
    shown, size, origin = len(report.entries), report.size, visible(report.origin)
    said = [
        Words(
            f"下の{shown}件の記録は、台帳「{origin}」が{size}件になった時点までに、"
            "示された値のとおりに書かれていました。",
            f"{f'These {shown} entries' if shown > 1 else 'This entry'}, with exactly the values shown, "
            f"stood in the log {origin} at the latest when it held {size} entries.",
        )
    ]
    if report.gapless:
        said.append(
            Words(
                f"最初の記録から、最後に示された記録まで、抜けはありません。通し番号は1から{shown}までです。",
                "From the first entry of this history to the last one shown none is missing: they are "
                f"numbered from 1 to {shown}.",
            )
        )
    if report.earlier is not None:
        said.append(_growth(report.earlier, size))
    said += [
        Words(
            f"証人「{visible(name)}」が、{moment_in_words(seconds)}にこの台帳の署名を確かめました。",
            f"The witness {visible(name)} saw this state of the log on {moment_in_words(seconds)}.",
        )
        for name, seconds in sorted(report.witnesses.items())
    ]
    if report.attachments:
        many = len(report.attachments)
        said.append(
            Words(
                f"添付された{many}件のファイルは、記録に書かれたハッシュ値（SHA-256）と一致します。",
                f"The attached files ({many}) are the very ones that the entries name by their SHA-256.",
            )
        )
    return said


def _growth(earlier: Earlier, size: int) -> Words:
    if earlier.kept and earlier.size == size:
        return Words(
            "手元に保管された署名は、この証明書の署名と同じ台帳のものです。",
            "The checkpoint that you kept is of this very state of the log.",
        )
    if earlier.kept:
        return Words(
            f"手元に保管された署名（{earlier.size}件）の後、台帳は書き足されただけです。",
            f"Since the checkpoint that you kept ({earlier.size} entries) the log only grew.",
        )
    return Words(
        f"証明書にある以前の署名（{earlier.size}件）の後、台帳は書き足されただけです。",
        f"Since the earlier checkpoint in the bundle ({earlier.size} entries) the log only grew.",
    )


def not_proven(report: Report) -> list[Words]:
    """What no reader may take from it, a sentence each."""
    said = [
        Words(
            "最後に示された記録の後に、何もなかったこと。その後に停止されているかもしれません。",
            "That nothing came after the last entry shown: it may have been taken back since.",
        ),
        Words(
            "入力したのがだれだったか。台帳にあるのは、送信者のサーバーが記録したことです。",
            "Who it was that typed: the log holds what the sender's server recorded.",
        ),
        Words(
            "記録の時刻が正しいこと。時刻は送信者のサーバーによるものです。",
            "That the times are right: the sender's own server wrote them.",
        ),
    ]
    if not report.gapless:
        said.append(
            Words(
                "記録がこれで全部であること。これは抜粋で、前や間にほかの記録があるかもしれません。",
                "That these are all entries: this is an extract, and others may lie before or between them.",
            )
        )
    if any(entry.withheld for entry in report.entries):
        said.append(
            Words("伏せられた項目に何が書かれているか。", "What stands in the fields that are withheld.")
        )
    if not report.witnesses and not (report.earlier and report.earlier.kept):
        said.append(
            Words(
                "鍵を持つ者が台帳の全体を書き換えていないこと。"
                "確かめられた証人の署名も、手元に保管した署名もないためです。",
                "That whoever holds the log's key did not rewrite all of it: there was neither a witness's "
                "signature nor a checkpoint of your own to check.",
            )
        )
    return said


KINDS: Final[Mapping[str, Words]] = {
    "consent.requested": Words("同意のお願い", "Consent asked for"),
    "consent.given": Words("同意", "Consent given"),
    "consent.confirmed": Words("同意の確認", "Consent confirmed"),
    "consent.reconfirmed": Words("同意の更新", "Consent renewed"),
    "consent.expired": Words("同意の終了", "Consent ended"),
    "consent.withdrawn": Words("同意の取り消し", "Consent withdrawn"),
    "refusal": Words("停止の申し出", "Said no"),
    "suppression.added": Words("送信禁止", "Put on the never-contact list"),
    "suppression.lifted": Words(
        "本人の確認による送信禁止の解除", "Taken off the never-contact list by the person"
    ),
    "erased": Words("消去", "Erased"),
    "sealed": Words("証拠の封印", "Evidence sealed"),
    "unsealed": Words("封印の開封", "Seal opened"),
    "seal.destroyed": Words("封印した証拠の廃棄", "Sealed evidence destroyed"),
    "wording": Words("文面", "Wording"),
    "policy": Words("方針・規則の変更", "Policy or rules changed"),
    "import": Words("取り込み", "Import"),
    "exemption": Words("例外の記録", "Exemption recorded"),
    "key.rotated": Words("鍵の交換", "Key replaced"),
    "address.disabled": Words("宛先不明による送信の停止", "Address found not to exist"),
    "address.restored": Words("宛先不明の取り消し", "Address found to exist after all"),
    "message.received": Words("本人からの連絡", "Wrote to the sender"),
    "measuring.agreed": Words("開封・クリックの計測への同意", "Allowed opens and clicks to be measured"),
    "measuring.ended": Words("開封・クリックの計測の取りやめ", "Ended the measuring of opens and clicks"),
    "admin.anchor.added": Words("署名を置く外部の場所の追加", "Place outside for checkpoints added"),
    "admin.anchor.removed": Words("署名を置く外部の場所の取り外し", "Place outside for checkpoints removed"),
    "admin.archive.changed": Words("バックナンバーの検索の可否の変更", "Search of back numbers changed"),
    "admin.back_number.published": Words("バックナンバーの公開", "Back number published"),
    "admin.back_number.withdrawn": Words("バックナンバーの公開の終了", "Back number taken off"),
    "admin.brand.changed": Words("見た目の変更", "Brand changed"),
    "admin.approval.asked": Words("配信の承認の依頼", "Approval of a campaign asked for"),
    "admin.approval.given": Words("配信の承認", "Campaign approved by a second person"),
    "admin.approval.returned": Words("配信の差し戻し", "Campaign sent back by a second person"),
    "admin.approval.rule": Words(
        "配信の承認が要る人数の変更", "Number of people that needs an approval changed"
    ),
    "admin.approval.taken_back": Words("配信の承認の依頼の取り下げ", "Request for an approval taken back"),
    "admin.breach": Words("漏えいの記録", "Leak of personal data recorded"),
    "admin.api_key.created": Words("APIキーの作成", "Key for a program made"),
    "admin.api_key.revoked": Words("APIキーの失効", "Key for a program revoked"),
    "admin.contact.noted": Words("人についてのメモの変更", "Note about a person"),
    "admin.contacts.united": Words("同じ人の連絡先の結び付け", "Two contacts known as one person"),
    "admin.fence.opened": Words("送信の再開（写しを止めたあと）", "Sending opened again"),
    "admin.bundle.made": Words("証明書の作成", "Proof made"),
    "admin.campaign.cancelled": Words("配信の中止", "Campaign ended before its end"),
    "admin.campaign.created": Words("配信の作成", "Campaign written"),
    "admin.campaign.discarded": Words("下書きの破棄", "Draft of a campaign thrown away"),
    "admin.campaign.edited": Words("配信の変更", "Campaign changed"),
    "admin.campaign.launched": Words("配信の開始", "Campaign sent off"),
    "admin.campaign.paused": Words("配信の一時停止", "Campaign paused"),
    "admin.campaign.running": Words("配信の再開", "Campaign resumed"),
    "admin.campaign.started": Words("予約より前の配信開始", "Campaign started before its time"),
    "admin.campaign.stopped": Words("配信の自動停止", "Campaign stopped by itself"),
    "admin.campaign.tested": Words("テスト送信", "Test sent"),
    "admin.uncertain.again": Words("届いたか不明な配信の再送", "Mail of unknown fate sent once more"),
    "admin.uncertain.arrived": Words(
        "届いたか不明な配信を到着と判断", "Mail of unknown fate counted as arrived"
    ),
    "admin.case.opened": Words("苦情の案件の開始", "Case of a complaint opened"),
    "admin.case.noted": Words("苦情の案件への書き込み", "Note on a case of a complaint"),
    "admin.case.answered": Words("苦情への回答", "Case of a complaint answered"),
    "admin.case.closed": Words("苦情の案件の終了", "Case of a complaint closed"),
    "admin.case.reopened": Words("苦情の案件の再開", "Case of a complaint opened again"),
    "admin.signed_in": Words("担当者のログイン", "Staff signed in"),
    "admin.clocks": Words("自動の確認と消去の設定の変更", "What the clocks may do changed"),
    "admin.dkim.active": Words("DKIM鍵の使用開始", "DKIM key began to sign"),
    "admin.dkim.ended": Words("DKIM鍵の終了", "DKIM key ended"),
    "admin.dkim.made": Words("DKIM鍵の作成", "DKIM key made"),
    "admin.complaint": Words("申し出への対応", "Complaint answered"),
    "admin.disclosed": Words("本人への開示", "Disclosed to the person"),
    "admin.evidence.purged": Words("不要になった証拠の消去", "Evidence no longer needed deleted"),
    "admin.evidence.read": Words("書面のスキャンの閲覧", "Scan of a paper opened"),
    "admin.exported": Words("一覧の書き出し", "List exported"),
    "admin.form.ways": Words("フォームを置くサイトの変更", "Sites of a form changed"),
    "admin.keys.wrapped": Words("鍵管理サービスによる鍵の保護", "Keys put under a key service"),
    "admin.ledger.continued": Words("台帳の継続", "Log continued"),
    "admin.ledger.published": Words("台帳の公開範囲の変更", "What is published of the log changed"),
    "admin.mail_order": Words("通信販売かどうかの設定の変更", "Declaration of mail order changed"),
    "admin.member.joined": Words("担当者の追加", "Member of staff added"),
    "admin.opt_out_rule.changed": Words("配信停止の範囲の変更", "What an opt-out means changed"),
    "admin.message.decided": Words("届いた連絡への対応", "Message to the desk seen to"),
    "admin.order": Words("行政の命令の記録", "Order of an authority recorded"),
    "admin.corrected": Words("本人についての記録の訂正", "Records of a person corrected"),
    "admin.member.changed": Words("担当者の役割の変更", "Role of a member changed"),
    "admin.member.invited": Words("担当者の招待", "Member of staff invited"),
    "admin.member.left": Words("担当者の退出", "Member of staff removed"),
    "admin.member.uninvited": Words("招待の取り消し", "Invitation taken back"),
    "admin.request.answered": Words("本人からの請求への回答", "Request about one's own data answered"),
    "admin.request.identified": Words("請求した人の本人確認", "Made sure who asks"),
    "admin.request.lengthened": Words("請求への回答期限の延長", "Time to answer a request lengthened"),
    "admin.request.opened": Words("本人からの請求", "Request about one's own data"),
    "admin.request.refused": Words("本人からの請求に応じない決定", "Request about one's own data refused"),
    "admin.request.withdrawn": Words("本人による請求の取り下げ", "Request about one's own data taken back"),
    "admin.pace.changed": Words("送信の速さの上限の変更", "Limit of mails a second changed"),
    "admin.picture.added": Words("画像の追加", "Picture added"),
    "admin.picture.deleted": Words("画像の削除", "Picture deleted"),
    "admin.picture.described": Words("画像の説明の変更", "Picture described"),
    "admin.picture.put_away": Words("画像の片付け", "Picture put away"),
    "admin.coupons.noted": Words("クーポン利用の記録", "Uses of coupons noted"),
    "admin.coupons.taken_back": Words("クーポン利用の記録の取り消し", "Use of a coupon taken back"),
    "admin.product.archived": Words("商品の終了", "Product archived"),
    "admin.product.saved": Words("商品の保存", "Product saved"),
    "admin.purchases.recorded": Words("購入の記録", "Purchases recorded"),
    "admin.retention.changed": Words("証拠の保存期間の変更", "How long evidence is kept changed"),
    "admin.papers.destroyed": Words("紙の原本の廃棄", "Original papers destroyed"),
    "admin.people.asked_again": Words("続けるかどうかの一斉の確認", "People asked whether to go on"),
    "admin.papers.discarded": Words("紙のスキャンの破棄", "Scan of a paper thrown away"),
    "admin.papers.received": Words("紙のスキャンの取り込み", "Scans of papers taken in"),
    "admin.revealed": Words("宛先の全表示", "Address shown in full"),
    "admin.route.changed": Words("メールサーバーの追加", "Mail server added"),
    "admin.route.edited": Words("メールサーバーの変更", "Mail server changed"),
    "admin.route.removed": Words("メールサーバーの削除", "Mail server removed"),
    "admin.segment.archived": Words("しぼり込みの終了", "Segment archived"),
    "admin.segment.saved": Words("しぼり込みの保存", "Segment saved"),
    "admin.route.tested": Words("メールサーバーのテスト送信", "Mail server tested by a mail"),
    "admin.sender.added": Words("送信者の追加", "Sender added"),
    "admin.sender.changed": Words("送信者の表示の変更", "Sender changed"),
    "admin.sender.retired": Words("送信者の使用の終了", "Sender retired"),
    "admin.sender.used_again": Words("送信者の使用の再開", "Sender used again"),
    "admin.source.trusted": Words("エラーメールの送り元の信用", "Source of returned mails trusted"),
    "admin.strangers.forgotten": Words("確認のなかった申し込みの消去", "Unconfirmed requests forgotten"),
    "admin.suppression.asked": Words("送信禁止の照会", "Never-contact list asked"),
    "admin.desk.opened": Words("受付の端末のフォームの開始", "Form opened at a desk"),
    "admin.desk.closed": Words("受付の端末のフォームの終了", "Form closed at a desk"),
    "admin.suppression.blocked": Words("ドメインなどの送信禁止", "Domain or form of addresses blocked"),
    "admin.suppression.exported": Words("送信禁止リストの書き出し", "Never-contact list exported"),
    "admin.suppression.revealed": Words("送信禁止の行番号の表示", "Never-contact rows shown"),
    "admin.suppression.unblocked": Words("ドメインなどの送信禁止の解除", "Block lifted"),
    "admin.app_wording.kept": Words("アプリの文面の保存", "Words of an app kept"),
    "admin.topic.archived": Words("配信の種類をしまう", "Topic put away"),
    "admin.topic.changed": Words("配信の種類の文面の改定", "Wording of a topic revised"),
    "admin.template.archived": Words("ひな形の片付け", "Template put away"),
    "admin.template.saved": Words("ひな形の保存", "Template saved"),
    "admin.topic.created": Words("配信の種類の作成", "Topic created"),
    "admin.topic.released": Words("止まっていた配信の種類の再開", "Topic released after complaints"),
    "admin.topic.sender": Words("配信の種類の送信者の変更", "Sender of a topic changed"),
    "admin.topic.used_again": Words("しまった配信の種類の再使用", "Topic used again"),
    "admin.trial.decided": Words("残りの人に送る案の決定", "Variant for the others decided"),
    "admin.trial.dropped": Words("比べる案の取りやめ", "Variants of a campaign taken out"),
    "admin.trial.saved": Words("比べる案の保存", "Variants of a campaign written"),
    "admin.unsealing.approved": Words("封印を開く申請の承認", "Opening of a seal approved"),
    "admin.warm_up.changed": Words("メールサーバーの慣らし運転の変更", "Warm-up of a mail server changed"),
    "admin.unsealing.asked": Words("封印を開く申請", "Opening of a seal asked for"),
    "admin.unsealing.declined": Words("封印を開く申請の却下", "Opening of a seal declined"),
    "admin.workspace.changed": Words("利用組織の設定の変更", "Workspace settings changed"),
    "admin.workspace.created": Words("利用組織の作成", "Workspace made"),
}
FIELDS: Final[Mapping[str, Words]] = {
    "address": Words("宛先", "address"),
    "app": Words("アプリ", "app"),
    "app_version": Words("アプリの版", "version of the app"),
    "asked_at": Words("たずねた時刻", "asked at"),
    "asked_at_command_line": Words("コマンドからの依頼", "asked for at a command line"),
    "at": Words("時刻", "time"),
    "authentication": Words("送信元の確認", "who vouched for the sender"),
    "basis": Words("送信の根拠", "basis"),
    "browser": Words("ブラウザー", "browser"),
    "by": Words("操作した人", "by"),
    "channel": Words("手段", "channel"),
    "checked_by": Words("もう一度読み取った人", "read again by"),
    "clerk": Words("受け取った担当者", "taken by"),
    "counts": Words("件数", "counts"),
    "evidence": Words("証拠", "evidence"),
    "exemption": Words("例外", "exemption"),
    "file_sha256": Words("ファイルのハッシュ値", "hash of the file"),
    "page_sha256": Words("表示したページのハッシュ値", "hash of the page shown"),
    "picture_sha256": Words("画面の画像のハッシュ値", "hash of the picture"),
    "form_sha256": Words("フォームのハッシュ値", "hash of the form"),
    "frequency": Words("頻度", "frequency"),
    "in_the_name_of": Words("依頼者とされた人", "in the name of"),
    "imported_at": Words("取り込みの時刻", "imported at"),
    "ip": Words("IPアドレス", "IP address"),
    "key_id_sha256": Words("鍵の番号のハッシュ値", "hash of the key's id"),
    "message_id": Words("メールの番号", "Message-ID"),
    "method": Words("方法", "method"),
    "moved_from": Words("移る前の連絡先", "moved from"),
    "n": Words("通し番号", "number"),
    "name": Words("氏名", "name"),
    "original": Words("原本の保管場所", "where the original lies"),
    "original_until": Words("原本を廃棄する日", "original kept until"),
    "paper": Words("用紙のコード", "code on the sheet"),
    "place": Words("場所", "place"),
    "desk": Words("受付", "desk"),
    "desk_no": Words("受付の番号", "number of the desk"),
    "form": Words("フォーム", "form"),
    "hours": Words("時間数", "hours"),
    "policy_sha256": Words("個人情報の取り扱いのハッシュ値", "hash of the privacy policy"),
    "policy_version": Words("個人情報の取り扱いの版", "version of the privacy policy"),
    "purpose": Words("目的", "purpose"),
    "reason": Words("理由", "reason"),
    "receipt": Words("受付番号", "receipt"),
    "received_at": Words("受け取った時刻", "received at"),
    "received_by": Words("受け取った人", "received by"),
    "request_entry": Words("申し込みの記録の番号", "entry of the request"),
    "said": Words("本人の言葉", "said"),
    "scope": Words("範囲", "scope"),
    "screen": Words("アプリの画面", "screen of the app"),
    "sealed_until": Words("封印の期限", "sealed until"),
    "sent_to": Words("送られた先", "sent to"),
    "topic_ids": Words("配信の種類の番号", "numbers of the topics"),
    "topics": Words("配信の種類", "topics"),
    "until": Words("期限", "until"),
    "url": Words("ページ", "page"),
    "via": Words("経路", "via"),
    "wording": Words("文面", "wording"),
    "wording_sha256": Words("文面のハッシュ値", "hash of the wording"),
    "wording_version": Words("文面の版", "version of the wording"),
}


def kind_in_words(kind: str, language: str) -> str:
    """An unknown kind is shown as it is: an old verifier meets newer logs."""
    return KINDS[kind].spoken(language) if kind in KINDS else visible(kind)


def field_in_words(name: str, language: str) -> str:
    return FIELDS[name].spoken(language) if name in FIELDS else name


def value_in_words(value: object, language: str) -> str:
    """One line that is safe to print."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, bool):
        return (Words("はい", "yes") if value else Words("いいえ", "no")).spoken(language)
    if value is None:
        return Words("なし", "none").spoken(language)
    written = json.dumps(value, ensure_ascii=False)
    return visible(written[1:-1] if isinstance(value, list) and value else written)


def listed(words: Sequence[str], language: str) -> str:
    return Words("、", ", ").spoken(language).join(words)


def hour_in_words(hour: int, language: str) -> str:
    """The hour of an entry, which is all that its public part tells."""
    begins = moment_in_words(hour * HOUR_SECONDS)
    return Words(f"{begins}からの1時間", f"the hour from {begins}").spoken(language)


def moment_in_words(seconds: int) -> str:
    if seconds > SECONDS_MAX:
        return str(seconds)
    return f"{datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=seconds):%Y-%m-%d %H:%M} UTC"


def visible(text: str) -> str:
    """The text without what a terminal obeys or nobody sees: escape codes, turned directions, ends of lines.

    At most 2,000 characters of it.
    """
    cut = f" … ({len(text)})" if len(text) > CHARS_SHOWN_MAX else ""
    shown = text[:CHARS_SHOWN_MAX]
    return "".join(each if _is_visible(each) else f"<U+{ord(each):04X}>" for each in shown) + cut


def _is_visible(character: str) -> bool:
    return character.isprintable() or character == "\u3000"  # the wide space of Japanese addresses


class _WrongUse(Exception):
    """The command cannot be understood; the message is for the user."""


def main(arguments: Sequence[str] | None = None) -> int:
    given = _arguments(arguments)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # an old console lacks most characters
    try:
        keys, witnesses, needed = _trusted(given)
        kept = None if given.earlier is None else _read_note(given.earlier)
        bundle = read_bundle(_read(given.bundle, BUNDLE_BYTES_MAX))
        report = check(bundle, keys, witnesses, needed, kept, now=int(time.time()))
    except (OSError, _WrongUse) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except Refused as refused:
        _write(_refusal_in_json(refused) if given.json else _refusal_in_words(refused, given.lang))
        return 1
    _write(_report_in_json(report) if given.json else _report_in_words(report, given.lang))
    return 0


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="shodaku-verify",
        description="Check a proof, offline. / 同意台帳の証明書を、通信なしで確かめます。",
        epilog="Exit status: 0 every check passed, 1 refused, 2 wrong use.",
    )
    parser.add_argument("bundle", metavar="BUNDLE", help="the file; - for standard input")
    parser.add_argument(
        "--key", required=True, action="append", metavar="VKEY", help="a key of the log / 検証鍵"
    )
    parser.add_argument(
        "--witness", action="append", default=[], metavar="VKEY", help="a witness's key / 証人の鍵"
    )
    parser.add_argument(
        "--need", type=int, metavar="K", help="how many witnesses must have signed (default: all)"
    )
    parser.add_argument("--earlier", metavar="FILE", help="a checkpoint that you kept / 手元に保管した署名")
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument(
        "--lang", choices=("ja", "en"), default=_own_language(), help="language of the answer"
    )
    return parser.parse_args(arguments)


def _own_language() -> str:
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "ja" if said.startswith("ja") else "en"


def _trusted(given: argparse.Namespace) -> tuple[list[str], list[str], int]:
    """Keys, keys of witnesses, and how many of these must have signed."""
    try:
        _read_keys(given.key, OF_LOG)
        witnesses = {key.name for key in _read_keys(given.witness, OF_WITNESS)}
    except Refused as refused:
        raise _WrongUse(refused.sentence(given.lang)) from None
    needed = len(witnesses) if given.need is None else given.need
    if not 0 <= needed <= len(witnesses):
        words = Words(
            f"証人の鍵は{len(witnesses)}件です。--need {needed} は満たせません。",
            f"--need {needed} cannot be met: the keys of {len(witnesses)} witnesses are given.",
        )
        raise _WrongUse(words.spoken(given.lang))
    return given.key, given.witness, needed


def _read_note(path: str) -> str:
    return _read(path, NOTE_BYTES_MAX).decode("utf-8", "replace")


def _read(path: str, bytes_max: int) -> bytes:
    """A file that says it is too large is not opened, one that hides it is read no further than that."""
    if path == "-":
        data = sys.stdin.buffer.read(bytes_max + 1)
    elif Path(path).stat().st_size > bytes_max:
        raise too_large(bytes_max)
    else:
        with Path(path).open("rb") as file:
            data = file.read(bytes_max + 1)
    if len(data) > bytes_max:
        raise too_large(bytes_max)
    return data


def _refusal_in_words(refused: Refused, language: str) -> str:
    head = Words("確認できません：", "REFUSED: ").spoken(language)
    return f"{head}{refused.sentence(language)} ({refused.reason.code})"


def _refusal_in_json(refused: Refused) -> str:
    return json.dumps(
        {
            "verified": False,
            "reason": refused.reason.code,
            "ja": refused.sentence("ja"),
            "en": refused.sentence("en"),
        }
    )


def _report_in_json(report: Report) -> str:
    return json.dumps({"verified": True, **asdict(report)}, indent=1)


def _report_in_words(report: Report, language: str) -> str:
    lines = [
        Words("確認できました。すべての検査に合格しました。", "VERIFIED: every check passed.").spoken(
            language
        ),
        "",
    ]
    lines.append(Words("証明されたこと", "What is proven").spoken(language))
    lines += [f"  - {words.spoken(language)}" for words in proven(report)]
    lines += ["", Words("証明されていないこと", "What is not proven").spoken(language)]
    lines += [f"  - {words.spoken(language)}" for words in not_proven(report)]
    for entry in report.entries:
        lines += ["", *_entry_in_words(entry, language)]
    return "\n".join(lines)


def _entry_in_words(entry: Entry, language: str) -> list[str]:
    colon = Words("：", ": ").spoken(language)
    kind, hour = kind_in_words(entry.kind, language), hour_in_words(entry.hour, language)
    lines = [
        Words(f"記録 #{entry.index}：{kind}（{hour}）", f"Entry #{entry.index}: {kind} ({hour})").spoken(
            language
        )
    ]
    for name, value in entry.values.items():
        lines.append(f"  {_both_names(name, language)}{colon}{value_in_words(value, language)}")
    if entry.withheld:
        names = listed([_both_names(name, language) for name in entry.withheld], language)
        lines.append(f"  {Words('伏せられた項目', 'Withheld').spoken(language)}{colon}{names}")
    return lines


def _both_names(name: str, language: str) -> str:
    if name not in FIELDS:
        return name
    words = FIELDS[name]
    return " / ".join((words.ja, words.en) if language == "ja" else (words.en, words.ja))


def _write(text: str) -> None:
    sys.stdout.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
