"""An OpenID Connect provider on loopback: discovery, the code flow with PKCE, one person. For tests.

It checks what a real one checks: client, secret, redirect address, each code once, the verifier of PKCE.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

CLIENT, SECRET = "shodaku", "a secret of the provider"


class Provider:
    """As a context manager; `claims` is who signs in next."""

    def __init__(self, **claims):
        self.claims = claims
        self.codes = {}
        self.tokens = {}
        self.audience = CLIENT

    def __enter__(self):
        handler = type("Handler", (_Handler,), {"provider": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.server.shutdown()
        self.thread.join(10)
        self.server.server_close()

    def discovery(self):
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/me",
            "jwks_uri": f"{self.issuer}/keys",
            "token_endpoint_auth_methods_supported": ["client_secret_post"],
        }

    def authorize(self, asked):
        """The person agrees at once: where the browser is sent back to."""
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe()
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def exchange(self, sent):
        asked = self.codes.pop(sent.get("code", ""), None)
        verifier = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).decode().rstrip("=")
        if (
            asked is None
            or sent.get("client_secret") != SECRET
            or sent.get("redirect_uri") != asked["redirect_uri"]
            or challenge != asked["code_challenge"]
        ):
            return None
        token = secrets.token_urlsafe()
        self.tokens[token] = dict(self.claims)
        said = {"iss": self.issuer, "aud": self.audience, "exp": 4_000_000_000, "iat": 1, **self.claims}
        key = "the answer came over a connection of ours, so its signature is not asked"
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": jwt.encode(said, key, algorithm="HS256"),
        }


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self):
        place = urlsplit(self.path)
        if place.path == "/.well-known/openid-configuration":
            self._answer(200, self.provider.discovery())
        elif place.path == "/authorize":
            asked = {name: values[0] for name, values in parse_qs(place.query).items()}
            self.send_response(302)
            self.send_header("Location", self.provider.authorize(asked))
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif place.path == "/me":
            token = self.headers.get("Authorization", "").removeprefix("Bearer ")
            known = self.provider.tokens.get(token)
            self._answer(200 if known else 401, known or {})
        else:
            self._answer(404, {})

    def do_POST(self):
        length = int(self.headers.get("Content-Length", "0"))
        sent = {name: values[0] for name, values in parse_qs(self.rfile.read(length).decode()).items()}
        answer = self.provider.exchange(sent)
        self._answer(200 if answer else 400, answer or {"error": "invalid_grant"})

    def _answer(self, status, said):
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments):
        pass
