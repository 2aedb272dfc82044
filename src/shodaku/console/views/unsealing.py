"""Sealed evidence is asked for by one person, approved by another, and handed out once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from shodaku.accounts.domain import Act
from shodaku.console import inert
from shodaku.console.frame import place
from shodaku.console.guard import Visitor, allowed
from shodaku.console.unsealing_form import new_form
from shodaku.console.views.evidence import erasures_page
from shodaku.erasure import services
from shodaku.erasure.services import Opened, SealingBroken, UnsealingRefused
from shodaku.kit import clock
from shodaku.ledger.selectors import NotInTheLog

UNPROCESSABLE: Final = 422


@require_POST
@allowed(Act.REVEAL)
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Whoever finds nothing gets back what they typed, and no word more than that."""
    form, now = new_form(request.POST), clock.now()
    if form.is_valid():
        channel, address = form.cleaned_data["address"]
        reason = form.cleaned_data["reason"]
        try:
            services.ask_unsealing(
                visitor.workspace_id, channel, address, reason, by=visitor.staff_id, now=now
            )
        except UnsealingRefused as refused:
            form.refuse(refused.no)
        else:
            messages.success(request, _("Asked for. A second person has to approve it."))
            return _back(visitor)
    return erasures_page(request, visitor, now, form=form, status=UNPROCESSABLE)


@require_POST
@allowed(Act.REVEAL)
def approve(request: HttpRequest, visitor: Visitor, unsealing_id: int) -> HttpResponse:
    try:
        services.approve_unsealing(visitor.workspace_id, unsealing_id, by=visitor.staff_id, now=clock.now())
    except UnsealingRefused as refused:
        return _refused(request, visitor, refused)
    messages.success(request, _("Approved. Either of you can open it, once, within 24 hours."))
    return _back(visitor)


@require_POST
@allowed(Act.REVEAL)
def decline(request: HttpRequest, visitor: Visitor, unsealing_id: int) -> HttpResponse:
    try:
        services.decline_unsealing(visitor.workspace_id, unsealing_id, by=visitor.staff_id, now=clock.now())
    except UnsealingRefused as refused:
        return _refused(request, visitor, refused)
    messages.success(request, _("Ended. Nothing was opened."))
    return _back(visitor)


@require_POST
@allowed(Act.REVEAL)
def open_(request: HttpRequest, visitor: Visitor, unsealing_id: int) -> HttpResponse:
    """The entry of the ledger is committed before a byte leaves; nobody on the way keeps a copy."""
    try:
        opened = services.open_sealed(
            visitor.workspace_id, unsealing_id, by=visitor.staff_id, now=clock.now()
        )
    except UnsealingRefused as refused:
        return _refused(request, visitor, refused)
    except NotInTheLog:
        messages.error(request, _("Its entries are still on their way into the log. Try again in a minute."))
        return _back(visitor)
    except SealingBroken:
        messages.error(request, _("This does not open: it is not what was sealed. Nothing was opened."))
        return _back(visitor)
    name = f"unsealed-{unsealing_id}"
    if opened.left_out:
        _say_what_is_left_out(request, opened.left_out)
        name += f"-without-{len(opened.left_out)}-files"
    return inert.attached(_file(opened), "application/json", f"{name}.json")


def _say_what_is_left_out(request: HttpRequest, left_out: Sequence[str]) -> None:
    """On the next page: what leaves here is the file itself."""
    messages.warning(
        request,
        _("The proof has no room for these files; its entries still name them by their hash: %(hashes)s")
        % {"hashes": ", ".join(left_out)},
    )


def _file(opened: Opened) -> bytes:
    """The proof, as the verifier takes it; where nothing can be proven, what was sealed as it is."""
    if opened.bundle is not None:
        return opened.bundle.as_json().encode()
    return (json.dumps(opened.content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _refused(request: HttpRequest, visitor: Visitor, refused: UnsealingRefused) -> HttpResponse:
    messages.error(request, refused.no.sentence(get_language() or "ja"))
    return _back(visitor)


def _back(visitor: Visitor) -> HttpResponse:
    return redirect(place(visitor, "erasures"))
