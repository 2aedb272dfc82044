"""What the sign-in page asks about its own address, and about the provider outside."""

from __future__ import annotations

from django import template
from django.conf import settings
from django.http import HttpRequest

from shodaku.accounts import domain

register = template.Library()


@register.filter
def takes_passkeys(request: HttpRequest) -> bool:
    secure = request.is_secure() or settings.PUBLIC_URL.startswith("https://")
    return domain.passkeys_work(request.get_host(), secure=secure)


@register.simple_tag
def outside() -> dict[str, str] | None:
    """The provider of the organisation; None where the environment names none."""
    provider = settings.OUTSIDE
    return None if provider is None else {"id": provider.provider_id, "name": provider.name}
