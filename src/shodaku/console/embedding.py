"""A form on the owner's own pages: what to put there, which sites may frame it, and the page that thanks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from shodaku.console.guard import Visitor
from shodaku.kit import runtime
from shodaku.signup import selectors
from shodaku.signup.domain import UnfitSite, parse_sites, parse_thanks


class WaysForm(forms.Form):
    sites = forms.CharField(
        label=gettext_lazy("Your sites"),
        required=False,
        max_length=4_000,
        widget=forms.Textarea({"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line, such as https://www.example.jp. Only these may frame the form."),
    )
    thanks_url = forms.CharField(
        label=gettext_lazy("Your own page that thanks"),
        required=False,
        max_length=500,
        help_text=gettext_lazy(
            "On one of these sites. Empty: ours, which also helps people whose telephone filters mail."
        ),
    )

    def clean(self) -> dict[str, Any]:
        """`parsed` is among what is clean: the sites, and the page or None."""
        said = super().clean() or {}
        language = get_language() or "ja"
        sites: tuple[str, ...] = ()
        try:
            sites = parse_sites(said.get("sites", ""))
        except UnfitSite as fault:
            self.add_error("sites", fault.sentence(language))
            return said
        try:
            said["parsed"] = (sites, parse_thanks(said.get("thanks_url", ""), sites))
        except UnfitSite as fault:
            self.add_error("thanks_url", fault.sentence(language))
        return said


def ways_form(visitor: Visitor, form_id: int) -> WaysForm:
    ways = selectors.ways(visitor.workspace_id, form_id)
    return WaysForm(
        initial={"sites": "\n".join(ways.sites), "thanks_url": ways.thanks_url or ""}, auto_id="ways_%s"
    )


def snippets(visitor: Visitor, kept: selectors.Form) -> list[tuple[str, str, str]]:
    """Name, what it is for, and the HTML itself."""
    address = (
        f"{runtime.current().public_url}{reverse('signup_form', args=[visitor.workspace.slug, kept.slug])}"
    )
    script = f"{runtime.current().public_url}{reverse('signup_embed')}"
    label, button, mail = kept.name, _("Go on to sign up"), _("E-mail address")
    return [
        (_("A link"), _("Works everywhere."), format_html('<a href="{}">{}</a>', address, label)),
        (
            _("A field for the address"),
            _("No script. It is read and ticked on our page, where the words stand."),
            format_html(
                '<form action="{}" method="post" accept-charset="UTF-8">\n'
                '<input type="hidden" name="start" value="1">\n'
                '<label>{} <input type="email" name="email" autocomplete="email" required></label>\n'
                "<button>{}</button>\n</form>",
                address,
                mail,
                button,
            ),
        ),
        (
            _("The form in a frame"),
            _("Only on the sites that you name below."),
            format_html(
                '<iframe src="{}/frame" title="{}" width="100%" height="1200" loading="lazy"\n'
                ' sandbox="{}"></iframe>',
                address,
                label,
                SANDBOX,
            ),
        ),
        (
            _("The same as an element"),
            _("Where scripts are off, it is a link."),
            format_html(
                '<script type="module" src="{}"></script>\n'
                '<shodaku-form height="1200"><a href="{}">{}</a></shodaku-form>',
                script,
                address,
                label,
            ),
        ),
    ]


SANDBOX = (
    "allow-forms allow-same-origin allow-popups allow-popups-to-escape-sandbox "
    "allow-top-navigation-by-user-activation"
)
