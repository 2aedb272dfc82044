"""Which domain our mail comes from, and where telephones of Japan are told to let it in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Carrier:
    """`href`: where the company itself explains how a domain is let in; its steps change."""

    name: str
    name_en: str
    href: str

    def title(self, language: str) -> str:
        return self.name_en if language == "en" else self.name


CARRIERS: Final = (
    Carrier("NTTドコモ", "NTT docomo", "https://www.docomo.ne.jp/info/spam_mail/domain/"),
    Carrier(
        "au・UQ mobile",
        "au, UQ mobile",
        "https://www.au.com/support/service/mobile/trouble/mail/email/filter/detail/domain/",
    ),
    Carrier("ソフトバンク", "SoftBank", "https://www.softbank.jp/mobile/support/mail/antispam/"),
    Carrier("楽天モバイル", "Rakuten Mobile", "https://network.mobile.rakuten.co.jp/faq/"),
)


@dataclass(frozen=True, slots=True)
class Advice:
    """What somebody reads who waits for a mail; `sentence` is "" for who sends from nowhere yet."""

    sentence: str
    carriers: list[dict[str, str]]  # href, text


def advice(from_domain: str, language: str) -> Advice:
    return Advice(hint(from_domain), links(language))


def hint(from_domain: str) -> str:
    """ドメイン指定受信 (JAPAN.md section 5); "" for who sends from nowhere yet."""
    if not from_domain:
        return ""
    return _("If your mailbox filters mail, please let in mail from @%(domain)s.") % {"domain": from_domain}


def links(language: str) -> list[dict[str, str]]:
    return [{"href": carrier.href, "text": carrier.title(language)} for carrier in CARRIERS]
