"""Context processor `page`: what every page may print about itself."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.translation import get_language

from shodaku.kit.ui.language import in_language


def page(request: HttpRequest) -> dict[str, str]:
    return {
        "LANG": get_language() or "",
        "url_ja": in_language(request, "ja"),
        "url_en": in_language(request, "en"),
    }
