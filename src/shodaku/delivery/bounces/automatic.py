"""Signs of a program that wrote a mail: a bounce, an answer for somebody away, or neither. Pure."""

from __future__ import annotations

import re
from typing import Final

from shodaku.delivery.bounces.addresses import ADDRESS, is_robot
from shodaku.delivery.bounces.reading import Letter

_SAYS_SO: Final = re.compile(
    r"could ?n[o'’]t be (?:delivered|sent)|could not deliver|undeliver|not (?:yet )?(?:been |be )?delivered"
    r"|unable to deliver"
    r"|cannot be delivered|was(?:n[’']t| not) delivered"
    r"|deliver[a-z]* (?:of|to|the|your)?.{0,60}(?:failed|failure|error|problem|delayed)"
    r"|did not reach|did not receive|returned mail|failure notice|delivery failed|delivery failure"
    r"|transcript of session"
    r"|delivery status notification|error.{0,40}deliver|trouble delivering|final delivery|mail system error"
    r"|error message below|failed permanently|has failed|fatal errors|delivery (?:errors|problems)"
    r"|rejected by a remote"
    r"|failure reasons|could not be found|may not exist, or you may not have permission"
    r"|incorrectly constructed"
    r"|送信できません|配信できません|配送できません|届けることができません|送信に失敗|配信に失敗|送信することができません"
    r"|送信エラー|配信エラー|メールエラー|お届けできません|届けられません|配達できません"
    r"|配[信送達](?:が|は)?遅|遅延して",
    re.IGNORECASE | re.DOTALL,
)
_FORUM_SAYS_SO: Final = re.compile(
    r"not a member of (?:this|the) mailing list|fml system error|spam mail from a spammer is rejected",
    re.IGNORECASE,
)
_FORUM_SUBJECT: Final = re.compile(
    r"\b(?:is|are) not (?:a )?member\b|not member article|\breject mail\b|fml (?:system )?error"
    r"|mail from a spammer",
    re.IGNORECASE,
)
_SUBJECT: Final = re.compile(
    r"undeliver|deliver[a-z]* (?:status|fail|notification|report|error|problem|delay|incomplete)"
    r"|delayed mail|returned mail"
    r"|failure notice|mail (?:delivery )?fail|could not be (?:sent|delivered)|mail system error"
    r"|notice: mail delivery"
    r"|warning: (?:could not|message)|postmaster notify|error sending|failure delivery|non[- ]?remis"
    r"|unzustellbar|未達|エラーメール"
    r"|メールエラー|送信エラー|配信エラー|配信不能|配信失敗|配[信送達]遅延",
    re.IGNORECASE,
)
_REPLY_LINE: Final = re.compile(r"(?:^|said: ?|<<< ?|: |\[)[45]\d\d[ -]", re.MULTILINE)
_LISTED: Final = re.compile(
    rf"^[ \t>*\"'(<・-]{{0,12}}(?:[\w -]{{1,30}}[:：]\s{{0,8}})?<?(?:{ADDRESS.pattern})", re.MULTILINE
)
_ANSWERS: Final = re.compile(r"^\s*(?:re|aw|fw|fwd|返信|転送)\s*[:：]", re.IGNORECASE)
_NO_PERSON: Final = re.compile(
    r"no-?reply|do-?not-?reply|system|admin|daemon|notification|bounce", re.IGNORECASE
)
_NEAR_CHARS: Final = 80
_TOP_CHARS: Final = 600  # whose first words are others is a letter about a bounce, not one


def wrote_itself(letter: Letter) -> bool:
    """A mail system speaks: no sender, one of the names of RFC 2142 and its habits, or no return path. The
    last of them alone is no sign where a program answers for somebody: it has none either (RFC 3834 section
    3.3).
    """
    sender = letter.one("from")
    addresses = letter.addresses("from")
    if _says_away(letter) and not _SUBJECT.search(letter.one("subject")):
        return False  # a postmaster has holidays too
    return (
        is_robot(addresses[0] if addresses else sender)
        or (not addresses and "@" not in sender)
        or (letter.one("return-path").replace(" ", "") == "<>" and not _is_away(letter))
    )


