"""Sentences with which a short letter refuses, and those that look like one. Pure; read on the joined text.

A word such as 拒否 or “cancel” is no order alone: what is refused, and that it is asked for, stand beside it.
"""

from __future__ import annotations

import re
from typing import Final

from shodaku.optout.folding import fold

_MAILS: Final = (
    "(?:配信|受信|購読|送信|送付|メールマガジン|メルマガ|メール|ニュースレター|ニュース|お知らせ|案内"
    "|広告|宣伝|勧誘|dm|ダイレクトメール)"
)
_LISTED: Final = (
    "(?:登録|アドレス|アカウント|会員|配信先|送信先|リスト|名簿|配信|購読|メールマガジン|メルマガ)"
)
_ASKED: Final = (
    "(?:(?:の|を)?(?:手続き?)?(?:を|の)?(?:ほど|程)?(?:お|ご)?(?:願|希望(?!しな|しま?せ)|依頼|頼み|頼む|申請|申し)"
    "|し(?:ます|たい(?!わけ|訳)|たく(?!な|あり)|て(?:くだ|下さ|ほし|欲し|いただ|頂|もら|くれ))"
    "|(?:いたし|致し)(?:ます|たい|たく(?!な|あり))|させて(?:くだ|下さ|いただ|頂)|です|で(?:す|お願)|くだ|下さ|$)"
)
_NOT_MEANT: Final = "(?!.{0,3}(?:つもり|わけ|訳|気|予定|こと))"
_FROM_YOU: Final = (
    "(?:mail|message|newsletter|text|sms|advert|ads|marketing|promotion|communication|offers|fromyou|anymore"
    "|anylonger)"
)
_OF_LIST: Final = (
    "(?:(?:my|the|this|our)(?:e?mail|newsletter)?(?:subscription|consent|permission|registration)"
    "|(?:my|the|this|these|your|all)?(?:e?mails|newsletters?))"
)


def _folded(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(fold(pattern) for pattern in patterns))


_REFUSALS: Final = _folded(
    rf"{_MAILS}(?:の(?:受信|配信|送信|送付|購読))?[をはも]?(?:今後|一切|全て|すべて)*お?(?:拒否|断り|中止|解除){_ASKED}",
    rf"{_MAILS}[をはも]?お断りし",
    rf"{_MAILS}(?:の(?:受信|配信|送信|送付|購読))?[をはも]?(?:今後|一切|もう|全て|すべて)*(?:希望|望み?)"
    r"(?:し|いたし|致し)?(?:ません|ない(?!わけ|訳)|ておりません|てい?ない|てい?ません)",
    rf"(?:購読|配信|受信|登録|メールマガジン|メルマガ|会員)[をはも]?(?:やめ|止め|辞め)(?:ます|たい|る|させて){_NOT_MEANT}",
    r"送って(?:こ|来)(?:ないで|なくて|るな)|送ってくるな|送付しないで|送って(?:ほしく|欲しく)な|(?:よこ|寄こ|寄越)さないで",
    r"(?:リスト|名簿|配信先|送信先|宛先)(?:から|より)(?:私|わたし|当方|当社|弊社|こちら|メール|アドレス|名前|[をのもは])*"
    rf"(?:外し(?:て|た)|はずし(?:て|た)|除いて|消して|抜いて|(?:除外|削除|抹消){_ASKED})",
    rf"(?:dont|donot|nolonger|didnt|never)(?:want|wish|care)(?:ed)?(?:to)?"
    rf"(?:receive|receiving|get|getting|hearfrom|be(?:contacted|e?mailed)).{{0,25}}?{_FROM_YOU}",
    r"nolonger(?:want|wish|wishing|care)(?:to)?(?:receive|receiving|get|hear|be(?:contacted|e?mailed|subscribed|onyour))",
    rf"(?<!dont)(?<!donot)(?<!notto)(?<!never)(?:cancel|end|quit|revoke|withdraw){_OF_LIST}",
    r"(?<!dont)(?<!donot)(?<!notto)(?<!never)(?:remove|delete|take)(?:my|this|our|the)"
    r"(?:name|e?mail|e?mailaddress|address)(?:from|off)",
    r"(?<!不要)(?<!别)(?<!別)(?<!没有)(?<!沒有)取消[订訂][阅閱]|不要再[发發]|구독(?:을)?(?:취소|해지)|수신을?거부",
)
# These may be said of what was ordered as well.
_ENDINGS: Final = _folded(
    rf"{_LISTED}(?:情報|アドレス|メールアドレス)?[をはの]?(?:削除|抹消|消去|解除|取り?消し?){_ASKED}",
    rf"(?:{_LISTED}[をはの]?)?解約{_ASKED}",
)
# “I refuse nothing”, and what else is said of going on.
_OPPOSITES: Final = _folded(
    r"(?:拒否|解約|退会|抹消|削除)(?:を|は)?(?:し(?:ない(?!と|訳|わけ)|ません|たく(?:な|あり)|なく|て(?:い|お)?(?:ない|ません|りません)"
    r"|た(?:覚え|つもり|おぼえ))|する(?:つもり|予定|気)は?(?:な|あり)|せず)",
    r"(?:停止|解除|中止|やめ|止め)し?たく(?:な|あり)",
    r"(?:停止|解除|退会|解約|中止|削除|抹消|拒否|ストップ)しないで(?:くだ|下さ|ほし|欲し|お願|ね|$)",
    r"(?:やめ|止め)(?:る(?:つもり|予定|気)は?(?:な|あり)|ないで)",
    r"(?:please|pls|^)(?:dont|donot)(?:stop|unsubscribe|cancel)(?:sending|meup|me|mysubscription)?",
    r"(?:不要|别|別|没有|沒有)取消[订訂][阅閱]",
    r"(?:dont|donot|wouldnt|never|notto)(?:want|wish|need|like)(?:you)?to(?:stop|unsubscribe|cancel|miss)",
)
# Of what was ordered, not of what is mailed; and what is said out of politeness.
_ORDERS: Final = _folded(
    r"返品|返金|交換|注文|予約|領収書|請求書|納品書|定期便|定期購入|カード|保険|契約|配送|配達|梱包|包装",
    r"myorder|refund|booking|reservation|invoice",
)
_POLITE: Final = _folded(r"(?:ご|御)?迷惑(?:を)?(?:お|御)?(?:かけ|掛け)")


def refuses(whole: str) -> bool:
    """A short letter asks for no more mail, or to end what it does not say is an order."""
    return bool(_REFUSALS.search(whole) or (_ENDINGS.search(whole) and not _ORDERS.search(whole)))


def goes_on(whole: str) -> bool:
    return bool(_OPPOSITES.search(whole))


def without_opposites(whole: str) -> str:
    return _OPPOSITES.sub("", whole)


def about_orders(whole: str) -> bool:
    return bool(_ORDERS.search(whole))


def without_politeness(whole: str) -> str:
    """ご迷惑をおかけします is no complaint."""
    return _POLITE.sub("", whole)
