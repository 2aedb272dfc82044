"""What mail servers carry, to whom, and what is heard of them, in the words of the desk."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from shodaku.console.words import Words
from shodaku.delivery import services
from shodaku.delivery.domain import Carries
from shodaku.delivery.selectors import Sentence

CARRIED: Final[Words] = {
    Carries.ALL: _("Everything"),
    Carries.CAMPAIGNS: _("Only what goes to many"),
    Carries.URGENT: _("Only what somebody waits for: confirmations, codes, notices"),
}
RECEIVERS: Final[Words] = {
    "docomo": "docomo",
    "au": "au",
    "softbank": "SoftBank",
    "rakuten": _("Rakuten Mobile"),
    "gmail": "Gmail",
    "microsoft": "Outlook.com",
    "yahoo": "Yahoo!",
    "icloud": "iCloud",
    "other": _("All others"),
}
FAULTS: Final[Words] = {
    services.RateOfRoute.code: _(
        "The limit of a mail server for all receivers stands with the server: change the server."
    ),
    services.RouteNeeded.code: _(
        "Campaigns are on their way and no other mail server carries them: pause them, or add a server first."
    ),
    services.HostNeeded.code: _("A mail server needs an address."),
    services.AccountNeeded.code: _(
        "The user name will not do: Amazon SES has the id of the access key, Mailgun the domain."
    ),
    services.ProviderHostFault.code: _(
        "The address is none of this provider's; leave it empty for the usual one."
    ),
    services.KeyFault.code: _("An API key has no spaces, and only letters of ASCII."),
    services.TooManyRoutes.code: _("A workspace has at most 20 mail servers; remove one first."),
}
# what stands in the row of a server is English, for it is written where there is no reader
SENTENCES: Final[Words] = {
    Sentence.READY: _("The server is ready to take mail."),
    Sentence.CLOSED: _("The server closed the connection."),
    Sentence.CLOSING: _("The route is closing."),
    Sentence.NO_ANSWER: _("The server does not answer."),
    Sentence.NOBODY_THERE: _("Nothing accepts mail at this address and port."),
    Sentence.NAME_UNKNOWN: _("The name of the server is not known."),
    Sentence.OUT_OF_REACH: _("The server cannot be reached."),
    Sentence.CERTIFICATE_EXPIRED: _("The server's certificate has expired."),
    Sentence.CERTIFICATE_OWN: _("The server's certificate is signed by the server itself."),
    Sentence.CERTIFICATE_UNKNOWN: _("The server's certificate is signed by nobody known here."),
    Sentence.CERTIFICATE_OTHER_NAME: _("The server's certificate is for another name."),
    Sentence.CERTIFICATE_INVALID: _("The server's certificate is not valid."),
    Sentence.NOT_ENCRYPTED: _("Encryption with the server could not be set up."),
    Sentence.NO_STARTTLS: _("The server offers no encryption (STARTTLS), and this route requires it."),
    Sentence.TEXT_AFTER_STARTTLS: _("The server sent plain text after STARTTLS."),
    Sentence.PASSWORD_IN_THE_OPEN: _("A password is never sent without encryption."),
    Sentence.NO_LOGIN: _("The server offers no known way to log in (AUTH PLAIN or LOGIN)."),
    Sentence.REPLY_TOO_LONG: _("The server's reply is too long."),
    Sentence.NO_SMTP: _("The server does not speak SMTP."),
    Sentence.UNASKED: _("The server replied without being asked."),
    Sentence.DATA_UNCLEAR: _("The server answered DATA with neither yes nor no."),
    Sentence.NO_REQUEST: _("The provider cannot be asked with this user name or key."),
    Sentence.MESSAGE_UNCLEAR: _("The server answered a message with neither yes nor no."),
    services.ProviderHostFault().message: _(
        "The address is none of this provider's; leave it empty for the usual one."
    ),
    services.PasswordMissing().message: _("The password file of a route is missing."),
}


def told(heard: str) -> str | Promise:
    """Our own sentences in the reader's language; a server's own words as they came, marked as such."""
    return SENTENCES.get(heard) or gettext("The server says: %(words)s") % {"words": heard}
