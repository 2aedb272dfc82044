"""A finished mail as the linter reads it, and what must stand in it."""

from __future__ import annotations

from email.message import EmailMessage

from shodaku.content.domain import Wanted, lint_mail

PAGE = "https://t.aoi.example/o/abc"
MAILBOX = "o+abc@aoi.example"
WHY = "https://t.aoi.example/w/abc"
WANTED = Wanted(
    legal_name="株式会社あおい雑貨",
    postal_address="東京都中央区銀座2-1-5",
    contacts=("03-0000-0000", "support@aoi.example", "https://aoi.example/contact"),
    opt_out=(PAGE, MAILBOX),
    own_hosts=("aoi.example",),
    phone="03-0000-0000",
    responsible_person="青井 葵",
    seller_email="support@aoi.example",
    sales_terms="https://aoi.example/terms",
    labels_known=("(광고)",),
    why=WHY,
    one_click=False,
    dmarc_aligned=True,
)
STOP = ("配信停止はこちら", PAGE)
REST = ("株式会社あおい雑貨", "東京都中央区銀座2-1-5", "03-0000-0000", WHY)
HEADERS = {
    "List-Unsubscribe": f"<{PAGE}>, <mailto:{MAILBOX}>",
    "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
}


def text_of(*lines):
    return "\n".join(lines) + "\n"


def html_of(*lines, style=""):
    """Each line a block; an address is a link that is called by itself."""
    return f'<div style="{style}">' + "".join(f"<p>{linked(line)}</p>" for line in lines) + "</div>"


def linked(line):
    return f'<a href="{line}">{line}</a>' if line.startswith("https://") else line


def a_mail(text=None, html=None, *, subject="お便り", headers=()):
    message = EmailMessage()
    message["Subject"] = subject
    for name, value in dict(headers).items():
        message[name] = value
    if text is not None:
        message.set_content(text)
    if html is not None and text is not None:
        message.add_alternative(html, subtype="html")
    elif html is not None:
        message.set_content(html, subtype="html")
    return bytes(message)


def missing(text=None, html=None, wanted=WANTED, **mail):
    return lint_mail(a_mail(text, html, **mail), wanted).missing