def tells_of_a_bounce(letter: Letter) -> bool:
    """By its words, for want of a report that programs can read."""
    top, subject = letter.told[:_TOP_CHARS], letter.one("subject")
    if letter.has("x-failed-recipients") or _FORUM_SAYS_SO.search(top) or _FORUM_SUBJECT.search(subject):
        return True
    if wrote_itself(letter):
        said = _SAYS_SO.search(letter.told) or _REPLY_LINE.search(letter.told)
        return bool(said or _SUBJECT.search(subject) or _SAYS_SO.search(subject))
    said = _SAYS_SO.search(top)
    if said is None or _ANSWERS.match(subject) or subject.endswith(("?", "？")):
        return False
    if _NO_PERSON.search(letter.one("from")) and "@" in top[said.end() : said.end() + _NEAR_CHARS]:
        return True
    listed = _LISTED.search(letter.told)  # a person who writes about an error has the address in a sentence
    return bool(listed and (_SUBJECT.search(subject) or _REPLY_LINE.search(top)))


_WAITS: Final = re.compile(
    r"this is a warning|warning message only|do not need to re-?send|will be retried|still being retried"
    r"|attempts will continue|will continue trying|has been delayed|is delayed for|has not yet been delivered"
    r"|temporary failure report|temporary problem delivering|will retry for"
    r"|再送を(?:試み|続け)|再試行(?:し|を)|配[信送達](?:が|は)?遅",
    re.IGNORECASE,
)


def still_tries(letter: Letter) -> bool:
    """The server has not given up, whatever the last answer was: soft by itself (BOUNCES.md section 3)."""
    return bool(_WAITS.search(" ".join(letter.told.split()))) and not _GAVE_UP.search(letter.told)


_GAVE_UP: Final = re.compile(r"will not continue trying|permanent(?:ly)? (?:error|fail)", re.IGNORECASE)
_AWAY_HEADERS: Final = (
    "x-autoreply",
    "x-autorespond",
    "x-auto-reply-from",
    "x-autogenerated",
    "x-vacation-message",
)
_AWAY: Final = re.compile(
    r"\s*\W*(?:自動返信|自動応答|自動送信|不在通知|不在の|休暇"
    r"|auto(?:matic|mated)?[- _]?(?:reply|response|answer)|autoreply|autoresponse"
    r"|out of (?:the )?(?:office|town)|away (?:from|until)|on vacation|vacation|abwesenheit|absence"
    r"|risposta automatica"
    r"|respuesta automática|réponse automatique|automatische antwort|自动回复|부재)",
    re.IGNORECASE,
)
_REPLIED: Final = re.compile(r"\s*auto-replied", re.IGNORECASE)
_SUBMITTED: Final = re.compile(r"\s*auto-(?:notified|generated)", re.IGNORECASE)
# who wants to know first whether a human wrote, or lets a moderator look
_HOLDS: Final = re.compile(
    r"requires? (?:that you verify|(?:e-?mail )?verification)|verify that you are|protecting \w{2,8}self from"
    r"|awaits? moderator|(?:being|been|is) held (?:until|because)"
    r"|confirm (?:that )?you(?:r message| are| sent)|承認待ち|送信者の確認",
    re.IGNORECASE,
)


def answers_for_somebody(letter: Letter) -> bool:
    """Source: RFC 3834 sections 2 and 5; what programs without it are known to write. A notice that a mail
    was shown, or thrown away unread, is one too (RFC 8098).
    """
    return (
        _answers_by_itself(letter)
        or bool(_SUBMITTED.match(letter.one("auto-submitted")))
        or letter.report_type == "disposition-notification"
    )


def _answers_by_itself(letter: Letter) -> bool:
    precedence = {letter.one(name).strip().lower() for name in ("precedence", "x-precedence")}
    return bool(
        _REPLIED.match(letter.one("auto-submitted"))
        or _says_away(letter)
        or "vacation" in letter.one("x-apple-action").lower()
        or "auto_reply" in precedence
        or _HOLDS.search(letter.told[:_TOP_CHARS])
    )


def _says_away(letter: Letter) -> bool:
    return letter.has(*_AWAY_HEADERS) or bool(_AWAY.match(letter.one("subject")))


def _is_away(letter: Letter) -> bool:
    noticed = letter.report_type == "disposition-notification"
    return noticed or (_answers_by_itself(letter) and not _SUBJECT.search(letter.one("subject")))
