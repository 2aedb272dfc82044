"""Why no message was made, or none can be made, a sentence each. They stand apart, for
mypyc, which compiles the send path, keeps no docstring of an exception: it would lose its sentence.
"""

from __future__ import annotations

from shodaku.kit.errors import ShodakuError


class PermitMismatch(ShodakuError):
    """The permit is for another person or channel; no message was made."""

    code = "permit_mismatch"


class UnsafeSender(ShodakuError):
    """The sender's mail domain, link base or list name cannot be written into a message."""

    code = "unsafe_sender"


class NoPlainForm(ShodakuError):
    """The permit allows only the form without advertising, and the message has none."""

    code = "no_plain_form"


class HeaderInjectionPossible(ShodakuError):
    """A value can add a header to a message on this machine; sending stays shut."""

    code = "header_injection_possible"


class ValueMissing(ShodakuError):
    """A merge field of the message was given no value; an empty one must be given as such."""

    code = "value_missing"


class HeaderPlanBroken(ShodakuError):
    """A finished message has other headers than planned; it was not sent."""

    code = "header_plan_broken"


class UnsafeAddress(ShodakuError):
    """The address cannot be written into an SMTP command or a header."""

    code = "unsafe_address"


class UnknownSlot(ShodakuError):
    """The message names a link or a page that it does not have."""

    code = "unknown_slot"


class NotForEightBit(ShodakuError):
    """A line of the message may become too long or begin with a dot; it can leave in base64 only."""

    code = "not_for_eight_bit"
