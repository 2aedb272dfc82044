"""The mail that puts a checkpoint into somebody's hands: what it is, why to keep it, and the text itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shodaku.accounts.domain import Sender
from shodaku.content.domain import without_slots
from shodaku.ledger.domain import Checkpoint

_RULE: Final = "―" * 20
_SLOT: Final = "{{ opt_out }}"
_INVITATION: Final = "{{ invitation }}"


@dataclass(frozen=True, slots=True)
class CheckpointLetter:
    """Plain text, so that the checkpoint can be copied as it stands; no link but the one that stops it."""

    subject: str
    text: str


def checkpoint_letter(
    sender: Sender, newest: Checkpoint, vkeys: Sequence[str], at: datetime, target_id: int, language: str
) -> CheckpointLetter:
    """`at` is the time of the checkpoint on the clock of the workspace."""
    name = " ".join(without_slots(sender.display_name).split())
    keys = "\n".join(vkeys)
    note = without_slots(newest.note)
    if language == "en":
        return CheckpointLetter(
            f"[{name}] Checkpoint of the consent ledger: {newest.size} entries",
            "Please keep this mail. It is a copy of the checkpoint of our consent ledger.\n"
            "If anybody alters or removes a record later, the ledger no longer agrees with this copy.\n\n"
            f"Entries: {newest.size}\nSigned at: {at:%Y-%m-%d %H:%M %Z}\n\n"
            f"The checkpoint, between the lines:\n{_RULE}\n{note}{_RULE}\n\n"
            f"Keys to verify it with:\n{keys}\n\n"
            "To compare: save what stands between the lines, from the first letter to the last line break, "
            "in a file, and run\n  shodaku ledger verify --against FILE\n\n"
            f"This mail comes once a day while the ledger grows, to place {target_id} of its copies.\n"
            f"To stop it: shodaku ledger anchor remove {target_id}\n"
            f"or, to stop all mail from us to this address:\n{_SLOT}\n\n"
            f"{_sender(sender)}\n",
        )
    return CheckpointLetter(
        f"【{name}】同意台帳の控え（記録{newest.size}件）",
        "このメールは、同意台帳の署名の控えです。捨てずに保管してください。\n"
        "あとから記録が書き換えられたり、取り除かれたりすると、台帳はこの控えと合わなくなります。\n\n"
        f"記録の数：{newest.size}件\n署名の時刻：{at.year}年{at.month}月{at.day}日 {at:%H:%M}（{at:%Z}）\n\n"
        f"控え（線と線の間）\n{_RULE}\n{note}{_RULE}\n\n"
        f"確かめるための鍵\n{keys}\n\n"
        "照らし合わせるには、線と線の間を、最初の文字から最後の改行までファイルに保存し、次のように実行します。\n"
        "  shodaku ledger verify --against ファイル\n\n"
        f"このメールは、台帳の記録が増えた日に1日1通、控えの送り先{target_id}へ届きます。\n"
        f"止めるには：shodaku ledger anchor remove {target_id}\n"
        f"このアドレスへのメールをすべて止めるには、次のページを開いてください。\n{_SLOT}\n\n"
        f"{_sender(sender)}\n",
    )


@dataclass(frozen=True, slots=True)
class RouteLetter:
    """Plain text: where it says nothing of its way, the head of the mail does."""

    subject: str
    text: str


def route_letter(sender: Sender, server: str, language: str) -> RouteLetter:
    """The mail that tries one mail server; `server` is the name it has at the desk."""
    name = " ".join(without_slots(server).split())
    if language == "en":
        return RouteLetter(
            f"[TEST] Mail server {name}",
            f"This test came through the mail server “{name}”. You asked for it a moment ago.\n"
            "Look at its head: SPF, DKIM and DMARC should say “pass”.\n"
            "Look at the link below too: nobody should have written it anew.\n\n"
            f"To stop all mail from us to this address:\n{_SLOT}\n\n"
            f"{_sender(sender)}\n",
        )
    return RouteLetter(
        f"[TEST] メールサーバー「{name}」",
        f"メールサーバー「{name}」から届いたテストです。管理画面から、ご自身の操作で送信しました。\n"
        "メールのヘッダーで、SPF、DKIM、DMARCが「pass」になっているかを確かめてください。\n"
        "次のリンクが別の場所へ書き換えられていないことも確かめてください。\n\n"
        f"このアドレスへのメールをすべて止めるには、次のページを開いてください。\n{_SLOT}\n\n"
        f"{_sender(sender)}\n",
    )


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """Plain text; the link works once and proves the mailbox."""

    subject: str
    text: str


def invitation_letter(
    sender: Sender, workspace: str, role: str, until: datetime, language: str
) -> InvitationLetter:
    """`role` in words of the language, `until` on the clock of the workspace."""
    where = " ".join(without_slots(workspace).split())
    if language == "en":
        return InvitationLetter(
            f"[Shodaku] Work with “{where}”",
            f"You are asked to work with “{where}” in Shodaku, where mails are sent and consents kept.\n"
            f"Your role: {role}\n\n"
            f"Open this page to begin. It works once:\n{_INVITATION}\n"
            f"(until {until.day} {until:%b %Y %H:%M %Z})\n\n"
            "If you did not expect this, do nothing: nobody gets an account.\n"
            "Do not pass this mail on: whoever opens the page first begins in your place.\n\n"
            f"To stop all mail from us to this address:\n{_SLOT}\n\n"
            f"{_sender(sender)}\n",
        )
    return InvitationLetter(
        f"【Shodaku】「{where}」の担当者への招待",
        f"Shodaku（メール配信と同意の記録）で、「{where}」の担当者に招待されました。\n"
        f"役割：{role}\n\n"
        f"次のページから始めてください。使えるのは一度だけです。\n{_INVITATION}\n"
        f"（{until.year}年{until.month}月{until.day}日 {until.hour}時{until.minute:02d}分まで）\n\n"
        "心当たりがなければ何もしないでください。アカウントは作られません。\n"
        "このメールを転送しないでください。先にページを開いた方が、あなたの代わりに登録できてしまいます。\n\n"
        f"このアドレスへのメールをすべて止めるには、次のページを開いてください。\n{_SLOT}\n\n"
        f"{_sender(sender)}\n",
    )


def _sender(sender: Sender) -> str:
    return "\n".join(
        without_slots(part)
        for part in (sender.formal_name, sender.postal_address, sender.complaint_contact)
        if part
    )
