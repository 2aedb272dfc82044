"""What a transport says of a server in its own words, not in the server's.

Whole sentences in English, kept as they are in the database; the desk has each of them in both languages
(`console.route_words`).
"""

from __future__ import annotations

import socket
import ssl
from enum import StrEnum
from typing import Final


class Sentence(StrEnum):
    READY = "The server is ready to take mail."
    CLOSED = "The server closed the connection."
    CLOSING = "The route is closing."
    NO_ANSWER = "The server does not answer."
    NOBODY_THERE = "Nothing accepts mail at this address and port."
    NAME_UNKNOWN = "The name of the server is not known."
    OUT_OF_REACH = "The server cannot be reached."
    CERTIFICATE_EXPIRED = "The server's certificate has expired."
    CERTIFICATE_OWN = "The server's certificate is signed by the server itself."
    CERTIFICATE_UNKNOWN = "The server's certificate is signed by nobody known here."
    CERTIFICATE_OTHER_NAME = "The server's certificate is for another name."
    CERTIFICATE_INVALID = "The server's certificate is not valid."
    NOT_ENCRYPTED = "Encryption with the server could not be set up."
    NO_STARTTLS = "The server offers no encryption (STARTTLS), and this route requires it."
    TEXT_AFTER_STARTTLS = "The server sent plain text after STARTTLS."
    PASSWORD_IN_THE_OPEN = "A password is never sent without encryption."  # noqa: S105 - a sentence
    NO_LOGIN = "The server offers no known way to log in (AUTH PLAIN or LOGIN)."
    REPLY_TOO_LONG = "The server's reply is too long."
    NO_SMTP = "The server does not speak SMTP."
    UNASKED = "The server replied without being asked."
    DATA_UNCLEAR = "The server answered DATA with neither yes nor no."
    NO_REQUEST = "The provider cannot be asked with this user name or key."
    MESSAGE_UNCLEAR = "The server answered a message with neither yes nor no."


_CERTIFICATE_FAULTS: Final = {  # X509_V_ERR_... of OpenSSL
    10: Sentence.CERTIFICATE_EXPIRED,
    18: Sentence.CERTIFICATE_OWN,
    19: Sentence.CERTIFICATE_UNKNOWN,
    20: Sentence.CERTIFICATE_UNKNOWN,
    62: Sentence.CERTIFICATE_OTHER_NAME,
    64: Sentence.CERTIFICATE_OTHER_NAME,
}


def sentence_of(error: OSError) -> Sentence:
    """One clear sentence for what the network said."""
    match error:
        case ssl.SSLCertVerificationError():
            return _CERTIFICATE_FAULTS.get(error.verify_code, Sentence.CERTIFICATE_INVALID)
        case ssl.SSLError():
            return Sentence.NOT_ENCRYPTED
        case TimeoutError():
            return Sentence.NO_ANSWER
        case ConnectionRefusedError():
            return Sentence.NOBODY_THERE
        case socket.gaierror():
            return Sentence.NAME_UNKNOWN
        case ConnectionError():
            return Sentence.CLOSED
        case _:
            return Sentence.OUT_OF_REACH
