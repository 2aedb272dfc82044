"""The receipt of one's own act, for whoever has its link: its place in the log, and its proof to keep."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.contacts import selectors as contacts
from shodaku.contacts.domain import AddressError, parse_email
from shodaku.kit.links import Token
from shodaku.kit.ui.csp import public_page
from shodaku.kit.ui.language import follow
from shodaku.kit.ui.unusable import unusable
from shodaku.ledger import selectors
from shodaku.ledger.proving import NothingToProve, NotInTheLog
from shodaku.ledger.selectors import InLog, OwnRecord, Reading
from shodaku.ledger.vault import VaultAway
from shodaku.ledger.verify import kind_in_words

PERSONAL: Final = frozenset({"address", "name"})  # shown to who can name the address, and to nobody else


@csrf_exempt  # the link is the capability, there is no session to abuse, and nothing is changed
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, token: str) -> HttpResponse:
    link = selectors.read_receipt(token)
    record = selectors.own_record(link.workspace_id, link.contact_id, link.subject_id) if link else None
    if link is None or record is None:
        return unusable(request)
    follow(request, _language(link))
    if request.method != "POST":
        return _page(request, link, record, token)
    typed = request.POST.get("address", "")
    if not _same(typed, record.address):
        return _page(request, link, record, token, typed=typed, status=422)
    return _proof(link, token, absent=())


@require_safe
def proof(request: HttpRequest, token: str) -> HttpResponse:
    """Without the address: whoever opted out on a forwarded mail does not learn whose it was."""
    link = selectors.read_receipt(token)
    return unusable(request) if link is None else _proof(link, token, absent=PERSONAL)


def _proof(link: Token, token: str, *, absent: Collection[str]) -> HttpResponse:
    """Where there is none, the page says why."""
    try:
        made = selectors.bundle(link.workspace_id, link.contact_id, absent=absent, only=[link.subject_id])
    except (NotInTheLog, NothingToProve, VaultAway):
        return public_page(redirect("ledger_receipt", token))
    response = HttpResponse(made.as_json(), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{link.subject_id}.json"'
    return public_page(response)


def _same(typed: str, address: str | None) -> bool:
    try:
        return address is not None and parse_email(typed).key == parse_email(address).key
    except AddressError:
        return False


def _page(
    request: HttpRequest,
    link: Token,
    record: OwnRecord,
    token: str,
    *,
    typed: str | None = None,
    status: int = 200,
) -> HttpResponse:
    leaf = record.leaf
    log = selectors.log(link.workspace_id)
    workspace = accounts.workspace(link.workspace_id)
    context = {
        "sender": next(iter(accounts.senders(link.workspace_id)), None),
        "slug": workspace.slug if workspace else "",
        "record": record,
        "kind": kind_in_words(leaf.kind, request.LANGUAGE_CODE),
        "hash": leaf.hash.hex(),
        "origin": log.origin if log else "",
        "place": _place(record),
        "token": token,
        "typed": typed,  # None: nothing was typed
        "provable": leaf.state is InLog.VERIFIED and record.reading is Reading.OPEN,
        "waiting": leaf.state is InLog.RECORDING and record.reading is not Reading.GONE,
    }
    return public_page(render(request, "ledger/receipt.html", context, status=status))


def _place(record: OwnRecord) -> str:
    if record.leaf.index is None:
        return ""
    place = {"index": f"{record.leaf.index:,}", "size": f"{record.leaf.size:,}"}
    return _("Place %(index)s of the log, whose signed size is %(size)s.") % place


def _language(link: Token) -> str:
    """The person's; of somebody who was erased the page follows the browser."""
    known = contacts.contact(link.workspace_id, link.contact_id)
    return known.locale or "" if known else ""
