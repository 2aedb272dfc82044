"""What the linter says of a mailing as it leaves: a fact of every gate that the mailing passes."""

from __future__ import annotations

from collections.abc import Callable

from shodaku.contacts.domain import Channel
from shodaku.content.domain import SenderDisplay, Wanted, lint_fax, lint_sms, wanted_of
from shodaku.content.render import Compiled, lint_compiled
from shodaku.delivery.domain import Exemption
from shodaku.delivery.facts import GateRow, MailingRow
from shodaku.policy.domain import AD_CLASSES, About, DisplayReport, MessageClass, Pack

Altered = Callable[[bytes], bytes]


def display_report(
    mailing: MailingRow,
    compiled: Compiled | None,
    gate: GateRow,
    rules: Pack,
    altered: Altered | None = None,
) -> DisplayReport:
    """`altered`: what the next server makes of the bytes before the recipient sees them."""
    message_class = MessageClass(mailing.message_class)
    sender = SenderDisplay(
        formal_name=mailing.formal_name,
        postal_address=mailing.postal_address,
        contact_phone=mailing.contact_phone,
        contact_email=mailing.contact_email,
        contact_url=mailing.contact_url,
        responsible_person=mailing.responsible_person,
        sales_terms_url=mailing.sales_terms_url,
        mail_order=gate.b2c_mail_order,
    )
    paid = mailing.paid_content or mailing.about == About.AD_SPACE
    one_click = message_class in AD_CLASSES and message_class is not MessageClass.CONSENT_REQUEST
    if compiled is not None and Channel(mailing.channel) is Channel.EMAIL:
        return lint_compiled(
            compiled,
            sender,
            one_click=one_click,
            labels_known=rules.labels,
            reply_suffices=Exemption.REPLIES_READ in gate.exemptions,
            pr_label_needed=paid,
            dmarc_aligned=gate.dmarc != "none",
            altered=altered,
        )
    base = f"https://{mailing.mail_domain}"
    if Channel(mailing.channel) is Channel.FAX:
        pages = {"opt_out": f"{base}/o", "why": f"{base}/w"}
        text = mailing.text.replace("{{ opt_out }}", pages["opt_out"]).replace("{{ why }}", pages["why"])
        return lint_fax(mailing.subject, text, _wanted(sender, rules, base, paid=paid, **pages))
    # a short text has the page behind its link for the rest
    return lint_sms(mailing.text, _wanted(sender, rules, base, paid=paid))


def _wanted(
    sender: SenderDisplay,
    rules: Pack,
    link_base: str,
    *,
    paid: bool,
    opt_out: str | None = None,
    why: str | None = None,
) -> Wanted:
    return wanted_of(
        sender,
        opt_out=() if opt_out is None else (opt_out,),
        why=why,
        link_base=link_base,
        one_click=False,
        labels_known=rules.labels,
        pr_label_needed=paid,
    )
