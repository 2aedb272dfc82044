"""The never-contact list: asked about one address, made longer, taken along; whole domains kept out."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.suppression_forms import AskForm, BlockForm, FileForm, PasteForm
from shodaku.console.words import NEVER_AGAIN
from shodaku.kit import clock
from shodaku.kit.errors import ShodakuError
from shodaku.suppression import services
from shodaku.suppression.selectors import Suppressed
from shodaku.suppression.services import Count, Taken

UNPROCESSABLE: Final = 422
TOO_MANY: Final = 429
MONTHS_SHOWN: Final = 12
MEMORY_BYTES_MAX: Final = 8 * 1024 * 1024  # of a list on its way out; beyond it a file without a name
# what may go wrong with a press, by the code of the error
FAULTS: Final[Mapping[str, str | Promise]] = {
    "not_a_block": gettext_lazy(
        "This is no domain such as *@example.jp, and no pattern with one @ and at most 4 stars."
    ),
    "block_there": gettext_lazy("This is blocked already."),
    "no_such_block": gettext_lazy("This block was lifted already."),
    "owners_only": gettext_lazy("Only an owner may lift a block."),
    "too_many_blocks": gettext_lazy("There can be 1,000 blocks at most. Lift one first."),
    "block_reason_too_long": gettext_lazy("The reason may have 200 characters at most."),
    "foreign_list": gettext_lazy(
        "This list of marks was altered, cut off or made elsewhere. Nothing was taken in."
    ),
    "list_of_another": gettext_lazy("This list of marks belongs to another workspace. Nothing was taken in."),
    "list_too_new": gettext_lazy(
        "This list was made by a newer version or with an unknown key. Nothing was taken in."
    ),
    "list_too_long": gettext_lazy(
        "A list has at most 5,000,000 lines of at most 1,000 bytes. What came before was taken in."
    ),
    "too_many_questions": gettext_lazy(
        "You have asked 60 times within the hour. Wait a little: who asks much finds out who opted out."
    ),
}


@dataclass(frozen=True, slots=True)
class Figure:
    reason: str | Promise
    total: int
    months: list[tuple[str, int]]  # the newest first


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asked, and what the list answered."""

    found: Suppressed | None
    reason: str | Promise


@require_safe
@allowed(Act.READ)
def suppressions(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor)


@require_POST
@allowed(Act.ANSWER)
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The list is not read, only asked: by POST, so that no URL holds an address; counted, and an entry."""
    form = AskForm(request.POST, auto_id="ask_%s")
    if not form.is_valid():
        return _page(request, visitor, {"ask_form": form}, status=UNPROCESSABLE)
    channel, address = form.cleaned_data["address"]
    try:
        found = services.ask(visitor.workspace_id, channel, address, by=_by(visitor), now=clock.now())
    except ShodakuError as fault:
        return _refused(request, visitor, fault, {"ask_form": form})
    asked = Asked(found, NEVER_AGAIN.get(found.reason, found.reason) if found else "")
    return _page(request, visitor, {"ask_form": form, "asked": asked})


@require_POST
@allowed(Act.STOP)
def paste(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Checked first: then the number of what would be put there stands on the button."""
    form = PasteForm(request.POST, auto_id="paste_%s")
    if not form.is_valid():
        return _page(request, visitor, {"paste_form": form}, status=UNPROCESSABLE)
    lines, adding = form.cleaned_data["addresses"].splitlines(), request.POST.get("step") == "add"
    try:
        taken = services.add(
            visitor.workspace_id, lines, by=_by(visitor), now=clock.now(), dry_run=not adding
        )
    except ShodakuError as fault:
        return _refused(request, visitor, fault, {"paste_form": form})
    if not adding:
        return _page(request, visitor, {"paste_form": form, "checked": taken})
    _say_taken(request, taken)
    return redirect(place(visitor, "suppressions"))


