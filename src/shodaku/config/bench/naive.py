"""What one writes first: a template engine, the standard library's EmailMessage and smtplib, no database.

A message after the other over one connection, the template compiled once: nothing is asked, nothing is
written down, nobody can opt out. What the whole path is held against.
"""

from __future__ import annotations

import smtplib
import time
from email.message import EmailMessage
from typing import Final

import minijinja

from shodaku.config.bench import sample
from shodaku.delivery.domain import NewMailing

MESSAGES_MAX: Final = 2_000  # of a round: it takes a second or two
_FROM: Final = "news@bench.example"


def per_second(newsletter: NewMailing, port: int, messages: int) -> float:
    """Messages a second that the receiver took, of `messages` or MESSAGES_MAX."""
    messages = min(messages, MESSAGES_MAX)
    templates = minijinja.Environment(
        templates={"text": newsletter.text, "html": newsletter.html or "", "subject": newsletter.subject}
    )
    start = time.perf_counter()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(messages):
            server.send_message(_message(templates, number), _FROM, [f"{number}@bench.invalid"])
    return messages / (time.perf_counter() - start)


def _message(templates: minijinja.Environment, number: int) -> EmailMessage:
    page = f"https://t.bench.example/o/{number:040x}"
    values = {"name": "山田 花子 様", "opt_out": page, "why": page, "preferences": page}
    values |= {f"link{at}": f"https://t.bench.example/c/{number:040x}/{at}" for at in range(sample.LINKS)}
    message = EmailMessage()
    message["From"] = f"計測 <{_FROM}>"
    message["To"] = f"{number}@bench.invalid"
    message["Subject"] = templates.render_template("subject", **values)
    message["List-Unsubscribe"] = f"<{page}>"
    message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(templates.render_template("text", **values))
    message.add_alternative(templates.render_template("html", **values), subtype="html")
    return message
