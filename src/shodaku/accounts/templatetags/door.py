"""What the sign-in page asks about its own address."""

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
