"""A mailing's content as the send path takes it: compiled once, with its links, its list and its sender."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from shodaku.content.render import (
    Compiled,
    Draft,
    MailFile,
    SenderIdentity,
    compile_message,
    images_named_in,
)
from shodaku.delivery.domain import MailingKind
from shodaku.delivery.facts import MailingRow
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import AD_CLASSES, MessageClass

_PURPOSES: Final = {
    MailingKind.CAMPAIGN: Purpose.DELIVERY,
    MailingKind.TEST: Purpose.DELIVERY,
    MailingKind.CONFIRMATION: Purpose.CONFIRMATION,
    MailingKind.WELCOME: Purpose.DELIVERY,
    MailingKind.RECONFIRM: Purpose.ASK,
    MailingKind.NOTICE: Purpose.NOTICE,
}


class Compile(Protocol):
    """`compile_mailing`, or what stands for it in a simulated world."""

    def __call__(
        self,
        mailing: MailingRow,
        workspace_id: int,
        links: LinkKeys,
        public_url: str,
        *,
        eight_bit: bool = False,
        files: Sequence[MailFile] = (),
    ) -> Compiled: ...


def compile_mailing(
    mailing: MailingRow,
    workspace_id: int,
    links: LinkKeys,
    public_url: str,
    *,
    eight_bit: bool = False,
    files: Sequence[MailFile] = (),
) -> Compiled:
    message_class = MessageClass(mailing.message_class)
    listed = message_class in AD_CLASSES and message_class is not MessageClass.CONSENT_REQUEST
    topic = f"t{mailing.topic_id or 0}.w{workspace_id}.{mailing.mail_domain}"
    return compile_message(
        Draft(mailing.subject, mailing.text, mailing.html, tuple(mailing.links), tuple(files)),
        SenderIdentity(
            mailing.display_name or mailing.formal_name,
            mailing.from_address,
            mailing.mail_domain,
            public_url,
        ),
        workspace_id=workspace_id,
        # once more it is the same message: its number and links, so that what comes back is known by them
        subject_id=mailing.subject_id or mailing.repeats or mailing.mailing_id,
        links=links,
        purpose=_PURPOSES[MailingKind(mailing.kind)],
        list_id=topic if listed else None,
        one_click=listed,
        eight_bit=eight_bit,
        without_ads=_without_ads(mailing, files),
    )


def _without_ads(mailing: MailingRow, files: Sequence[MailFile]) -> Draft | None:
    """The reduced form that goes to who may get no more, if somebody wrote one.

    With the images that it shows; nobody knows whether an attachment advertises.
    """
    if mailing.subject_without_ads is None or mailing.text_without_ads is None:
        return None
    return Draft(
        mailing.subject_without_ads,
        mailing.text_without_ads,
        mailing.html_without_ads,
        tuple(mailing.links),
        tuple(each for each in files if each.reference in images_named_in(mailing.html_without_ads or "")),
    )
