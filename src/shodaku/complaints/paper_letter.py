"""The answer to a complaint on paper: the letter, and the annexes that it names."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from shodaku.complaints.domain import Addressee, Desk, EvidencePack, letter
from shodaku.delivery.domain import Result
from shodaku.kit.typesetting import set_pdf

TEMPLATE: Final = files("shodaku.complaints") / "print" / "letter.typ"
SENT_ROWS_MAX: Final = 200
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "ja": {
        "title": "お申し出への回答",
        "reference": "案件番号 {n}",
        "made_on": "{d} 作成",
        "wording": "別紙1　そのとき表示していた文面",
        "wording_about": "版 {version}　照合値 SHA-256 {sha256}",
        "no_version": "番号なし",
        "sent": "別紙2　お送りしたもの",
        "at": "日時",
        "subject": "件名",
        "outcome": "結果",
        "evidence": "根拠の記録",
        "more": "ほかに{n}通あります。",
        Result.ACCEPTED: "送信済み",
        Result.UNCERTAIN: "到着不明",
        "proof": "別紙3　記録が変えられていないことの確かめ方",
        "proof_1": (
            "同意の記録は、あとから書き換えられない台帳の{n}番目の記録です。"
            "お客様には、台帳に含まれることを証明する証明書（ファイル）をお渡しできます。"
        ),
        "proof_2": (
            "証明書は、当方を介さずに、だれでも無償の検証プログラム shodaku-verify.py で確かめられます。"
            "確かめると、下の照合値が示されます。"
        ),
    },
    "en": {
        "title": "Answer to your complaint",
        "reference": "Case {n}",
        "made_on": "Made on {d}",
        "wording": "Annex 1: the words that were shown",
        "wording_about": "Version {version}, SHA-256 {sha256}",
        "no_version": "without number",
        "sent": "Annex 2: what was sent",
        "at": "Time",
        "subject": "Subject",
        "outcome": "Result",
        "evidence": "Allowed by entry",
        "more": "And {n} more.",
        Result.ACCEPTED: "sent",
        Result.UNCERTAIN: "arrival not known",
        "proof": "Annex 3: how to check that the record was not changed",
        "proof_1": (
            "The record of the consent is entry {n} of a ledger in which nothing can be rewritten. "
            "On request you get a file that proves that it stands there."
        ),
        "proof_2": (
            "Anybody can check that file without us, by the free program shodaku-verify.py. "
            "It then shows the hash below."
        ),
    },
}


def letter_pdf(
    pack: EvidencePack, addressee: Addressee, desk: Desk, case_id: int, made_at: datetime
) -> bytes:
    """PDF/A-3 and PDF/UA. Raises NoPaper, NoJapaneseFont, NotSet."""
    words = _WORDS["en" if addressee.language == "en" else "ja"]
    local = made_at.astimezone(addressee.zone)
    content: dict[str, Any] = {
        "language": addressee.language,
        "title": words["title"],
        "sender": desk.formal_name,
        "reference": words["reference"].format(n=case_id),
        "made_on": words["made_on"].format(d=_day(local, addressee.language)),
        "letter": letter(pack, addressee, desk).split("\n"),
        "wording": _wording(pack, words),
        "sent": _sent(pack, addressee, words),
        "proof": _proof(pack, words),
    }
    return set_pdf(TEMPLATE, content, made_at=local)


def _wording(pack: EvidencePack, words: Mapping[str, str]) -> dict[str, Any] | None:
    act = pack.agreed[-1] if pack.agreed else None
    if act is None or act.wording is None:
        return None
    version = str(act.wording_version or words["no_version"])
    return {
        "title": words["wording"],
        "about": words["wording_about"].format(version=version, sha256=act.wording_sha256 or "–"),
        "lines": act.wording.splitlines(),
    }


def _sent(pack: EvidencePack, to: Addressee, words: Mapping[str, str]) -> dict[str, Any] | None:
    if not pack.sent:
        return None
    left_out = len(pack.sent) - SENT_ROWS_MAX
    return {
        "title": words["sent"],
        "head": [words["at"], words["subject"], words["outcome"], words["evidence"]],
        "rows": [
            [
                f"{each.at.astimezone(to.zone):%Y-%m-%d %H:%M}",
                each.subject,
                words[Result(each.outcome)],
                f"#{each.entry_id}" if each.entry_id else "–",
            ]
            for each in pack.sent[:SENT_ROWS_MAX]
        ],
        "more": words["more"].format(n=left_out) if left_out > 0 else "",
    }


def _proof(pack: EvidencePack, words: Mapping[str, str]) -> dict[str, Any] | None:
    act = pack.agreed[-1] if pack.agreed else None
    if act is None:
        return None
    return {
        "title": words["proof"],
        "lines": [words["proof_1"].format(n=act.number), words["proof_2"]],
        "hash": act.proof_hash,
    }


def _day(local: datetime, language: str) -> str:
    if language == "en":
        return f"{local.day} {local:%b %Y}"
    return f"{local.year}年{local.month}月{local.day}日"
