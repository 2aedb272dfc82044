"""Keys of programs: made and shown once, listed with their last use, ended; and what a developer looks up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from shodaku.accounts.domain import Act, may
from shodaku.api import selectors, services
from shodaku.api.domain import CALLS_A_MINUTE, KEYS_MAX, Scope
from shodaku.console.frame import place, show
from shodaku.console.guard import Visitor, allowed
from shodaku.console.key_forms import SCOPES, KeyForm
from shodaku.console.words import Badge
from shodaku.kit import clock, runtime

_LIVE = Badge("go", gettext_lazy("Live"))
_ENDED = Badge("never", gettext_lazy("Ended"))
_REVOKED = Badge("never", gettext_lazy("Revoked"))


@require_safe
@allowed(Act.READ)
def keys(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    return _page(request, visitor, KeyForm())


@require_POST
@allowed(Act.MANAGE_KEYS)
def make(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The key stands in this answer and nowhere else: neither the page nor the browser keeps it."""
    form = KeyForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, form, status=422)
    said = form.cleaned_data
    try:
        made = services.create_key(
            visitor.workspace_id,
            said["name"],
            [Scope(each) for each in said["scopes"]],
            by=_by(visitor),
            now=clock.now(),
            days=said["days"],
            networks=said["networks"],
        )
    except services.TooManyKeys:
        form.add_error(None, _("20 keys at most are live. Revoke one that is not used any more."))
        return _page(request, visitor, form, status=422)
    context = {"key": made, "name": said["name"], "back": place(visitor, "keys")}
    answer = show(request, visitor, "console/key_made.html", context, current="keys")
    patch_cache_control(answer, no_store=True, private=True)
    return answer


@require_POST
@allowed(Act.MANAGE_KEYS)
def revoke(request: HttpRequest, visitor: Visitor, key_id: int) -> HttpResponse:
    try:
        services.revoke_key(visitor.workspace_id, key_id, by=_by(visitor), now=clock.now())
    except services.NoSuchKey:
        messages.info(request, _("This key had ended already."))
    else:
        messages.success(request, _("Revoked. It opens nothing any more."))
    return redirect(place(visitor, "keys"))


@require_safe
@allowed(Act.READ)
def developers(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Where the description of the API is, an example that can be run, and the limits."""
    context = {
        "base": f"{runtime.current().public_url}/api/v1",
        "scopes": [(scope.value, SCOPES[scope]) for scope in Scope],
        "calls": CALLS_A_MINUTE,
        "keys_max": KEYS_MAX,
    }
    return show(request, visitor, "console/developers.html", context, current="keys")


def _by(visitor: Visitor) -> str:
    return f"staff:{visitor.staff_id}"


def _state(key: selectors.Key) -> Badge:
    if key.revoked_at is not None:
        return _REVOKED
    return _ENDED if key.expires_at <= clock.now() else _LIVE


def _page(request: HttpRequest, visitor: Visitor, form: KeyForm, *, status: int = 200) -> HttpResponse:
    found = selectors.keys(visitor.workspace_id)
    context = {
        "form": form,
        "manages": may(visitor.role, Act.MANAGE_KEYS),
        "rows": [(each, _state(each)) for each in found],
        "live": _LIVE,
    }
    return show(request, visitor, "console/keys.html", context, current="keys", status=status)
