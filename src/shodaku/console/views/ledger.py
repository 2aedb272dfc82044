"""The ledger for whoever answers for it: what was signed, what was checked, what is kept outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRefresh

from shodaku.accounts.domain import Act, may
from shodaku.consent import selectors as consent
from shodaku.consent import services as consent_services
from shodaku.console import inert, ledger_words
from shodaku.console.anchor_form import AnchorForm
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.kit import clock
from shodaku.kit.errors import OutOfReach, WrongUse
from shodaku.ledger import selectors, services
from shodaku.ledger.selectors import AnchorKind, InLog
from shodaku.notices import services as notices

CHECKPOINTS_SHOWN: Final = 20
TEXT: Final = "text/plain; charset=utf-8"
REFUSED: Final = 422
NOT_THERE: Final = 404


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at the place that was asked for."""

    leaf: selectors.Leaf
    kind: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A place outside as the page shows it."""

    target: selectors.TargetState
    kind: str
    words: str  # "" if all is well
    tone: str


@require_safe
@allowed(Act.READ)
def ledger_page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Reads a few rows however long the log is: what is checked is checked in the background."""
    wanted = request.GET.get("index")
    if wanted is None:
        return _page(request, visitor, {})
    looked_up, status = _look_up(request, visitor, wanted.strip())
    return _page(request, visitor, {"wanted": wanted, **looked_up}, status=status)


@require_POST
@allowed(Act.KEEP_EVIDENCE)
def check(_request: HttpRequest, visitor: Visitor) -> HttpResponse:
    consent_services.ask_for_audit(visitor.workspace_id)
    return redirect(place(visitor, "ledger"))


