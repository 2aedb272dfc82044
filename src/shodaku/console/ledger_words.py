"""What the ledger says about itself, in the words of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from shodaku.console import words
from shodaku.kit.errors import ShodakuError
from shodaku.ledger import selectors as ledger

AUDIT_AGE_MAX: Final = timedelta(days=2)  # it is read every night; twice missed is missed

# acts of staff and of the installation; those of persons are in `words.ENTRIES`
ADMINISTRATION: Final[words.Words] = {
    "admin.anchor.added": _("A place outside for checkpoints was added"),
    "admin.anchor.removed": _("A place outside for checkpoints was removed"),
    "admin.archive.changed": _("Whether search engines may list back numbers was changed"),
    "admin.back_number.published": _("A sent campaign was shown to everybody"),
    "admin.back_number.withdrawn": _("A sent campaign was taken off the back numbers"),
    "admin.brand.changed": _("How mails and pages look was changed"),
    "admin.approval.asked": _("A second person's yes to a campaign was asked for"),
    "admin.approval.given": _("A second person approved a campaign"),
    "admin.approval.returned": _("A second person sent a campaign back"),
    "admin.approval.rule": _("From how many people on a second person approves was changed"),
    "admin.approval.taken_back": _("The request for a second person's yes was taken back"),
    "admin.breach": _("A leak of personal data was recorded"),
    "admin.api_key.created": _("A key for a program was made"),
    "admin.api_key.revoked": _("A key for a program was revoked"),
    "admin.contact.noted": _("A note about a person was written, ended or removed"),
    "admin.contacts.united": _("Two contacts were found to be one person"),
    "admin.fence.opened": _("Sending was opened again after a second copy"),
    "admin.bundle.made": _("A person's proof was made"),
    "admin.campaign.cancelled": _("A campaign was ended before its end"),
    "admin.campaign.created": _("A campaign was written"),
    "admin.campaign.discarded": _("A draft of a campaign was thrown away"),
    "admin.campaign.edited": _("A campaign was changed"),
    "admin.campaign.launched": _("A campaign was sent off"),
    "admin.campaign.paused": _("A campaign was paused"),
    "admin.campaign.running": _("A campaign was resumed"),
    "admin.campaign.started": _("A campaign was started before its time"),
    "admin.campaign.stopped": _("A campaign stopped by itself"),
    "admin.campaign.tested": _("A test was sent"),
    "admin.clocks": _("What the clocks may do was changed"),
    "admin.desk.closed": _("A form at a desk was closed"),
    "admin.desk.opened": _("A form was opened at a desk"),
    "admin.dkim.active": _("A DKIM key began to sign"),
    "admin.dkim.ended": _("A DKIM key ended"),
    "admin.dkim.made": _("A DKIM key was made"),
    "admin.evidence.purged": _("Evidence that is no longer needed was deleted"),
    "admin.exported": _("A list was exported"),
    "admin.form.ways": _("The sites where a form may stand were changed"),
    "admin.keys.wrapped": _("Keys were put under a key service"),
    "admin.ledger.continued": _("The log was continued, with a reason"),
    "admin.ledger.published": _("What strangers may read of the ledger was changed"),
    "admin.mail_order": _("Whether this is mail order was declared"),
    "admin.member.changed": _("A member got another role"),
    "admin.member.invited": _("Somebody was asked to work here"),
    "admin.member.joined": _("Somebody began to work here"),
    "admin.member.left": _("Somebody works here no more"),
    "admin.member.uninvited": _("An invitation was taken back"),
    "admin.message.decided": _("Somebody saw to a message on the desk"),
    "admin.opt_out_rule.changed": _("What an opt-out means was changed"),
    "admin.order": _("An order of an authority was recorded"),
    "admin.pace.changed": _("A limit of mails a second was changed"),
    "admin.papers.destroyed": _("The originals of papers were destroyed"),
    "admin.papers.discarded": _("The scan of a paper was thrown away"),
    "admin.papers.received": _("Scans of papers were taken in"),
    "admin.picture.added": _("A picture was added"),
    "admin.picture.deleted": _("A picture was deleted"),
    "admin.picture.described": _("A picture was described"),
    "admin.picture.put_away": _("A picture was put away"),
    "admin.coupons.noted": _("Uses of coupons were noted"),
    "admin.coupons.taken_back": _("A use of a coupon was taken back"),
    "admin.product.archived": _("A product was put away"),
    "admin.product.saved": _("A product was saved"),
    "admin.purchases.recorded": _("Purchases were recorded"),
    "admin.retention.changed": _("How long evidence is kept was changed"),
    "admin.people.asked_again": _("People were asked whether to go on"),
    "admin.revealed": _("An address was shown in full"),
    "admin.route.changed": _("A mail server was added"),
    "admin.route.edited": _("A mail server was changed"),
    "admin.route.removed": _("A mail server was removed"),
    "admin.segment.archived": _("A segment was put away"),
    "admin.segment.saved": _("A segment was saved"),
    "admin.route.tested": _("A mail server was tested by a mail"),
    "admin.signed_in": _("Somebody signed in"),
    "admin.sender.added": _("A sender was added"),
    "admin.sender.changed": _("Who sends was changed"),
    "admin.sender.retired": _("A sender was retired"),
    "admin.sender.used_again": _("A sender was taken into use again"),
    "admin.source.trusted": _("A machine that hands returned mails in is trusted"),
    "admin.strangers.forgotten": _("Requests that nobody confirmed were forgotten"),
    "admin.suppression.asked": _("The never-contact list was asked"),
    "admin.suppression.blocked": _("A domain or a form of addresses was blocked"),
    "admin.suppression.exported": _("The never-contact list was exported as tokens"),
    "admin.suppression.revealed": _("Rows of a list that are never contacted were shown"),
    "admin.suppression.unblocked": _("A block was lifted"),
    "admin.app_wording.kept": _("Words beside switches in an app were saved"),
    "admin.topic.archived": _("A topic was put away"),
    "admin.topic.changed": _("What people agree to with a topic was worded anew"),
    "admin.template.archived": _("A template was put away"),
    "admin.template.saved": _("A template was saved"),
    "admin.topic.created": _("A topic was created"),
    "admin.topic.released": _("A topic that complaints had stopped was released"),
    "admin.topic.sender": _("A topic got another sender"),
    "admin.topic.used_again": _("A topic was offered again"),
    "admin.trial.decided": _("Which variant of a campaign the others get was decided"),
    "admin.trial.dropped": _("Variants of a campaign were taken out"),
    "admin.trial.saved": _("Variants of a campaign were written"),
    "admin.unsealing.approved": _("The opening of a seal was approved"),
    "admin.unsealing.asked": _("The opening of a seal was asked for"),
    "admin.unsealing.declined": _("The opening of a seal was declined"),
    "admin.warm_up.changed": _("The warm-up of a mail server was changed"),
    "admin.workspace.changed": _("Name, language or time zone of the workspace was changed"),
    "admin.workspace.created": _("The workspace was made"),
    "policy": _("Policy or rules were changed"),
}
# fields of acts that stand in no proof, so that the verifier has no words for them
ACT_FIELDS: Final[words.Words] = {
    "addresses": _("Addresses"),
    "above": _("A second person approves what goes to more people than"),
    "asks": _("What ends without an answer is asked about"),
    "batch": _("Imports"),
    "block": _("Number"),
    "bulk": _("Acts on many people"),
    "campaign": _("Campaign"),
    "case": _("Case"),
    "content": _("Content (SHA-256)"),
    "display": _("Version of the legal display"),
    "display_sha256": _("Legal display (SHA-256)"),
    "contact": _("Contact"),
    "count": _("The list in numbers"),
    "days": _("Days until it ends by itself"),
    "domain": _("Domain or pattern"),
    "entries": _("Entries"),
    "forgets": _("Whoever is needed for nothing is erased"),
    "form": _("Form"),
    "formal_name": _("Formal name of the sender"),
    "gone_from_backups": _("Unreadable in every backup"),
    "grievance": _("What they complain of"),
    "ground": _("Why it is refused"),
    "identified": _("How you made sure who asks"),
    "invitation": _("Invitation"),
    "key": _("Keys for programs"),
    "kind": _("Kind"),
    "marked": _("Addresses never to be contacted"),
    "marks": _("Addresses never to be contacted"),
    "pack": _("Rule pack"),
    "page_en_sha256": _("Fingerprint of the page"),
    "page_ja_sha256": _("Fingerprint of the page"),
    "picture": _("Picture"),
    "product": _("Product"),
    "retention": _("After the last advertisement, keep what proves the consent"),
    "people": _("People"),
    "role": _("Role"),
    "route": _("Mail server"),
    "rows": _("Rows"),
    "rule": _("When somebody opts out"),
    "scopes": _("Rights"),
    "segment": _("Segment"),
    "sender": _("Sender"),
    "sender_before": _("Sender before"),
    "staff": _("Member"),
    "template": _("Templates"),
    "topic": _("Topic"),
    "version": _("Version"),
    "what": _("What"),
}
# what may go wrong with a press on these pages, by the code of the error
FAULTS: Final[words.Words] = {
    "not_in_the_log": _("An entry is still on its way into the log; try again in a minute."),
    "nothing_to_prove": _("No entry of this person can be opened: nothing was recorded, or it was erased."),
    "too_much_to_prove": _(
        "The proof would be larger than 16 MB, which no verifier reads; make it without attachments."
    ),
    "no_paper": _("Paper needs two more libraries: pip install 'shodaku[pdf]'."),
    "no_japanese_font": _(
        "No font with Japanese letters is installed; install Noto Sans CJK JP (fonts-noto-cjk)."
    ),
    "no_key_of_log": _("Name the verifier key of the log that this bundle comes from."),
    "not_set": _("The document could not be set."),
    "picture_mismatch": _("A picture is not the one that the records name."),
    "picture_unreadable": _("A picture is no PNG of at most 8 MiB and 25 million pixels."),
    "too_many_pictures": _("A PDF holds at most 10 pictures; hand over the bundle itself, or a shorter one."),
    "bundle_unreadable": _("The bundle cannot be read, so it cannot be put on paper; verify it first."),
    "too_many_events": _("A PDF holds at most 500 events; hand over the bundle itself, or a shorter one."),
    "too_much_text": _("The bundle holds more text than paper can carry; hand over the bundle itself."),
    "contact_gone": _("This person is being erased. Nothing was made."),
    "key_destroyed": _("This person is being erased. Nothing was made."),
    "file_broken": _("A scan does not open: it is not the one that was kept. The proof can be made without."),
    "no_web_address": _("An address for programs begins with http:// or https:// and names a host."),
    "odd_port": _("Only the ports 80 and 443 are used outside of your own network."),
    "no_timestamps": _("Time stamps need an optional part: install shodaku[anchor]."),
    "witness_key_needed": _("A witness needs its verifier key for cosignatures, in the form name+id+key."),
    "certificates_needed": _("Name the full path of a PEM file on the server that can be read."),
    "nothing_to_check": _("A mailbox signs nothing: leave this empty."),
    "anchor_target_there": _("Checkpoints are put there already."),
    "too_many_anchor_targets": _("A log has at most 8 places outside; remove one first."),
    "no_anchor_target": _("This place outside was removed already."),
    "address_erased": _("The address was erased and is never contacted again; choose another one."),
    "vault_away": words.KEY_STORE_AWAY,
}


def told(fault: ShodakuError) -> str | Promise:
    return FAULTS.get(fault.code, fault.message)


def entry(kind: str, language: str) -> str:
    """The name of an act, and not a sentence about a person: the same as on a proof where the desk has none.

    An unknown kind is shown as it is: it may be newer than this page.
    """
    known = ADMINISTRATION.get(kind)
    return str(known) if known is not None else ledger.kind_in_words(kind, language)


def field(name: str, language: str) -> str:
    return str(ACT_FIELDS[name]) if name in ACT_FIELDS else ledger.field_in_words(name, language)


def faults(audit: ledger.PastAudit, language: str) -> Sequence[str]:
    """What did not agree, a sentence each; of a kind that another version found its code."""
    found = audit.finding.get("faults")
    rows = found if isinstance(found, list) else []
    return [_fault(str(row.get("kind")), row.get("number"), language) for row in rows]


def fresh(audit: ledger.PastAudit, now: datetime) -> bool:
    return now - audit.at < AUDIT_AGE_MAX


def _fault(kind: str, number: object, language: str) -> str:
    if kind not in tuple(ledger.FaultKind) or not isinstance(number, int):
        return f"{kind} {number}"
    return ledger.sentence(ledger.Fault(ledger.FaultKind(kind), number), language)
