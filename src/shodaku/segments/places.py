"""Prefectures of Japan by their code (JIS X 0401), and the eight regions. Pure."""

from __future__ import annotations

from typing import Final

_NAMES: Final = (
    "北海道", "青森県", "岩手県", "宮城県", "秋田県", "山形県", "福島県", "茨城県", "栃木県", "群馬県",
    "埼玉県", "千葉県", "東京都", "神奈川県", "新潟県", "富山県", "石川県", "福井県", "山梨県", "長野県",
    "岐阜県", "静岡県", "愛知県", "三重県", "滋賀県", "京都府", "大阪府", "兵庫県", "奈良県", "和歌山県",
    "鳥取県", "島根県", "岡山県", "広島県", "山口県", "徳島県", "香川県", "愛媛県", "高知県", "福岡県",
    "佐賀県", "長崎県", "熊本県", "大分県", "宮崎県", "鹿児島県", "沖縄県",
)  # fmt: skip
_ROMAN: Final = (
    "Hokkaido", "Aomori", "Iwate", "Miyagi", "Akita", "Yamagata", "Fukushima", "Ibaraki", "Tochigi", "Gunma",
    "Saitama", "Chiba", "Tokyo", "Kanagawa", "Niigata", "Toyama", "Ishikawa", "Fukui", "Yamanashi", "Nagano",
    "Gifu", "Shizuoka", "Aichi", "Mie", "Shiga", "Kyoto", "Osaka", "Hyogo", "Nara", "Wakayama", "Tottori",
    "Shimane", "Okayama", "Hiroshima", "Yamaguchi", "Tokushima", "Kagawa", "Ehime", "Kochi", "Fukuoka",
    "Saga", "Nagasaki", "Kumamoto", "Oita", "Miyazaki", "Kagoshima", "Okinawa",
)  # fmt: skip
PREFECTURES: Final = {f"{code:02d}": name for code, name in enumerate(_NAMES, 1)}
_ENGLISH: Final = {f"{code:02d}": name for code, name in enumerate(_ROMAN, 1)}
# name of the region in Japanese and English, first and last code
_REGIONS: Final = {
    "hokkaido": ("北海道地方", "the Hokkaido region", 1, 1),
    "tohoku": ("東北地方", "the Tohoku region", 2, 7),
    "kanto": ("関東地方", "the Kanto region", 8, 14),
    "chubu": ("中部地方", "the Chubu region", 15, 23),
    "kinki": ("近畿地方", "the Kinki region", 24, 30),
    "chugoku": ("中国地方", "the Chugoku region", 31, 35),
    "shikoku": ("四国地方", "the Shikoku region", 36, 39),
    "kyushu": ("九州・沖縄地方", "Kyushu and Okinawa", 40, 47),
}
PLACES: Final = (*_REGIONS, *PREFECTURES)  # what a condition may name


def codes_of(place: str) -> tuple[str, ...]:
    """A prefecture's own code, or those of a region."""
    if place in PREFECTURES:
        return (place,)
    _, _, first, last = _REGIONS[place]
    return tuple(f"{code:02d}" for code in range(first, last + 1))


def spellings_of(place: str) -> list[str]:
    """東京都 and 東京: people write a prefecture with or without its last letter; 北海道 has no other."""
    full = names_of(place)
    return sorted({*full, *(name[:-1] for name in full if name != PREFECTURES["01"]), *_roman_of(place)})


def names_of(place: str) -> list[str]:
    return [PREFECTURES[code] for code in codes_of(place)]


def _roman_of(place: str) -> list[str]:
    return [_ENGLISH[code] for code in codes_of(place)]


def place_in_words(place: str) -> tuple[str, str]:
    """In Japanese and in English."""
    if place in PREFECTURES:
        return PREFECTURES[place], _ENGLISH[place]
    ja, en, _, _ = _REGIONS[place]
    return ja, en
