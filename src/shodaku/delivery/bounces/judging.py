"""From what a server said, and when, to a reason and its class. Pure; in doubt soft.

The words count before the codes, for a program that reports writes a code of its own where it has none; the
stage counts before both. An address is dead when its server says so at RCPT, or in a status about addresses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from shodaku.delivery.bounces.addresses import addresses_in, same
from shodaku.delivery.bounces.answers import (
    ANYBODY,
    WORDS_CHARS_MAX,
    Answer,
    finest,
    is_vague,
    read_answer,
    statuses_in,
)
from shodaku.delivery.bounces.matching import rule_for
from shodaku.delivery.bounces.rules import Rule
from shodaku.delivery.bounces.verdict import BounceClass, Judgement, Reason, Stage, class_of


@dataclass(frozen=True, slots=True)
class Evidence:
    """About one recipient."""

    answers: tuple[str, ...]  # what was said, the nearest to the recipient first
    status: str = ""  # the field of a report
    stage: Stage = Stage.UNKNOWN
    waits: bool = False  # not given up yet
    address: str = ""  # of the recipient
    ours: tuple[str, ...] = ()  # addresses of the sender, as it is known to servers
    remote: str = ""  # the server that answered


def judge(evidence: Evidence) -> Judgement:
    answers = [read_answer(text) for text in evidence.answers if text.strip()]
    code = next((answer.code for answer in answers if answer.code), "")
    said = next((answer.statuses for answer in answers if answer.statuses), ())
    reported = statuses_in(evidence.status)
    status = _finer(finest(said), finest(reported))
    passing = (
        evidence.waits
        or code.startswith("4")
        or any(each.startswith("4") for each in (status, *reported[:1]))
        or any(_PASSES.search(answer.words) for answer in answers[:1])
    )
    by_words = _by_words(evidence, answers, status)
    reason = by_words or _by_codes(evidence, answers, status, code)
    return Judgement(
        reason,
        class_of(reason, passing=passing),
        status or (f"{code[0]}.0.0" if code else ""),
        code,
        evidence.stage,
        worded=by_words is not None,
    )


# a server that says so means it, whatever code it gives
_PASSES: Final = re.compile(
    r"temporar|gr[ae]y-?listed|gr[ae]y-?listing|(?:try|retry) (?:again )?later|please retry"
    r"|(?<!and )try again|not responding|一時的|しばらく"
)
# beside “not known” or “not valid” they are what is meant
_OTHERS: Final = re.compile(
    r"\b(?:ip|sender|certificate|authentication|white ?list|policy|without mail|helo|signature|url)\b"
)


def _finer(said: str, reported: str) -> str:
    """The server's own status, unless it tells less than that of the report."""
    return reported if not said or (is_vague(said) and not is_vague(reported)) else said


def _by_words(evidence: Evidence, answers: list[Answer], status: str) -> Reason | None:
    for answer in answers:
        rule = _special(evidence, answer, status) or rule_for(answer.words)
        if rule is not None:
            reason = _at_stage(rule, evidence.stage, answer, status)
            if class_of(reason) is BounceClass.HARD and _about_sender(evidence, answer):
                return Reason.REJECTED
            return _contradicted(reason, answer, answers) or reason
    return None


def _about_sender(evidence: Evidence, answer: Answer) -> bool:
    """A server that asked back whether we exist: it names us, and not whom we wrote to."""
    named = {same(each) for each in addresses_in(answer.said[:WORDS_CHARS_MAX])}
    return bool(named & {same(each) for each in evidence.ours}) and same(evidence.address) not in named


def _by_codes(evidence: Evidence, answers: list[Answer], status: str, code: str) -> Reason:
    if (by_status := _OF_STATUS.get(status.partition(".")[2])) is not None:
        return _at_stage(Rule(by_status, (), ""), evidence.stage, Answer("", code, ()), status)
    if evidence.waits:
        return Reason.EXPIRED
    if status or code:
        return _OF_CLASS.get(
            status.partition(".")[2].partition(".")[0], _OF_STAGE.get(evidence.stage, Reason.ON_HOLD)
        )
    return Reason.ON_HOLD if answers else Reason.UNDEFINED


_ALIVE: Final = frozenset({Reason.MAILBOX_FULL, Reason.SUSPEND})


def _contradicted(reason: Reason, heard: Answer, answers: list[Answer]) -> Reason | None:
    """Where one sentence of a mail says unknown and another says full or disabled, there is an account."""
    if class_of(reason) is not BounceClass.HARD:
        return None
    rules = (rule_for(answer.words) for answer in answers if answer.words != heard.words)
    return next((rule.reason for rule in rules if rule is not None and rule.reason in _ALIVE), None)


_OF_SENDER: Final = frozenset({"1.7", "1.8"})
_PROVES_ADDRESS: Final = frozenset({"1.0", "1.1", "1.2", "1.3", "1.6", "1.10"})