@require_safe
@allowed(Act.READ)
def checking(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The line alone, for the page that asks every two seconds; at the end the word to show the answer."""
    if not getattr(request, "htmx", False):
        return redirect(place(visitor, "ledger"))
    state = consent.audit_state(visitor.workspace_id)
    if state is None:
        return HttpResponseClientRefresh()
    return show(request, visitor, "console/_checking.html", _checking(visitor, state.value), current="ledger")


@require_POST
@allowed(Act.EDIT_SENDER)
def publish(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    published = request.POST.get("entries") == "1"
    if selectors.log(visitor.workspace_id) is None:
        messages.error(request, _("Nothing is in the log yet, so there is nothing to publish."))
    else:
        services.publish_entries(visitor.workspace_id, published=published, by=_by(visitor), now=clock.now())
        messages.success(
            request,
            _("Entries are public from now on.") if published else _("Only hashes are public from now on."),
        )
    return redirect(place(visitor, "ledger"))


@require_POST
@allowed(Act.KEEP_EVIDENCE)
def add_anchor(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = AnchorForm(request.POST)
    if not form.is_valid() or not _added(visitor, form):
        return _page(request, visitor, {"anchor_form": form}, status=REFUSED)
    messages.success(request, _("Added. The newest checkpoint goes there the next time."))
    return redirect(place(visitor, "ledger"))


@require_POST
@allowed(Act.KEEP_EVIDENCE)
def remove_anchor(request: HttpRequest, visitor: Visitor, target_id: int) -> HttpResponse:
    try:
        services.remove_target(visitor.workspace_id, target_id, by=_by(visitor), now=clock.now())
    except services.NoTarget as fault:
        messages.error(request, str(ledger_words.told(fault)))
    else:
        messages.success(request, _("Removed. What is there stays there; nothing more is put there."))
    return redirect(place(visitor, "ledger"))


@require_safe
@allowed(Act.READ)
def checkpoint(_request: HttpRequest, visitor: Visitor, size: int) -> HttpResponse:
    """An earlier one too, with the lines of witnesses: to be kept, and compared with the log of today."""
    found = selectors.checkpoint_of(visitor.workspace_id, size)
    if found is None:
        raise Http404
    note = selectors.cosigned(visitor.workspace_id, size, found.note)
    return inert.attached(note.encode(), TEXT, f"{visitor.workspace.slug}-{size:012d}.txt")


@require_safe
@allowed(Act.READ)
def proof(_request: HttpRequest, visitor: Visitor, index: int) -> HttpResponse:
    """That this entry is in the log; it tells nothing about anybody (C2SP tlog-proof)."""
    leaf = selectors.leaf_at(visitor.workspace_id, index)
    if leaf is None or leaf.state is not InLog.VERIFIED:
        raise Http404
    name = f"{visitor.workspace.slug}-{index}.tlog-proof"
    return inert.attached(leaf.tlog_proof().encode(), TEXT, name)


def _look_up(request: HttpRequest, visitor: Visitor, text: str) -> tuple[dict[str, Any], int]:
    """What stands there, or a sentence; with the status of the answer."""
    index = row_id(text)
    if index is None:
        return {"look_up_fault": _("A place is a whole number. The first one is 0.")}, REFUSED
    leaf = selectors.leaf_at(visitor.workspace_id, index)
    if leaf is None:
        return {"look_up_fault": _("Nothing stands at this place: the log is shorter.")}, NOT_THERE
    kind = ledger_words.entry(leaf.kind, request.LANGUAGE_CODE)
    return {"found": Found(leaf, kind)}, HttpResponse.status_code


def _added(visitor: Visitor, form: AnchorForm) -> bool:
    said, now = form.cleaned_data, clock.now()
    try:
        if said["kind"] == AnchorKind.MAIL and not said["vkey"]:
            notices.add_reader(visitor.workspace_id, said["email"], by=_by(visitor), now=now)
        else:  # which says what is wrong with a key for a mailbox
            services.add_target(
                visitor.workspace_id,
                said["kind"],
                said["place"],
                said["vkey"] or None,
                by=_by(visitor),
                now=now,
            )
    except (WrongUse, OutOfReach, notices.AddressErased) as fault:
        form.refuse(fault)
        return False
    return True


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"


def _page(
    request: HttpRequest, visitor: Visitor, more: dict[str, Any], *, status: int = HttpResponse.status_code
) -> HttpResponse:
    workspace_id, now, language = visitor.workspace_id, clock.now(), request.LANGUAGE_CODE
    newest = selectors.checkpoints(workspace_id, rows_max=CHECKPOINTS_SHOWN)
    audit = selectors.last_audit(workspace_id)
    backlog = selectors.backlog(workspace_id)
    state = consent.audit_state(workspace_id)
    context = {
        "log": selectors.log(workspace_id),
        "head": newest[0] if newest else None,
        "checkpoints": newest,
        "backlog": backlog,
        "backlog_more": backlog.entries >= selectors.BACKLOG_MAX,
        "late": backlog.late(now),
        "vkeys": selectors.verifier_keys(workspace_id),
        "audit": audit,
        "faults": ledger_words.faults(audit, language) if audit else [],
        "fresh": audit is not None and ledger_words.fresh(audit, now),
        **({} if state is None else _checking(visitor, state.value)),
        **_outside(visitor, language),
        "anchor_form": AnchorForm(),
        "may_keep": may(visitor.role, Act.KEEP_EVIDENCE),
        "may_publish": may(visitor.role, Act.EDIT_SENDER),
        **more,
    }
    return show(request, visitor, "console/ledger.html", context, current="ledger", status=status)


def _outside(visitor: Visitor, language: str) -> dict[str, Any]:
    state = selectors.anchor_state(visitor.workspace_id)
    return {
        "anchors": state,
        "level": state.sentence(language),
        "places": [_as_shown(each, language) for each in state.targets],
    }


def _as_shown(target: selectors.TargetState, language: str) -> Outside:
    alarming = target.fault is not None and target.fault.alarming
    said = target.sentence(language)
    tone = "danger" if alarming else "wait" if said else "go"
    return Outside(target, selectors.kind_word(target.kind, language), said, tone)


def _checking(visitor: Visitor, state: str) -> dict[str, Any]:
    return {"checking": state, "poll_href": place(visitor, "ledger_checking")}
