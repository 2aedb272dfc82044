"""At which command a server said no, from how each program tells it. Pure.

`>>> DATA` alone is no proof: a client that pipelines prints it before the reply to RCPT (BOUNCES.md
section 4).
"""

from __future__ import annotations

import re
from typing import Final

from shodaku.delivery.bounces.verdict import Stage

# The first that fits. Postfix: in reply to; Exim: after; qmail: does not like recipient; DragonFly: did not
# like our; Yahoo: [RCPT_TO]; older Gmail: (state 14); SendGrid: in RCPT TO; InterScan: Sent <<< RCPT.
_SIGNS: Final = (
    (
        Stage.DATA_END,
        (
            r"in reply to end of data", r"after (?:pipelined )?end of (?:data|message)", r"after end-of-data",
            r"after i sent the message", r"did not like our (?:final data|end of data)", r"\(state 1[5-8]\)",
            r"end of message content", r"\[(?:body|submit|dot|eom)\]", r"smtp:(?:dot|eom|end)",
            r"in end of data", r"after sending (?:the )?(?:message|data|body)",
        ),
    ),
    (
        Stage.RCPT,
        (
            r"in reply to rcpt", r"after (?:pipelined )?rcpt", r"does not like recipient",
            r"did not like our rcpt", r"progress was rcpt", r"\[rcpt_to\]", r"\(state 14\)",
            r"\bin rcpt to\b",
            r"smtp:rcpt", r"response to rcpt", r"remote smtp server has rejected address",
            r"\bcommand: rcpt", r"sent <<< rcpt", r"smtp command rcpt", r"\bfor rcpt to\b",
        ),
    ),
    (
        Stage.DATA,
        (
            r"in reply to data", r"after (?:pipelined )?data\b", r"failed on data command",
            r"did not like our data", r"your message \(data\)", r"smtp command data\b", r"smtp:data",
            r"\[data\]", r"\bcommand: data",
        ),
    ),
    (
        Stage.MAIL,
        (
            r"in reply to mail", r"after (?:pipelined )?mail\b", r"but sender was rejected",
            r"did not like our mail", r"progress was mail", r"\[mail_from\]", r"smtp:mail", r"\(state 13\)",
            r"\bcommand: mail",
        ),
    ),
    (
        Stage.CONNECT,
        (
            r"refused to talk to me", r"after initial connection",
            r"in reply to (?:ehlo|helo|lhlo|starttls|auth)", r"after (?:ehlo|helo|lhlo|starttls)",
            r"but greeting failed", r"but connection died", r"my name was rejected",
            r"did not like our (?:ehlo|helo)", r"\[(?:connect|helo|ehlo)\]",
        ),
    ),
)  # fmt: skip
_PATTERNS: Final = tuple((stage, re.compile("|".join(signs))) for stage, signs in _SIGNS)


def stage_told(text: str) -> Stage:
    """By the words of the program that gave up; `text` in small letters, folded anywhere."""
    flat = " ".join(text.split())
    return next((stage for stage, pattern in _PATTERNS if pattern.search(flat)), Stage.UNKNOWN)


_COMMAND: Final = re.compile(
    r"^\s*>>>\s*(connect|helo|ehlo|mail|rcpt|data|\.|quit|rset)\b|^\s*>>>\s*(\.)\s*$"
)
_REPLY: Final = re.compile(r"^\s*<<<\s*(.+)$")
_OF_COMMAND: Final = {
    "connect": Stage.CONNECT, "helo": Stage.CONNECT, "ehlo": Stage.CONNECT, "mail": Stage.MAIL,
    "rcpt": Stage.RCPT, ".": Stage.DATA_END,
}  # fmt: skip
# what follows when the reply was one to RCPT, though DATA had been sent already
_NO_RECIPIENTS: Final = re.compile(
    r"<<< ?[45]\d\d.{0,80}(?:need|valid|no|without|all|missing|must|first).{0,40}(?:rcpt|recipient)"
    r"|^5\d\d 5\.1\.\d .{0,200}\.\.\. "
)
_AFTER_CONTENT: Final = re.compile(r"5\.0\.0 service unavailable|554 service unavailable")
_SAME_LETTERS: Final = 24


def stage_in_dialogue(text: str, answer: str) -> Stage:
    """From a transcript as Sendmail, Courier and carriers print it: the command before this very answer.

    Sendmail gives an address 5.1.x where its RCPT was refused, and 5.0.0 where the content was.
    """
    if ">>>" not in text and "<<<" not in text:
        return Stage.UNKNOWN
    lines = text.split("\n")
    wanted = " ".join(answer.split())[:_SAME_LETTERS]
    command = ""
    for at, line in enumerate(lines):
        if match := _COMMAND.match(line):
            command = match[1] or match[2] or ""
        reply = _REPLY.match(line)
        if reply and (not wanted or " ".join(reply[1].split()).startswith(wanted)):
            return _of(command, "\n".join(lines[at + 1 : at + 8]))
    return Stage.UNKNOWN


def _of(command: str, following: str) -> Stage:
    if command == "data":
        if any(_NO_RECIPIENTS.search(line) for line in following.split("\n")):
            return Stage.RCPT
        return Stage.DATA_END if _AFTER_CONTENT.search(following) else Stage.UNKNOWN
    return _OF_COMMAND.get(command, Stage.UNKNOWN)
