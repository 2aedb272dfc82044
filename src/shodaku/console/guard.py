"""Who stands before a staff page: signed in, a member here, allowed the act, with a second factor where it is
due.

Deny by default: a console view that is not wrapped here does not pass tests/architecture, which looks at
every URL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, Final, ParamSpec, TypeAlias
from urllib.parse import urlsplit

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from shodaku.accounts import selectors
from shodaku.accounts.domain import Act, Membership, Role, Workspace, may, needs_second_factor
from shodaku.console import typed, words
from shodaku.kit.errors import OutOfReach
from shodaku.kit.ui import language
from shodaku.suppression import selectors as suppressions
from shodaku.suppression.selectors import FenceReason

P = ParamSpec("P")
SAFE: Final = ("GET", "HEAD")

# modules of views that show people: in a restored database some of them may have been erased since
_OF_PEOPLE = frozenset(
    {
        "blocks",
        "bulk",
        "case_steps",
        "cases",
        "code",
        "contacts",
        "deliveries",
        "desk",
        "erasing",
        "evidence",
        "held",
        "looks",
        "merging",
        "notes",
        "papers",
        "person",
        "proving",
        "recording",
        "refusals",
        "requests",
        "segments",
        "sheets",
        "standing",
        "uncertain",
        "unsealing",
    }
)
_UNTOLD = {FenceReason.RESTORED.value, FenceReason.BEHIND.value}


class PeopleShut(OutOfReach):
    """People are shown when the restored database was told what was said since."""

    code = "people_shut"


@dataclass(frozen=True, slots=True)
class Visitor:
    """A staff member at work in one workspace."""

    staff_id: int
    name: str
    role: Role
    workspace: Workspace
    memberships: tuple[Membership, ...]
    theme: str = ""  # "light", "dark"; "": the system's
    shortcuts: bool = True

    @property
    def workspace_id(self) -> int:
        return self.workspace.workspace_id


StaffView: TypeAlias = Callable[Concatenate[HttpRequest, Visitor, P], HttpResponseBase]


def allowed(
    act: Act,
) -> Callable[[StaffView[P]], Callable[..., HttpResponseBase]]:
    """Wrap a view of `/console/<slug>/…`; it gets a Visitor in place of the slug.

    A workspace one does not belong to is answered as one that does not exist.
    """

    def wrap(view: StaffView[P]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            visitor = _visitor(request, slug)
            forbid(visitor, act)
            if _second_factor_due(request, visitor):
                return redirect("mfa_activate_totp")
            try:
                if act is not Act.STOP:  # writing down a no always works
                    _require_told(view.__module__)
                return view(request, visitor, *args, **kwargs)
            except OutOfReach as fault:
                return _away(request, visitor, fault)

        guarded.act = act  # type: ignore[attr-defined]  # read by the test that enumerates all routes
        return _signed_in(guarded)

    return wrap


def _signed_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Whose sign-in ended under a press is led back to the page of the press: an address that takes presses
    alone answers nobody who comes from the door. Nothing of the press is done; what was typed is handed back.
    """
    looking = login_required(view)

    @wraps(looking)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # noqa: ANN401 - any view
        if request.method in SAFE or request.user.is_authenticated:
            return looking(request, *args, **kwargs)
        answer = typed.kept(request, _page_of(request), status=401)
        if answer is not None:
            return answer
        messages.warning(
            request, _("You have been signed out, and nothing was changed. Sign in, then press again.")
        )
        return redirect_to_login(_page_of(request))

    return asked


def _page_of(request: HttpRequest) -> str:
    """The page of ours that the press came from; the way in, where the browser does not tell."""
    came_from = request.headers.get("referer", "")
    ours = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return urlsplit(came_from).path if came_from and ours else reverse("console_choose")


def forbid(visitor: Visitor, act: Act) -> None:
    """For an act inside a page that asks for more than the page itself. Raises PermissionDenied."""
    if not may(visitor.role, act):
        raise PermissionDenied


def people_are_shut() -> bool:
    """A restored database may hold people who were erased since: they are shown when it was told the rest."""
    return not _UNTOLD.isdisjoint(suppressions.fence().reason.split())


def _require_told(module: str) -> None:
    """Raises PeopleShut."""
    if module.rpartition(".")[2] in _OF_PEOPLE and people_are_shut():
        raise PeopleShut


def _away(request: HttpRequest, visitor: Visitor, fault: OutOfReach) -> HttpResponse:
    """The key store or another part is away: one sentence, and nothing was changed."""
    context = {"sentence": words.away(fault), "slug": visitor.workspace.slug}
    return render(request, "console/away.html", context, status=503)


def _visitor(request: HttpRequest, slug: str) -> Visitor:
    staff: Any = (
        request.user
    )  # django-stubs know the model only behind AnonymousUser; login_required stands before us
    memberships = tuple(selectors.memberships(staff.id))
    mine = next((each for each in memberships if each.slug == slug), None)
    workspace = None if mine is None else selectors.workspace(mine.workspace_id)
    if mine is None or workspace is None:
        raise Http404
    if not request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        language.follow(request, staff.language)
    return Visitor(
        staff.id, staff.name, mine.role, workspace, memberships, theme=staff.theme, shortcuts=staff.shortcuts
    )


def _second_factor_due(request: HttpRequest, visitor: Visitor) -> bool:
    return (
        needs_second_factor(visitor.role)
        and visitor.workspace.second_factor_required
        and not is_mfa_enabled(request.user)
    )
