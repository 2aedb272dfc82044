"""What was heard of a mail server, in the reader's language."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from shodaku.console import route_words

register = template.Library()


@register.filter
def told(heard: str) -> str | Promise:
    return route_words.told(heard)