@require_POST
@allowed(Act.IMPORT)
def bring_in(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = FileForm(request.POST, request.FILES, auto_id="file_%s")
    if not form.is_valid():
        return _page(request, visitor, {"file_form": form}, status=UNPROCESSABLE)
    stream, checking = form.cleaned_data["file"].file, request.POST.get("step") == "check"
    try:
        taken = services.bring_in(
            visitor.workspace_id, stream, by=_by(visitor), now=clock.now(), dry_run=checking
        )
    except ShodakuError as fault:
        return _refused(request, visitor, fault, {"file_form": form})
    if checking:
        return _page(request, visitor, {"file_checked": taken})
    _say_taken(request, taken)
    return redirect(place(visitor, "suppressions"))


@require_POST
@allowed(Act.REVEAL)
def take_out(_request: HttpRequest, visitor: Visitor) -> HttpResponse | FileResponse:
    """Marks, which nobody turns back into addresses; who took them along is in the ledger."""
    file = tempfile.SpooledTemporaryFile(max_size=MEMORY_BYTES_MAX)  # noqa: SIM115 - the answer closes it
    try:
        services.take_out(visitor.workspace_id, file.write, by=_by(visitor), now=clock.now())
    except ShodakuError:
        file.close()
        raise
    file.seek(0)
    answer = FileResponse(file, as_attachment=True, filename=f"{visitor.workspace.slug}-never-contact.txt")
    answer.headers["Content-Type"] = "text/plain; charset=us-ascii"
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@require_POST
@allowed(Act.BLOCK)
def block(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    form = BlockForm(request.POST, auto_id="block_%s")
    if not form.is_valid():
        return _page(request, visitor, {"block_form": form}, status=UNPROCESSABLE)
    said = form.cleaned_data
    try:
        made = services.block(
            visitor.workspace_id, said["value"], reason=said["reason"], by=_by(visitor), now=clock.now()
        )
    except ShodakuError as fault:
        return _refused(request, visitor, fault, {"block_form": form})
    words = _("Blocked: %(value)s. Nothing leaves to such an address.")
    messages.success(request, words % {"value": made.shown})
    return redirect(place(visitor, "suppressions"))


@require_POST
@allowed(Act.UNBLOCK)
def unblock(request: HttpRequest, visitor: Visitor, block_no: int) -> HttpResponse:
    try:
        gone = services.unblock(
            visitor.workspace_id, block_no, by=_by(visitor), role=visitor.role, now=clock.now()
        )
    except ShodakuError as fault:
        messages.error(request, _told(fault))
    else:
        words = ngettext(
            "Lifted. %(n)s address may come in again; whoever said no stays on the list.",
            "Lifted. %(n)s addresses may come in again; whoever said no stays on the list.",
            gone,
        )
        messages.success(request, words % {"n": f"{gone:,}"})
    return redirect(place(visitor, "suppressions"))


def _page(
    request: HttpRequest,
    visitor: Visitor,
    more: Mapping[str, object] | None = None,
    *,
    status: int = HttpResponse.status_code,
) -> HttpResponse:
    counted = services.counts(visitor.workspace_id)
    context: dict[str, Any] = {
        "total": sum(each.marks for each in counted),
        "months": _months(counted),
        "figures": _figures(counted),
        "blocks": services.blocks(visitor.workspace_id),
        "ask_form": AskForm(auto_id="ask_%s"),
        "paste_form": PasteForm(auto_id="paste_%s"),
        "file_form": FileForm(auto_id="file_%s"),
        "block_form": BlockForm(auto_id="block_%s"),
        "may_ask": may(visitor.role, Act.ANSWER),
        "may_import": may(visitor.role, Act.IMPORT),
        "may_take_out": may(visitor.role, Act.REVEAL),
        "may_block": may(visitor.role, Act.BLOCK),
        "may_unblock": may(visitor.role, Act.UNBLOCK),
        **(more or {}),
    }
    response = show(
        request, visitor, "console/suppressions.html", context, current="suppressions", status=status
    )
    if more:
        patch_cache_control(response, no_store=True, private=True)  # addresses stand on it, as typed
    return response


def _refused(
    request: HttpRequest, visitor: Visitor, fault: ShodakuError, forms: Mapping[str, Form]
) -> HttpResponse:
    """What was typed stays. What is away is said by the guard."""
    if fault.code not in FAULTS:
        raise fault
    for form in forms.values():
        form.add_error(None, _told(fault))
    status = TOO_MANY if fault.code == "too_many_questions" else UNPROCESSABLE
    return _page(request, visitor, dict(forms), status=status)


def _told(fault: ShodakuError) -> str:
    return str(FAULTS.get(fault.code, fault.message))


def _say_taken(request: HttpRequest, taken: Taken) -> None:
    """Nothing tells which of them were known."""
    words = ngettext("%(n)s address is on the list now.", "%(n)s addresses are on the list now.", taken.taken)
    messages.success(request, words % {"n": f"{taken.taken:,}"})
    if taken.unreadable:
        unread = ngettext(
            "%(n)s line is no address and was left out.",
            "%(n)s lines are no addresses and were left out.",
            taken.unreadable,
        )
        messages.warning(request, unread % {"n": f"{taken.unreadable:,}"})


def _months(counted: Iterable[Count]) -> list[str]:
    return sorted({each.month for each in counted}, reverse=True)[:MONTHS_SHOWN]


def _figures(counted: list[Count]) -> list[Figure]:
    months = _months(counted)
    found = []
    for reason in sorted({each.reason for each in counted}):
        of_one = {each.month: each.marks for each in counted if each.reason == reason}
        figures = [(month, of_one.get(month, 0)) for month in months]
        found.append(Figure(NEVER_AGAIN.get(reason, reason), sum(of_one.values()), figures))
    return found


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"
