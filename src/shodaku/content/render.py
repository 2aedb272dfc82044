"""The send path's door into content, free of Django: compile once, splice for each permitted person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.parser import BytesHeaderParser
from email.utils import format_datetime, getaddresses
from html import escape
from typing import Final

from shodaku.contacts.domain import Channel
from shodaku.content.carried import MailFile, images_named_in
from shodaku.content.display import lint_mail
from shodaku.content.file_parts import EncodedFile
from shodaku.content.form import Draft, Form, Message, Own, Recipient, SenderIdentity, slots_of
from shodaku.content.header_text import is_mail_domain
from shodaku.content.mail_faults import (
    HeaderInjectionPossible,
    HeaderPlanBroken,
    NoPlainForm,
    PermitMismatch,
    UnknownSlot,
    UnsafeAddress,
    UnsafeSender,
    ValueMissing,
)
from shodaku.content.merge_fields import FIELDS, SLOT
from shodaku.content.pages import Pages
from shodaku.content.slots import SlotMisplaced
from shodaku.content.wanted import SenderDisplay, wanted_of
from shodaku.kit.links import LinkKeys, Purpose
from shodaku.policy.domain import DisplayReport, Permit

__all__ = [
    "SAMPLE",
    "Compiled",
    "Draft",
    "HeaderInjectionPossible",
    "HeaderPlanBroken",
    "MailFile",
    "Message",
    "NoPlainForm",
    "Own",
    "PermitMismatch",
    "Recipient",
    "SenderDisplay",
    "SenderIdentity",
    "SlotMisplaced",
    "UnknownSlot",
    "UnsafeAddress",
    "UnsafeSender",
    "ValueMissing",
    "compile_message",
    "header_date",
    "images_named_in",
    "lint_compiled",
    "proof",
    "read_again",
    "render",
    "self_test",
    "untracked",
]

_PIXEL: Final = re.compile(
    r"<img data-open-pixel[^>]*>"
)  # counts an opening; not in the form without tracking
_LINK_BASE: Final = re.compile(r"https?://[A-Za-z0-9.-]{1,60}(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,30})?")
_TRICKS: Final = (  # typed as a name: SECURITY.md section 4
    "=?utf-8?q?Taro=0D=0ABcc:_victim@example.net=0D=0AX-a:?=",
    "=?UTF-8?B?VGFybw0KQmNjOiB2aWN0aW1AZXhhbXBsZS5uZXQ=?=",
    "=?utf-8?q?Taro?= =?utf-8?q?=0D=0ABcc:_victim@example.net?=",
    "Taro\r\nBcc: victim@example.net",
    "Taro\u2028Bcc: victim@example.net\x85X-a: b",
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """Made by `compile_message`. Every recipient must bring a value for each of `slots`, the merge fields."""

    slots: tuple[str, ...]
    header_names: tuple[str, ...]
    full: Form
    bare: Form  # the full form without its files: what the linter reads
    without_tracking: Form
    without_ads: Form | None  # without tracking, too: a fact or a request it tells of needs none

    octets_min: int  # of the message, whoever gets it: no server that takes less is asked (RFC 1870)

    def return_path(self, contact_id: int) -> bytes:
        return self.full.return_path(contact_id)


def compile_message(
    draft: Draft,
    sender: SenderIdentity,
    *,
    workspace_id: int,
    subject_id: int,
    links: LinkKeys,
    purpose: Purpose,
    list_id: str | None,
    one_click: bool,
    eight_bit: bool = False,
    without_ads: Draft | None = None,
) -> Compiled:
    """All that is common to the messages of one campaign or notice.

    `one_click` is for advertising and newsletters: List-Unsubscribe and its kin; without it the message is
    `Auto-Submitted`. With `eight_bit` it is compiled for relays that offer 8BITMIME as well. `without_ads` is
    the reduced message for who may get no more. Raises SlotMisplaced, UnknownSlot, UnsafeAddress,
    UnsafeSender.
    """
    domains = [sender.mail_domain] if list_id is None else [sender.mail_domain, list_id]
    if not all(map(is_mail_domain, domains)) or not _LINK_BASE.fullmatch(sender.link_base):
        raise UnsafeSender
    fixed = _fixed_headers(list_id, f"{subject_id}:{workspace_id}", one_click=one_click)

    def form(draft: Draft) -> Form:
        names, number_of_links = slots_of(draft), len(draft.links)
        pages = Pages(links, workspace_id, subject_id, purpose, sender.link_base, names, number_of_links)
        files = [encoded[each] for each in draft.files]
        return Form(draft, sender, pages, fixed, one_click=one_click, eight_bit=eight_bit, files=files)

    carried = (*draft.files, *(without_ads.files if without_ads else ()))
    encoded = {each: EncodedFile(each, sender.mail_domain) for each in dict.fromkeys(carried)}
    full = form(draft)
    bare = form(replace(draft, files=())) if draft.files else full
    reduced = None if without_ads is None else form(untracked(without_ads))
    slots = dict.fromkeys((*full.slots, *(reduced.slots if reduced else ())))
    direct = form(untracked(draft)) if draft.links or _PIXEL.search(draft.html or "") else full
    octets_min = min(each.octets_min for each in (full, direct, reduced) if each)
    return Compiled(tuple(slots), full.header_names, full, bare, direct, reduced, octets_min)


def render(
    permit: Permit, compiled: Compiled, recipient: Recipient, date: bytes, *, eight_bit: bool = False
) -> Message:
    """The message for one permitted person; `date` comes from `header_date`.

    `eight_bit` only on a connection that offers 8BITMIME; it is base64 all the same where a line would become
    too long, or where it was not compiled for both. Raises PermitMismatch, NoPlainForm, UnsafeAddress,
    ValueMissing, HeaderPlanBroken.
    """
    if not isinstance(permit, Permit) or permit.contact_id != recipient.contact_id:
        raise PermitMismatch
    if permit.channel is not Channel.EMAIL:
        raise PermitMismatch
    return _form_for(permit, compiled).splice(recipient, date, eight_bit=eight_bit)


def read_again(permit: Permit, compiled: Compiled, buffers: Sequence[bytes]) -> None:
    """Of the first message of a chunk, unsigned: a parser that built none of it finds the planned headers in
    their order, and one recipient. Raises HeaderPlanBroken, NoPlainForm.
    """
    head = BytesHeaderParser().parsebytes(b"".join(buffers).partition(b"\r\n\r\n")[0])
    plans = _form_for(permit, compiled).plans
    if tuple(head.keys()) not in plans or head.defects or len(getaddresses(head.get_all("To", []))) != 1:
        raise HeaderPlanBroken


def _form_for(permit: Permit, compiled: Compiled) -> Form:
    if permit.without_ads:
        if compiled.without_ads is None:
            raise NoPlainForm
        return compiled.without_ads
    return compiled.without_tracking if permit.without_tracking else compiled.full


SAMPLE: Final = Recipient(1, "hanako@example.jp", {name: field.sample for name, field in FIELDS.items()})
_SAMPLE_DATE: Final = b"Thu, 01 Jan 2026 00:00:00 +0000"


def proof(compiled: Compiled, recipient: Recipient, date: bytes) -> bytes:
    """The exact octets of the full form, for a look at what would leave, and never for a transport.

    No permit was asked for: this is no `Message`, the only thing that a transport takes, with its permit.
    The octets of DATA without its dot-stuffing and final dot. Raises UnsafeAddress, ValueMissing,
    HeaderPlanBroken.
    """
    return _written(compiled.full, recipient, date)


def _written(form: Form, recipient: Recipient, date: bytes) -> bytes:
    written = b"\r\n" + b"".join(form.splice(recipient, date).buffers)
    return written.replace(b"\r\n..", b"\r\n.")[2:]


def lint_compiled(
    compiled: Compiled,
    sender: SenderDisplay,
    *,
    one_click: bool,
    recipient: Recipient = SAMPLE,
    date: bytes = _SAMPLE_DATE,
    labels_known: Sequence[str] = (),
    reply_suffices: bool = False,
    pr_label_needed: bool = False,
    dkim_headers: tuple[str, ...] | None = None,
    dmarc_aligned: bool = True,
    altered: Callable[[bytes], bytes] | None = None,
) -> DisplayReport:
    """What the display linter finds in the message as it leaves, for the sample person or for `recipient`.

    Files say nothing that the law wants said, so it is read without them.

    `one_click`: the class wants the headers of RFC 8058, whether or not the message was compiled with them.
    `altered`: what the next server makes of the octets. The others as in `Wanted`. Raises what `proof`
    raises. About 5 ms for a newsletter of 18 KB, once a mailing.
    """
    own = compiled.full.own(recipient.contact_id)
    wanted = wanted_of(
        sender,
        opt_out=own.opt_out,
        why=own.why,
        link_base=own.link_base,
        one_click=one_click,
        labels_known=labels_known,
        reply_suffices=reply_suffices,
        pr_label_needed=pr_label_needed,
        dkim_headers=dkim_headers,
        dmarc_aligned=dmarc_aligned,
    )
    raw = _written(compiled.bare, recipient, date)
    return lint_mail(raw if altered is None else altered(raw), wanted)


def header_date(moment: datetime) -> bytes:
    return format_datetime(moment).encode()


def self_test() -> None:
    """At the start of every worker. Raises HeaderInjectionPossible when the real builder can be tricked."""
    for html in (None, "<p>{{ name }}</p>"):
        compiled = compile_message(
            Draft("Hello {{ name }}", "{{ name }}", html, ()),
            SenderIdentity(_TRICKS[0], "news@example.jp", "example.jp", "https://example.jp"),
            workspace_id=1,
            subject_id=1,
            links=LinkKeys({0: bytes(16)}),
            purpose=Purpose.DELIVERY,
            list_id="news.example.jp",
            one_click=True,
        )
        planned = [name.encode() for name in compiled.header_names]
        for trick in _TRICKS:
            try:
                message = compiled.full.splice(Recipient(1, "a@example.jp", {"name": trick}), b"")
            except HeaderPlanBroken:
                raise HeaderInjectionPossible from None
            head = b"".join(message.buffers).partition(b"\r\n\r\n")[0]
            names = [line.partition(b":")[0] for line in head.split(b"\r\n") if not line.startswith(b" ")]
            if names != planned or b"=?utf-8?q?" in head.lower():
                raise HeaderInjectionPossible


def untracked(draft: Draft) -> Draft:
    """The targets themselves in place of `{{ link0 }}` and so on: nobody learns who followed them."""
    if any(SLOT.search(target) for target in draft.links):
        raise UnknownSlot
    texts = {f"link{number}": target for number, target in enumerate(draft.links)}

    def direct(source: str, targets: Mapping[str, str]) -> str:
        return SLOT.sub(lambda slot: targets.get(slot[1], slot[0]), source)

    marked = {name: escape(target) for name, target in texts.items()}
    html = None if draft.html is None else direct(_PIXEL.sub("", draft.html), marked)
    return Draft(direct(draft.subject, texts), direct(draft.text, texts), html, draft.links, draft.files)


def _fixed_headers(list_id: str | None, feedback: str, *, one_click: bool) -> tuple[tuple[str, str], ...]:
    listed = (("List-Id", f"<{list_id}>"),) if list_id else ()
    if one_click:
        return (*listed, ("Feedback-ID", f"{feedback}:shodaku"))
    return (*listed, ("Auto-Submitted", "auto-generated"))  # RFC 3834: no holiday note comes back
