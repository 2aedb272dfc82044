"""One paper: its scan beside what is read off it, by keyboard alone; put aside, taken up, thrown away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from shodaku.accounts import selectors as accounts
from shodaku.accounts.domain import Act
from shodaku.console import inert
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.paging import row_id
from shodaku.console.paper_forms import CheckForm, KeyForm, ParkForm
from shodaku.console.views.papers import why
from shodaku.contacts.domain import EmailAddress, likely_typo
from shodaku.contacts.services import ContactGone
from shodaku.kit import clock
from shodaku.kit.ui import csp
from shodaku.ledger import services as ledger
from shodaku.signup import selectors, services
from shodaku.signup.services import Keyed, ParkReason, SheetState

SIZES: Final = (100, 150, 200, 300)  # per cent of the frame's width
TURNS: Final = (0, 90, 180, 270)  # degrees, clockwise


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Read:
    """What somebody read, for the third look."""

    who: str
    address: str
    topics: list[str]


@require_safe
@allowed(Act.EDIT_CONTACTS)
def next_(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """On to the next one for these hands, in the order of the stack."""
    found = selectors.next_sheet(
        visitor.workspace_id,
        visitor.staff_id,
        batch_id=row_id(request.GET.get("batch", "")),
        after=row_id(request.GET.get("after", "")) or 0,
    )
    return redirect(place(visitor, "papers") if found is None else place(visitor, "paper_sheet", found))


@require_http_methods(["GET", "HEAD", "POST"])
@allowed(Act.EDIT_CONTACTS)
def sheet(request: HttpRequest, visitor: Visitor, sheet_id: int) -> HttpResponse:
    found = _found(visitor, sheet_id)
    if found.state not in (SheetState.WAITING, SheetState.SECOND, SheetState.THIRD):
        return _closed(request, visitor, found)
    try:
        earlier = selectors.readings(visitor.workspace_id, found)
        services.scan_of(visitor.workspace_id, sheet_id)
    except (ledger.FileBroken, ledger.KeyDestroyed):
        return _closed(request, visitor, found, lost=True)
    if found.state == SheetState.SECOND and earlier[0].staff_id == visitor.staff_id:
        return _closed(request, visitor, found, own=True)
    try:
        printed, fault = _printed(request, visitor, found, earlier), ""
    except services.Unwritten as wrong:
        printed, fault = services.sheet(visitor.workspace_id, found.code), _sentence(wrong)
    form = _form(request, visitor, found, printed)
    if request.method != "POST":
        return _page(request, visitor, found, printed, form, earlier, fault=fault)
    if not form.is_valid():
        return _page(request, visitor, found, printed, form, earlier, status=422)
    address: EmailAddress = form.cleaned_data["address"]
    asked = questions(address)
    if asked and request.POST.get("sure") != address.address:
        return _page(
            request, visitor, found, printed, form, earlier, asked=asked, sure=address.address, status=422
        )
    return _key_in(request, visitor, found, printed, form, earlier)


@require_POST
@allowed(Act.EDIT_CONTACTS)
def park(request: HttpRequest, visitor: Visitor, sheet_id: int) -> HttpResponse:
    found = _found(visitor, sheet_id)
    form = ParkForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the sheet is put aside, in at most 300 characters."))
        return redirect(place(visitor, "paper_sheet", sheet_id))
    try:
        reason = ParkReason(form.cleaned_data["reason"])
        services.park(visitor.workspace_id, sheet_id, reason, form.cleaned_data["note"])
    except services.SheetTaken:
        return _taken(request, visitor)
    messages.success(request, _("Sheet %(number)s is put aside.") % {"number": _number(found)})
    return redirect(f"{place(visitor, 'paper_next')}?{urlencode({'after': sheet_id})}")


@require_POST
@allowed(Act.EDIT_CONTACTS)
def take_up(request: HttpRequest, visitor: Visitor, sheet_id: int) -> HttpResponse:
    _found(visitor, sheet_id)
    try:
        services.take_up(visitor.workspace_id, sheet_id)
    except services.SheetTaken:
        return _taken(request, visitor)
    return redirect(place(visitor, "paper_sheet", sheet_id))


@require_POST
@allowed(Act.EDIT_CONTACTS)
def discard(request: HttpRequest, visitor: Visitor, sheet_id: int) -> HttpResponse:
    found = _found(visitor, sheet_id)
    try:
        services.discard(visitor.workspace_id, sheet_id, staff_id=visitor.staff_id, now=clock.now())
    except services.SheetTaken:
        return _taken(request, visitor)
    messages.success(request, _("The scan of sheet %(number)s is thrown away.") % {"number": _number(found)})
    return redirect(place(visitor, "papers"))


@require_safe
@allowed(Act.EDIT_CONTACTS)
def viewer(request: HttpRequest, visitor: Visitor, sheet_id: int) -> HttpResponse:
    """A window in the page: larger, smaller and turned by links, so that nothing that was typed is lost."""
    _found(visitor, sheet_id)
    size, turn = _one_of(SIZES, request.GET.get("size")), _one_of(TURNS, request.GET.get("turn"))
    sizes = [
        Choice(f"{each}%", f"?{urlencode({'size': each, 'turn': turn})}", each == size) for each in SIZES
    ]
    context = {
        "sizes": sizes,
        "left": f"?{urlencode({'size': size, 'turn': (turn - 90) % 360})}",
        "right": f"?{urlencode({'size': size, 'turn': (turn + 90) % 360})}",
        "picture": f"{place(visitor, 'paper_picture', sheet_id)}?{urlencode({'turn': turn})}",
        "size": size,
    }
    response = render(request, "console/paper_view.html", context)
    response.headers["Cache-Control"] = "no-store, private"
    return csp.allow(response, {"frame-ancestors": "'self'"})


@require_safe
@allowed(Act.EDIT_CONTACTS)
def picture(request: HttpRequest, visitor: Visitor, sheet_id: int) -> HttpResponse:
    """Only of a sheet that still waits; what became evidence opens where the person is."""
    try:
        scan = services.scan_of(visitor.workspace_id, sheet_id)
    except (ledger.FileBroken, ledger.KeyDestroyed) as fault:
        raise Http404 from fault
    if scan is None:
        raise Http404
    turned = ledger.turned(scan, _one_of(TURNS, request.GET.get("turn")))
    return inert.shown(turned.data, turned.media_type, f"sheet-{sheet_id}")


def questions(address: EmailAddress) -> list[str]:
    """What is asked once more about a handwritten address."""
    asked = [
        _("Character %(place)s before the @ was read as %(read)s. Is it %(others)s?")
        % {
            "place": each.place,
            "read": _spoken(each.character),
            "others": _(" or ").join(map(_spoken, each.others)),
        }
        for each in services.doubts(address)
    ]
    meant = likely_typo(address)
    if meant:
        asked.append(_("After the @, is %(domain)s meant?") % {"domain": meant.rpartition("@")[2]})
    return asked


def _spoken(character: str) -> str:
    return {
        "0": _("the digit 0"),
        "o": _("the letter o"),
        "O": _("the capital letter O"),
        "1": _("the digit 1"),
        "l": _("the small letter L"),
        "i": _("the letter i"),
        "I": _("the capital letter I"),
        "-": _("a hyphen"),
        "_": _("an underscore"),
        ".": _("a dot"),
    }[character]


def _key_in(
    request: HttpRequest,
    visitor: Visitor,
    found: selectors.PaperSheet,
    printed: services.Sheet,
    form: CheckForm,
    earlier: list[selectors.Reading],
) -> HttpResponse:
    said = form.cleaned_data
    keyed = Keyed(
        address=said["address"].address,
        topic_ids=said["topics"],
        name=said.get("name", ""),
        signed_on=said.get("signed_on"),
        shop=said.get("shop", ""),
        clerk=said.get("clerk", ""),
        code=printed.code,
    )
    try:
        answer = services.key_in(
            visitor.workspace_id, found.sheet_id, keyed, staff_id=visitor.staff_id, now=clock.now()
        )
    except (services.SheetTaken, services.SameHands):
        return _taken(request, visitor)
    except ContactGone:
        form.add_error(None, _("Something changed in the meantime. Press the button once more."))
        return _page(request, visitor, found, printed, form, earlier, status=422)
    messages.success(request, _told(answer, _number(found)))
    return redirect(f"{place(visitor, 'paper_next')}?{urlencode({'after': found.sheet_id})}")


def _told(answer: services.Settled | services.Waits, number: str) -> str:
    if isinstance(answer, services.Waits):
        if answer.state == SheetState.THIRD:
            sentence = _("Sheet %(number)s: the two readings differ. Somebody looks a third time.")
        else:
            sentence = _("Sheet %(number)s is kept. A colleague checks it.")
    elif answer.state == SheetState.REFUSED:
        return _("Sheet %(number)s was not recorded. %(why)s") % {"number": number, "why": why(answer.reason)}
    elif answer.asked or answer.asks_later:
        sentence = _("Sheet %(number)s is recorded. A mail asks for confirmation before the first issue.")
    else:
        sentence = _("Sheet %(number)s is recorded.")
    return sentence % {"number": number}


def _printed(
    request: HttpRequest,
    visitor: Visitor,
    found: selectors.PaperSheet,
    earlier: list[selectors.Reading],
) -> services.Sheet:
    """The words by the code on the sheet: as the first reader gave it, else as typed, else of the batch.

    Raises Unwritten.
    """
    if earlier and earlier[0].keyed.code is not None:
        return services.sheet(visitor.workspace_id, earlier[0].keyed.code)
    typed = (request.POST if request.method == "POST" else request.GET).get("code", "").strip()
    if typed:
        return services.sheet_by_code(visitor.workspace_id, typed)
    return services.sheet(visitor.workspace_id, found.code)


def _form(
    request: HttpRequest, visitor: Visitor, found: selectors.PaperSheet, printed: services.Sheet
) -> CheckForm:
    code = printed.code
    shown = selectors.shown(visitor.workspace_id, code.form_id, code.version, code.language)
    data = request.POST if request.method == "POST" else None
    if found.state == SheetState.WAITING:
        return KeyForm(data, sheet=printed, shown=shown, initial={"shop": found.shop})
    return CheckForm(data, sheet=printed, shown=shown)


def _page(
    request: HttpRequest,
    visitor: Visitor,
    found: selectors.PaperSheet,
    printed: services.Sheet,
    form: CheckForm,
    earlier: list[selectors.Reading],
    *,
    fault: str = "",
    asked: list[str] | None = None,
    sure: str = "",
    status: int = 200,
) -> HttpResponse:
    if asked:  # the button has the focus then: Enter says that it is right
        form.fields["address"].widget.attrs.pop("autofocus", None)
    context = {
        "found": found,
        "number": _number(found),
        "printed": printed,
        "code": services.printed_code(visitor.workspace_id, printed.code),
        "form": form,
        "fault": fault,
        "asked": asked or [],
        "sure": sure,
        "first": found.state == SheetState.WAITING,
        "reads": _reads(visitor, printed, earlier) if found.state == SheetState.THIRD else [],
        "park": ParkForm(),
    }
    response = show(request, visitor, "console/paper_sheet.html", context, current="papers", status=status)
    response.headers["Cache-Control"] = "no-store, private"
    return csp.allow(response, {"frame-src": "'self'"})


def _closed(
    request: HttpRequest,
    visitor: Visitor,
    found: selectors.PaperSheet,
    *,
    own: bool = False,
    lost: bool = False,
) -> HttpResponse:
    """Nothing to key in here: checked by a colleague, put aside, or settled."""
    parked = found.state == SheetState.PARKED
    context = {
        "found": found,
        "number": _number(found),
        "own": own,
        "parked": parked,
        "why": why(found.reason),
        "lost": lost,
        "note": _note(visitor, found) if parked else "",
    }
    response = show(request, visitor, "console/paper_closed.html", context, current="papers")
    return csp.allow(response, {"frame-src": "'self'"})


def _note(visitor: Visitor, found: selectors.PaperSheet) -> str:
    try:
        return selectors.note_of(visitor.workspace_id, found)
    except (ledger.FileBroken, ledger.KeyDestroyed):
        return ""


def _reads(visitor: Visitor, printed: services.Sheet, earlier: list[selectors.Reading]) -> list[Read]:
    names = {each.staff_id: each.name for each in accounts.staff(visitor.workspace_id)}
    code = printed.code
    shown = selectors.shown(visitor.workspace_id, code.form_id, code.version, code.language)
    titles = {topic.topic_id: topic.title(code.language) for topic in shown.published.topics} if shown else {}
    return [
        Read(
            names.get(each.staff_id, ""),
            each.keyed.address,
            [titles.get(topic_id, "") for topic_id in each.keyed.topic_ids],
        )
        for each in earlier
    ]


def _taken(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    messages.error(
        request, _("Somebody else has seen to this sheet in the meantime. Nothing of yours was recorded.")
    )
    return redirect(place(visitor, "papers"))


def _number(found: selectors.PaperSheet) -> str:
    return f"{found.batch_id}-{found.number}"


def _sentence(fault: services.Unwritten) -> str:
    return fault.fault.sentence(get_language() or "ja")


def _one_of(choices: tuple[int, ...], text: str | None) -> int:
    number = row_id(text or "")
    return number if number in choices else choices[0]


def _found(visitor: Visitor, sheet_id: int) -> selectors.PaperSheet:
    found = selectors.paper_sheet(visitor.workspace_id, sheet_id)
    if found is None:
        raise Http404
    return found
