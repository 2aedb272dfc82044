"""What an audit can find, and how it is said. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class FaultKind(StrEnum):
    """What does not agree; `Fault.number` says where."""

    BODY_CHANGED = "body_changed"  # entry: what was sealed is not what was recorded
    ENTRIES_MISSING = "entries_missing"  # contact: a number of theirs is missing
    BODIES_MISSING = "bodies_missing"  # so many: sealed bodies that no erasure took away
    LEAF_CHANGED = "leaf_changed"  # place: the entry is not the one that was taken up
    ENTRY_GONE = "entry_gone"  # place: the entry is not there any more
    LEAF_GONE = "leaf_gone"  # place: nothing stands here
    TILE_CHANGED = "tile_changed"  # place: the leaf is not the one that was folded into the tree
    TILE_GONE = "tile_gone"  # place of the first leaf under it
    ROOT_DIFFERS = "root_differs"  # size: the first so many entries are not those that were signed
    NOTE_CHANGED = "note_changed"  # size: the checkpoint is not what a key of this log signed
    HEAD_NOT_OURS = "head_not_ours"  # size: the newest checkpoint is not signed by a key that we hold
    KEY_STRANGE = "key_strange"  # place in the list of keys: no key of this log
    TILE_BEYOND = "tile_beyond"  # place: a part of the tree over leaves that are not there
    NO_HEAD = "no_head"  # place: leaves from here on that no checkpoint covers
    NOT_TAKEN_UP = "not_taken_up"  # entry: recorded, and neither in the log nor waiting for it
    WAITS_TOO_LONG = "waits_too_long"  # entry: recorded, and not in the log after 60 seconds
    SHORTER = "shorter"  # size of a checkpoint from outside: the newest entries were taken away
    FORKED = "forked"  # size of a checkpoint from outside: the log was written anew
    OTHER_LOG = "other_log"  # size of a checkpoint from outside that is not of this log


@dataclass(frozen=True, slots=True)
class Fault:
    kind: FaultKind
    number: int
    entry_id: int | None = None  # where one entry is concerned


def sentence(fault: Fault, language: str) -> str:
    """One sentence, in Japanese for `ja`, else in English."""
    japanese, english = _SENTENCES[fault.kind]
    return (japanese if language == "ja" else english).format(n=fault.number)


_SENTENCES: Final[Mapping[FaultKind, tuple[str, str]]] = {
    FaultKind.BODY_CHANGED: (
        "記録{n}番：封じられた内容が、台帳に書かれたものと違います。",
        "Entry {n}: what was sealed is not what was recorded.",
    ),
    FaultKind.ENTRIES_MISSING: (
        "連絡先{n}番：記録が欠けています。",
        "Person {n}: entries are missing.",
    ),
    FaultKind.BODIES_MISSING: (
        "封じられた内容が{n}件、消去の手続きによらずになくなっています。",
        "{n} sealed bodies are gone that no erasure took away.",
    ),
    FaultKind.LEAF_CHANGED: (
        "台帳の{n}番目：記録が、書き込まれたときのものではありません。",
        "Place {n} of the log: the entry is not the one that was taken up.",
    ),
    FaultKind.ENTRY_GONE: (
        "台帳の{n}番目：記録がなくなっています。",
        "Place {n} of the log: the entry is not there any more.",
    ),
    FaultKind.LEAF_GONE: (
        "台帳の{n}番目：行がなくなっています。",
        "Place {n} of the log: nothing stands there any more.",
    ),
    FaultKind.TILE_CHANGED: (
        "台帳の{n}番目：木に組み込まれたハッシュと合いません。",
        "Place {n} of the log: it is not what was folded into the tree.",
    ),
    FaultKind.TILE_GONE: (
        "台帳の{n}番目から：木の一部がなくなっています。",
        "From place {n} of the log on: a part of the tree is not there any more.",
    ),
    FaultKind.ROOT_DIFFERS: (
        "最初の{n}件が、署名されたときのものと違います。ひとつ前の署名までは合っています。",
        "The first {n} entries are not those that were signed; up to the checkpoint before they agree.",
    ),
    FaultKind.NOTE_CHANGED: (
        "{n}件の署名が、この台帳の鍵によるものではありません。",
        "The checkpoint over {n} entries is not what a key of this log signed.",
    ),
    FaultKind.HEAD_NOT_OURS: (
        "最新の署名（{n}件）が、手元の鍵によるものではありません。",
        "The newest checkpoint ({n} entries) is not signed by a key that this installation holds.",
    ),
    FaultKind.KEY_STRANGE: (
        "検証鍵の一覧の{n}番目は、この台帳の鍵ではありません。",
        "Key {n} in the list of verifier keys is no key of this log.",
    ),
    FaultKind.TILE_BEYOND: (
        "台帳の{n}番目：記録がないのに木の一部が残っています。台帳はもっと長かったことになります。",
        "From place {n} of the log on: there is a part of the tree and no entry; the log was longer.",
    ),
    FaultKind.NO_HEAD: (
        "台帳の{n}番目から：署名がありません。",
        "From place {n} of the log on: no checkpoint covers it.",
    ),
    FaultKind.NOT_TAKEN_UP: (
        "記録{n}番：台帳に書き込まれず、待ち行列にもありません。",
        "Entry {n}: it is neither in the log nor waiting for it.",
    ),
    FaultKind.WAITS_TOO_LONG: (
        (
            "記録{n}番：60秒たっても台帳に書き込まれていません。"
            "shodaku worker --plane ledger の動きを確かめてください。"
        ),
        "Entry {n}: not in the log after 60 seconds; look after `shodaku worker --plane ledger`.",
    ),
    FaultKind.SHORTER: (
        "外に置いた署名は{n}件のものです。台帳のほうが短く、新しい記録が取り除かれています。",
        "A checkpoint from outside is over {n} entries: the log is shorter, its newest ones were taken away.",
    ),
    FaultKind.FORKED: (
        "外に置いた{n}件の署名と中身が違います。台帳が書き直されています。",
        "A checkpoint from outside over {n} entries has another root: the log was written anew.",
    ),
    FaultKind.OTHER_LOG: (
        "外から示された{n}件の署名は、この台帳のものではありません。",
        "A checkpoint from outside over {n} entries is of another log, or no key of this one signed it.",
    ),
}
