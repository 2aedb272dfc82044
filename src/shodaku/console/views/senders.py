"""Who sends: one or several legal identities, each with what uses it and what its mails said when."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors, services
from shodaku.accounts.domain import Act, Sender, may, next_version
from shodaku.consent import selectors as consent
from shodaku.console import offering
from shodaku.console.acts import record
from shodaku.console.forms import NewSenderForm, SenderForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed, forbid
from shodaku.kit import clock, db
from shodaku.ledger.domain import Value
from shodaku.signup import selectors as signup_known
from shodaku.signup import services as signup


@dataclass(frozen=True, slots=True)
class Line:
    sender: Sender
    href: str
    topics: int
    forms: int


@require_safe
@allowed(Act.READ)
def senders(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    context = {"lines": lines(visitor), "may_edit": may(visitor.role, Act.EDIT_SENDER)}
    return show(request, visitor, "console/senders.html", context, current="settings")


def lines(visitor: Visitor) -> list[Line]:
    """Those in use first, each with how many topics and forms use it."""
    topics = Counter(
        each.sender_id for each in consent.topics(visitor.workspace_id) if each.archived_at is None
    )
    forms = Counter(each.sender_id for each in signup_known.forms_in_use(visitor.workspace_id))
    return [
        Line(each, place(visitor, "sender", each.sender_id), topics[each.sender_id], forms[each.sender_id])
        for each in selectors.every_sender(visitor.workspace_id)
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_SENDER)
def new(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = NewSenderForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sender_id = _save(visitor, None, form)
        except services.TooManySenders:
            form.add_error(
                None,
                _(
                    "There are %(n)s senders, and a workspace holds no more. Change one that exists, "
                    "or make another workspace."
                )
                % {"n": services.SENDERS_MAX},
            )
        else:
            messages.success(request, _("Saved. Topics can be sent by it from now on."))
            return redirect(place(visitor, "sender", sender_id))
    context = {"form": form}
    status = 422 if form.errors else 200
    return show(request, visitor, "console/sender_new.html", context, current="settings", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.READ)
def sender(request: HttpRequest, visitor: Visitor, sender_id: int) -> HttpResponse:
    """What its mails say. Saved, it holds for mails that are launched from then on."""
    kept = _found(visitor, sender_id)
    if request.method != "POST":
        return _page(request, visitor, kept, _filled_in(visitor, kept))
    forbid(visitor, Act.EDIT_SENDER)
    form = SenderForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, kept, form, status=422)
    with db.transaction(visitor.workspace_id):
        services.lock_senders()
        kept = _found(visitor, sender_id)
        if kept.retired_at is not None:
            form.add_error(None, _("It is not used any more. Use it again, then change it."))
        elif form.cleaned_data["seen"] != _standing(visitor, kept):
            form.add_error(None, _("Somebody else saved first. Compare and choose."))
        else:
            _save(visitor, kept, form)
    if form.errors:
        return _page(request, visitor, kept, form, status=409)
    messages.success(request, _("Saved."))
    return redirect(place(visitor, "sender", sender_id))


@require_POST
@allowed(Act.EDIT_SENDER)
def retire(request: HttpRequest, visitor: Visitor, sender_id: int) -> HttpResponse:
    kept, now = _found(visitor, sender_id), clock.now()
    try:
        with db.transaction(visitor.workspace_id):
            if offering.retire_sender(visitor.workspace_id, sender_id, now=now):
                record(visitor, "admin.sender.retired", _named(kept), now)
    except offering.SenderUsed:
        messages.error(request, _("Topics or forms still use it; they stand below. Nothing was changed."))
    except services.LastSender:
        messages.error(request, _("Somebody has to send: add another sender before this one is retired."))
    else:
        messages.success(request, _("It is not offered any more. What its mails said can still be read."))
    return redirect(place(visitor, "sender", sender_id))


@require_POST
@allowed(Act.EDIT_SENDER)
def use_again(request: HttpRequest, visitor: Visitor, sender_id: int) -> HttpResponse:
    kept, now = _found(visitor, sender_id), clock.now()
    with db.transaction(visitor.workspace_id):
        if services.take_into_use(visitor.workspace_id, sender_id):
            record(visitor, "admin.sender.used_again", _named(kept), now)
    messages.success(request, _("It is in use again."))
    return redirect(place(visitor, "sender", sender_id))


def _found(visitor: Visitor, sender_id: int) -> Sender:
    kept = selectors.sender(visitor.workspace_id, sender_id)
    if kept is None:
        raise Http404
    return kept


def _save(visitor: Visitor, before: Sender | None, form: SenderForm) -> int:
    """The sender with its policy and their entry of the ledger. Raises TooManySenders."""
    said, now = {**form.cleaned_data}, clock.now()
    said.pop("seen", None)
    changed = Sender(
        sender_id=before.sender_id if before else 0,
        privacy_policy_version=_version(before, said["privacy_policy"]),
        **said,
    )
    with db.transaction(visitor.workspace_id):
        sender_id = services.save_sender(visitor.workspace_id, changed, now=now)
        shown = signup.shown_sender(visitor.workspace_id, sender_id)
        signup.keep_policy(visitor.workspace_id, shown, staff_id=visitor.staff_id, now=now)
        told = _told(visitor, sender_id, changed.formal_name)
        record(visitor, "admin.sender.changed" if before else "admin.sender.added", told, now)
        return sender_id


def _told(visitor: Visitor, sender_id: int, formal_name: str) -> dict[str, Value]:
    """For the ledger: which version of the display holds now, by its hash."""
    newest = selectors.sender_versions(visitor.workspace_id, sender_id)[0]
    return {
        "sender": str(sender_id),
        "formal_name": formal_name,
        "display": newest.version,
        "display_sha256": newest.sha256,
    }


def _named(kept: Sender) -> dict[str, Value]:
    return {"sender": str(kept.sender_id), "formal_name": kept.formal_name}


def _version(before: Sender | None, privacy_policy: str) -> str:
    """Another one as soon as the text is another one: a consent names the version that was shown."""
    if before is None:
        return "1"
    same = before.privacy_policy == privacy_policy
    return before.privacy_policy_version if same else next_version(before.privacy_policy_version)


def _filled_in(visitor: Visitor, kept: Sender) -> SenderForm:
    facts = {name: getattr(kept, name) for name in Sender.__slots__}
    return SenderForm(initial={**facts, "seen": _standing(visitor, kept)})


def _standing(visitor: Visitor, kept: Sender) -> str:
    """Which state of it a page shows: its display, and its policy."""
    newest = selectors.sender_versions(visitor.workspace_id, kept.sender_id)[0]
    return f"{newest.version}/{kept.privacy_policy_version}"


def _page(
    request: HttpRequest, visitor: Visitor, kept: Sender, form: SenderForm, *, status: int = 200
) -> HttpResponse:
    language = get_language() or "ja"
    use = offering.sender_use(visitor.workspace_id, kept.sender_id)
    context = {
        "sender": kept,
        "form": form,
        "may_edit": may(visitor.role, Act.EDIT_SENDER),
        "use": use,
        "topics": [(each, each.title(language)) for each in use.topics],
        "alone": len(selectors.senders(visitor.workspace_id)) == 1,
        "displays": signup_known.legal_display(visitor.workspace_id, kept.sender_id, language),
    }
    return show(request, visitor, "console/sender.html", context, current="settings", status=status)
