"""An explanation beside a hard word: `{% hard "uncertain" %}`. Without a query."""

from __future__ import annotations

from django import template

from shodaku.console.glossary import HARD_WORDS, HardWord

register = template.Library()


@register.inclusion_tag("ui/_help.html")
def hard(name: str) -> dict[str, HardWord]:
    """An unknown name is a KeyError."""
    return {"hard": HARD_WORDS[name]}
