"""What was found of a sending domain and of its keys, in the words of the desk."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from shodaku.console import words
from shodaku.delivery.selectors import KeyState, Said, Subject

FOUND: Final[words.Words] = {
    Said.FINE: _("Well"),
    Said.MISSING: _("There is no such record. Publish it, or wait until DNS shows it."),
    Said.SEVERAL: _("There is more than one; receivers take none of them. Keep one."),
    Said.BROKEN: _("The record cannot be understood. Compare it with the one below."),
    Said.DIFFERS: _("The record holds another key. Publish the one below."),
    Said.REVOKED: _("The record says that the key is revoked. Publish the one below."),
    Said.OPEN: _("The record lets the whole world send in your name. End it with -all."),
    Said.NOBODY: _("The record lets nobody send. Name your mail server before -all."),
    Said.TOO_DEEP: _("The record needs more than 10 look-ups, so receivers give up. Name fewer services."),
    Said.UNALIGNED: _(
        "The policy is there, but neither a DKIM key of ours nor SPF speaks for the From address."
    ),
    Said.UNANSWERED: _("DNS gave no answer. It is asked again within the hour."),
    Said.NO_ADDRESS: _("The name of the mail server has no address in DNS. Look at its page."),
    Said.NO_NAME: _(
        "The address has no name, and many receivers refuse mail from such a one. Ask whoever runs the mail"
        " server to set a PTR record."
    ),
    Said.UNCONFIRMED: _(
        "The address has a name that does not lead back to it. Ask whoever runs the mail server to make both"
        " agree."
    ),
    Said.INSIDE: _(
        "The address is inside your network, and receivers see another one. Ask whoever runs the mail server"
        " whether that one has a PTR record."
    ),
    Said.PLAIN: _(
        "The address does not begin with https, so mail programs show no unsubscribe button. Whoever runs"
        " this server sets it (SHODAKU_PUBLIC_URL)."
    ),
    Said.SILENT: _(
        "Nobody answered there. Whoever runs this server looks whether the web server runs and the address"
        " leads to it."
    ),
}
SUBJECTS: Final[words.Words] = {
    Subject.SPF: "SPF",
    Subject.DKIM: "DKIM",
    Subject.DMARC: "DMARC",
    Subject.PTR: "PTR",
    Subject.ONE_CLICK: _("One-click"),
}
STATES: Final[words.Words] = {
    KeyState.WAITING: _("Waits until DNS shows it"),
    KeyState.ACTIVE: _("Signs"),
    KeyState.LEAVING: _("Replaced; leave its record"),
    KeyState.ENDED: _("Ended; its record may go"),
}
TONES: Final = {
    KeyState.WAITING: "wait",
    KeyState.ACTIVE: "go",
    KeyState.LEAVING: "info",
    KeyState.ENDED: "info",
}
FAULTS: Final[words.Words] = {
    "dkim_keys_waiting": _("New keys are there already. Publish their records first."),
}
