"""What was heard of a mail server or a mailbox, in the reader's language."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise

from shodaku.console import mailbox_words, route_words

register = template.Library()


@register.filter
def told(heard: str) -> str | Promise:
    return route_words.told(heard)


@register.filter
def mailbox_told(fault: str) -> str | Promise:
    return mailbox_words.told(fault)
