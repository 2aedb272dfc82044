"""What a server answered: its code, its enhanced status, and its words without names and addresses. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from shodaku.delivery.bounces.addresses import ADDRESS

WORDS_CHARS_MAX: Final = 3_000
# RFC 5321 section 4.2: three digits where a reply begins, not in the middle of a number, a date or an address
_CODE: Final = re.compile(r"(?:^|[\s:;\[(<'\"#>])([45]\d\d)(?=[\s:,;]|-(?!\d{3}-\d)|$)", re.MULTILINE)
_STATUS: Final = re.compile(
    r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\d|\.\d)"
)  # RFC 3463, never an IP address
_VAGUE: Final = re.compile(
    r"[245]\.(?:0\.0|1\.0|3\.0|5\.0|4\.7)"
)  # what programs write when they know nothing
_REPLY_MARK: Final = re.compile(
    r"(?:^|(?<=\s))#?[245]\d\d[- ](?=#?[245]\.\d|\S)|(?<![\d.])#?[245]\.\d{1,3}\.\d{1,3}(?!\d|\.\d)"
)
_ADDRESS: Final = re.compile(rf"<{ADDRESS.pattern}>|{ADDRESS.pattern}")
_LINK: Final = re.compile(r"\(?https?://\S+")
_QUOTES: Final = str.maketrans("’‘＇`“”", "''''\"\"")
_POSTFIX_LABEL: Final = "recipient address rejected: "  # before whatever its tables or policies say
ANYBODY: Final = "<@>"  # stands for every address, whose letters are no words of the server


@dataclass(frozen=True, slots=True)
class Answer:
    words: str  # in small letters, one line; links and codes gone, addresses as <@>
    code: str
    statuses: tuple[str, ...]  # as they stand in the answer
    said: str = ""  # whole, with the addresses that it names

    @property
    def status(self) -> str:
        return finest(self.statuses)


def read_answer(text: str) -> Answer:
    code = _CODE.search(text)
    statuses = tuple(_STATUS.findall(_LINK.sub(" ", text)))
    return Answer(words_of(text), code[1] if code else "", statuses, text)


def words_of(text: str) -> str:
    """Kept are the words that a rule can know: what is told about us or the recipient by name is not."""
    plain = _LINK.sub(" ", text[: 2 * WORDS_CHARS_MAX].translate(_QUOTES))
    bare = _REPLY_MARK.sub(" ", _ADDRESS.sub(ANYBODY, plain))
    words = " ".join(bare.lower().split())[:WORDS_CHARS_MAX]
    return words.replace(_POSTFIX_LABEL, " ")


def finest(statuses: tuple[str, ...]) -> str:
    """The first that says something; else the first of all; empty where there is none."""
    return next((each for each in statuses if not _VAGUE.fullmatch(each)), next(iter(statuses), ""))


def statuses_in(text: str) -> tuple[str, ...]:
    return tuple(_STATUS.findall(text))


def is_vague(status: str) -> bool:
    return not status or bool(_VAGUE.fullmatch(status))
