"""Django's settings, read from the environment once. Secrets come from the key folder, never from here."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from psycopg.conninfo import conninfo_to_dict

from shodaku.config import environment, outside_sign_in
from shodaku.kit import keys

HOME = environment.home()
KEYS = environment.keys_folder()
PUBLIC_URL = os.environ.get("SHODAKU_PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
DEMONSTRATION = os.environ.get("SHODAKU_DEMONSTRATION") == "1"
VAULT_URL = os.environ.get("SHODAKU_VAULT_URL", "")
DATABASE_URL = os.environ.get("SHODAKU_DATABASE_URL", "")
OWNER_URL = os.environ.get("SHODAKU_OWNER_URL", DATABASE_URL)
SIGNUP_NETWORK_POSTS_MAX = environment.limit("SHODAKU_SIGNUP_NETWORK_POSTS_MAX", 10)
SIGNUP_FORM_POSTS_MIN = environment.limit("SHODAKU_SIGNUP_FORM_POSTS_MIN", 300)

DEBUG = False
_SECURE = PUBLIC_URL.startswith("https://")
_HOST = urlsplit(PUBLIC_URL).hostname or "127.0.0.1"
ALLOWED_HOSTS = [_HOST, "127.0.0.1", "localhost", "[::1]"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "shodaku.config.urls"
ASGI_APPLICATION = "shodaku.config.asgi.application"


def _secret_key() -> str:
    try:
        return keys.read_ring(KEYS, keys.KeyPurpose.COOKIE).newest.hex()
    except keys.KeyUnavailable:
        # commands that need no sign-in still run, with a key that nobody knows and that ends with the
        # process; `shodaku serve` refuses to start
        return secrets.token_hex(keys.KEY_BYTES)


SECRET_KEY = _secret_key()


_PLACE = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}


def database(url: str, *, pool: bool) -> dict[str, object]:
    """A Django database from postgresql://user:password@host:port/name?option=value, read as libpq reads it.

    What libpq cannot read gives a database without a name: `databases.connect` says what is wrong with it.
    """
    try:
        options: dict[str, object] = dict(conninfo_to_dict(url))
    except psycopg.ProgrammingError:
        options = {}
    place = {key: str(options.pop(word, "")) for key, word in _PLACE.items()}
    if pool:
        options["pool"] = {"min_size": 1, "max_size": 20, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **place,
        "OPTIONS": options,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


DATABASES = {"default": database(DATABASE_URL, pool=True), "owner": database(OWNER_URL, pool=False)}
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # a template of allauth.mfa loads its tags
    "shodaku.kit.ui",  # before django.forms and allauth: its templates win
    "shodaku.accounts",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "procrastinate.contrib.django",
    "shodaku.kit",
    "shodaku.contacts",
    "shodaku.ledger",
    "shodaku.consent",
    "shodaku.suppression",
    "shodaku.policy",
    "shodaku.content",
    "shodaku.segments",
    "shodaku.delivery",
    "shodaku.journeys",
    "shodaku.signup",
    "shodaku.imports",
    "shodaku.campaigns",
    "shodaku.erasure",
    "shodaku.optout",
    "shodaku.api",
    "shodaku.complaints",
    "shodaku.backups",
    "shodaku.console",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shodaku.kit.ui.csp.CspMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "shodaku.kit.ui.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "shodaku.accounts.door.SecondFactorMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "shodaku.console.only_pressed.OnlyPressedMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "shodaku.kit.ui.context.page",
            ]
        },
    }
]
FORM_RENDERER = "shodaku.kit.ui.renderer.Renderer"

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Tokyo"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# bytes; above what the pages for proofs and papers take, so that only a list, and many pictures at once,
# touch the disk: the ASGI handler goes by it too. How much all of them hold at one time is bounded by
# config.body_limit
FILE_UPLOAD_MAX_MEMORY_SIZE = 67_108_864
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576

AUTH_USER_MODEL = "accounts.Staff"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {"login": "shodaku.accounts.adapter.SignInForm"}
ACCOUNT_ADAPTER = "shodaku.config.signing_in.RecordingAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"login_failed": "5/15m/key,20/15m/ip"}
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
MFA_ADAPTER = "shodaku.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = (
    True  # a link that was handed over proves no mailbox, and a second factor is due all the same
)
# somebody who was invited signs in at the organisation's own provider, by the address that it vouches for
OUTSIDE = outside_sign_in.provider_or_none()
SOCIALACCOUNT_ADAPTER = "shodaku.accounts.adapter.OutsideAdapter"
SOCIALACCOUNT_PROVIDERS = {} if OUTSIDE is None else OUTSIDE.settings
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = False
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # a mail needs a permit; Django has none
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/console/"

SESSION_COOKIE_NAME = "__Host-shodaku" if _SECURE else "shodaku"
SESSION_COOKIE_SECURE = _SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # seconds of idleness
SESSION_SAVE_EVERY_REQUEST = True
CSRF_COOKIE_NAME = "__Host-shodaku-csrf" if _SECURE else "shodaku-csrf"
CSRF_COOKIE_SECURE = _SECURE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "shodaku.console.typed.forged_or_late"
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # token pages say no-referrer themselves (kit.ui.csp.public_page)
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = ["security.W002"]  # frame-ancestors in the CSP says the same

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"lines": {"class": "shodaku.kit.log.LineHandler"}},
    "loggers": {
        "uvicorn": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
        "psycopg.pool": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
        "django": {"handlers": ["lines"], "level": "ERROR", "propagate": False},
        "procrastinate": {"handlers": ["lines"], "level": "WARNING", "propagate": False},
    },
}
