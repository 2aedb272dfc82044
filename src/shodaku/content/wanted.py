"""What must stand in one message to one person, as the display linter is told it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from shodaku.accounts.domain import Sender


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Absent is "" or (); what is absent of the sender stands nowhere, and so is missing."""

    legal_name: str
    postal_address: str
    contacts: tuple[str, ...]  # for complaints: telephone, mailbox, URL; one of them is enough
    opt_out: tuple[str, ...]  # this recipient's own URLs and mailboxes
    own_hosts: tuple[str, ...] = ()  # an SMS may hold a short link at or below one of these
    reply_suffices: bool = False  # an answer to the From address stops, so the words may stand anywhere
    mail_order: bool = False  # to consumers: 特定商取引法11条
    phone: str = ""
    responsible_person: str = ""
    seller_email: str = ""
    sales_terms: str = ""  # the page with prices, payment, delivery and return
    labels_known: tuple[str, ...] = ()  # "(광고)": reported where it stands; the recipient's law wants it
    pr_label_needed: bool = False  # somebody else's advertising (令和5年内閣府告示19号)
    why: str | None = None  # text or URL of the line that says why the mail came
    one_click: bool  # headers of RFC 8058
    dkim_headers: tuple[str, ...] | None = None  # that the relay signs; None: all of them
    dmarc_aligned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SenderDisplay:
    """Who sends, in what the law wants shown."""

    formal_name: str
    postal_address: str
    contact_phone: str
    contact_email: str
    contact_url: str
    responsible_person: str
    sales_terms_url: str
    mail_order: bool

    @classmethod
    def of(cls, sender: Sender, *, mail_order: bool) -> SenderDisplay:
        return cls(
            formal_name=sender.formal_name,
            postal_address=sender.postal_address,
            contact_phone=sender.contact_phone,
            contact_email=sender.contact_email,
            contact_url=sender.contact_url,
            responsible_person=sender.responsible_person,
            sales_terms_url=sender.sales_terms_url,
            mail_order=mail_order,
        )


def wanted_of(
    sender: SenderDisplay,
    *,
    opt_out: Sequence[str],
    why: str | None,
    link_base: str,
    one_click: bool,
    labels_known: Sequence[str] = (),
    reply_suffices: bool = False,
    pr_label_needed: bool = False,
    dkim_headers: tuple[str, ...] | None = None,
    dmarc_aligned: bool = True,
) -> Wanted:
    """For one recipient, whose own are `opt_out` and `why`; an SMS has neither, its short link is below
    `link_base`.
    """
    contacts = (sender.contact_phone, sender.contact_email, sender.contact_url)
    return Wanted(
        legal_name=sender.formal_name,
        postal_address=sender.postal_address,
        contacts=tuple(contact for contact in contacts if contact.strip()),
        opt_out=tuple(opt_out),
        own_hosts=tuple(filter(None, [urlsplit(link_base).hostname])),
        reply_suffices=reply_suffices,
        mail_order=sender.mail_order,
        phone=sender.contact_phone,
        responsible_person=sender.responsible_person,
        seller_email=sender.contact_email,
        sales_terms=sender.sales_terms_url,
        labels_known=tuple(labels_known),
        pr_label_needed=pr_label_needed,
        why=why,
        one_click=one_click,
        dkim_headers=dkim_headers,
        dmarc_aligned=dmarc_aligned,
    )
