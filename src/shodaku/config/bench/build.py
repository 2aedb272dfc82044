"""What it costs to build one message of a compiled mailing: the permit is there, nothing leaves."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Final

from shodaku.config.bench import machine, sample, send
from shodaku.content.render import header_date
from shodaku.kit import clock

MESSAGES: Final = 50_000
ROUNDS: Final = 5
PEOPLE: Final = 10  # one of them gets every message


def run(options: Mapping[str, object]) -> Iterator[Mapping[str, object]]:
    """Options: messages, rounds, owner_url. Microseconds of CPU a message, the median round."""
    messages, rounds = int(str(options.get("messages", MESSAGES))), int(str(options.get("rounds", ROUNDS)))
    shop = sample.fill(str(options["owner_url"]), PEOPLE, clock.now())
    letter = send.one_letter(shop, sample.launch(shop, clock.now()).mailing_id)
    for encoding in send.ENCODINGS:
        eight_bit = encoding == send.EIGHT_BIT
        figures = [_each(letter, messages, eight_bit=eight_bit) for _ in range(rounds)]
        length = sum(map(len, letter.built(header_date(clock.now()), eight_bit=eight_bit)))
        yield machine.line("build", encoding, "us", figures, messages, bytes=length)


def _each(letter: send.OneLetter, messages: int, *, eight_bit: bool) -> float:
    date = header_date(clock.now())
    start = time.process_time()
    for _ in range(messages):
        letter.built(date, eight_bit=eight_bit)
    return (time.process_time() - start) / messages * 1e6