def _at_stage(rule: Rule, stage: Stage, answer: Answer, status: str) -> Reason:
    """The table of BOUNCES.md section 4 for every server: before RCPT words are about us, and after the
    content they tell that the recipient was taken.
    """
    if class_of(rule.reason) is not BounceClass.HARD:
        return rule.reason
    proves = status.partition(".")[2] in _PROVES_ADDRESS
    if (other := _about_something_else(rule, answer, status, proves=proves)) is not None:
        return other
    match stage:
        case Stage.CONNECT:
            return Reason.BLOCKED
        case Stage.MAIL:
            return Reason.REJECTED
        case Stage.RCPT:
            return rule.reason
        case Stage.DATA_END:
            return rule.reason if rule.certain else Reason.FILTERED
        case Stage.DATA | Stage.UNKNOWN:
            local = rule.local and not answer.code
            return rule.reason if rule.certain or local or proves else Reason.FILTERED


def _about_something_else(rule: Rule, answer: Answer, status: str, *, proves: bool) -> Reason | None:
    """What is unknown or not valid there is no recipient."""
    if answer.status[1:3] == ".7":
        return Reason.FILTERED  # for security or by policy: the server knows the address (RFC 3463 3.8)
    if answer.status[1:3] == ".6":
        return Reason.CONTENT_ERROR
    named = not (rule.certain or proves) and _OTHERS.search(answer.words)
    return Reason.REJECTED if named or status.partition(".")[2] in _OF_SENDER else None


_AU: Final = ("ezweb.ne.jp", "au.com", "auone-net.jp", "uqmobile.jp", "dion.ne.jp")
_DEAD: Final = Rule(Reason.USER_UNKNOWN, (), "", certain=True)
_KEPT_OUT: Final = Rule(Reason.FILTERED, (), "")


def _special(evidence: Evidence, answer: Answer, status: str) -> Rule | None:
    """What one provider means by words that others mean otherwise.

    au: with the address it is unknown, without it the person's filter said so. Microsoft: 5.4.1 in these
    words is its directory at the edge, which knows no such recipient.
    """
    if answer.words.startswith(": user unknown") or ": : user unknown" in answer.words:
        return _KEPT_OUT if evidence.stage is not Stage.RCPT else _DEAD
    if f"{ANYBODY}: user unknown" in answer.words and _is_au(evidence):
        return _KEPT_OUT if evidence.stage is Stage.DATA_END else _DEAD
    if status == "5.4.1" and "access denied" in answer.words and "all recipient" not in answer.words:
        return _DEAD if evidence.stage is not Stage.DATA_END else _KEPT_OUT
    if evidence.remote.endswith(".qq.com") and answer.words.startswith("mailbox "):
        return _DEAD  # it looks a recipient up after the content; what it filters it calls something else
    return None


def _is_au(evidence: Evidence) -> bool:
    domain = evidence.address.rpartition("@")[2].lower()
    return any(f".{name}".endswith(f".{au}") for name in (domain, evidence.remote) for au in _AU)


# RFC 3463 section 3, RFC 7505, RFC 7372; by subject and detail
_OF_STATUS: Final = {
    "1.0": Reason.FILTERED, "1.1": Reason.USER_UNKNOWN, "1.2": Reason.HOST_UNKNOWN,
    "1.3": Reason.USER_UNKNOWN,
    "1.6": Reason.HAS_MOVED, "1.7": Reason.REJECTED, "1.8": Reason.REJECTED, "1.10": Reason.NOT_ACCEPT,
    "2.0": Reason.FILTERED, "2.1": Reason.FILTERED, "2.2": Reason.MAILBOX_FULL, "2.3": Reason.EXCEED_LIMIT,
    "2.4": Reason.FILTERED, "3.1": Reason.SYSTEM_FULL, "3.2": Reason.SYSTEM_ERROR,
    "3.4": Reason.MESSAGE_TOO_BIG, "4.4": Reason.HOST_UNKNOWN, "4.7": Reason.EXPIRED, "7.1": Reason.REJECTED,
    "7.7": Reason.SECURITY_ERROR, "7.8": Reason.SECURITY_ERROR, "7.9": Reason.SECURITY_ERROR,
    "7.13": Reason.SUSPEND, "7.20": Reason.AUTH_FAILURE, "7.23": Reason.AUTH_FAILURE,
    "7.25": Reason.REQUIRE_PTR, "7.26": Reason.AUTH_FAILURE,
}  # fmt: skip
_OF_CLASS: Final = {
    "3": Reason.SYSTEM_ERROR, "4": Reason.NETWORK_ERROR, "5": Reason.SYNTAX_ERROR, "6": Reason.CONTENT_ERROR,
    "7": Reason.POLICY_VIOLATION,
}  # fmt: skip
_OF_STAGE: Final = {
    Stage.CONNECT: Reason.BLOCKED, Stage.MAIL: Reason.REJECTED, Stage.RCPT: Reason.FILTERED,
    Stage.DATA_END: Reason.REJECTED,
}  # fmt: skip
