"""Sign-in at an OpenID Connect provider of the organisation, as the environment names it. Optional.

OpenID Connect Core 1.0, the code flow with PKCE (RFC 7636). The secret is a file, as all secrets are.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from shodaku.kit import log
from shodaku.kit.errors import WrongUse

PROVIDER_ID: Final = "organisation"  # it stands in the address that the provider sends people back to
NAME_CHARACTERS_MAX: Final = 60
SECRET_BYTES_MAX: Final = 4_096
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


class UnfitProvider(WrongUse):
    """A provider needs an https SHODAKU_OIDC_ISSUER, SHODAKU_OIDC_CLIENT_ID and SHODAKU_OIDC_SECRET_FILE."""

    code = "oidc_unfit"


class SecretExposed(WrongUse):
    """The file of SHODAKU_OIDC_SECRET_FILE is missing, empty, or readable by others; chmod 600 it."""

    code = "oidc_secret_exposed"


@dataclass(frozen=True, slots=True)
class Provider:
    issuer: str
    client_id: str
    secret: str
    name: str
    provider_id: str = PROVIDER_ID

    @property
    def origin(self) -> str:
        """Where the browser is sent: Chromium checks form-action along redirects."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def settings(self) -> dict[str, Any]:
        """As allauth takes it."""
        app = {
            "provider_id": self.provider_id,
            "name": self.name,
            "client_id": self.client_id,
            "secret": self.secret,
            "settings": {"server_url": self.issuer, "oauth_pkce_enabled": True},
        }
        return {"openid_connect": {"APPS": [app], "OAUTH_PKCE_ENABLED": True}}


def provider() -> Provider | None:
    """None where the environment names none. Raises UnfitProvider, SecretExposed."""
    issuer = os.environ.get("SHODAKU_OIDC_ISSUER", "").rstrip("/")
    client_id = os.environ.get("SHODAKU_OIDC_CLIENT_ID", "")
    file = os.environ.get("SHODAKU_OIDC_SECRET_FILE", "")
    if not issuer and not client_id and not file:
        return None
    name = os.environ.get("SHODAKU_OIDC_NAME", "") or "OpenID Connect"
    if not (client_id and file and _is_safe(issuer)) or len(name) > NAME_CHARACTERS_MAX:
        raise UnfitProvider(hint=issuer)
    return Provider(issuer, client_id, _secret(Path(file)), name)


def provider_or_none() -> Provider | None:
    """A provider that is named amiss closes its own door alone: who opts out must not find the house shut."""
    try:
        return provider()
    except (UnfitProvider, SecretExposed) as fault:
        log.info("sign_in.outside_off", code=fault.code)
        return None


def _is_safe(issuer: str) -> bool:
    """Encrypted, or on this machine: passwords are typed there."""
    try:
        parts = urlsplit(issuer)
        port_is_fit = parts.port is None or parts.port > 0
    except ValueError:
        return False
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return bool(parts.hostname) and port_is_fit and (parts.scheme == "https" or plain) and not parts.query


def _secret(file: Path) -> str:
    try:
        exposed = file.stat().st_mode & 0o077
        secret = file.read_bytes()[: SECRET_BYTES_MAX + 1].decode().strip()
    except (OSError, UnicodeDecodeError):
        raise SecretExposed(hint=str(file)) from None
    if exposed or not secret or len(secret) > SECRET_BYTES_MAX:
        raise SecretExposed(hint=str(file))
    return secret
