"""Every word of the table by which texts are read (SMS.md section 6), and what people write instead of it."""

from __future__ import annotations

import pytest

from shodaku.optout.domain import Wish, read_letter, read_wish, words_of
from shodaku.policy.domain import rules

WORDS = words_of(rules())
# fmt: off
STOP_FIRST = (
    "stop", "stopall", "unsubscribe", "optout", "オプトアウト", "ストップ", "停止", "ていし", "配信停止",
    "はいしんていし", "配信解除", "配信拒否", "配信不要", "受信拒否", "登録解除", "購読解除", "購読停止",
    "送信停止",
)
STOP = (
    "end", "quit", "cancel", "revoke", "remove", "解除", "かいじょ", "中止", "不要", "拒否", "断り",
    "お断り", "断る", "迷惑", "迷惑メール", "退会", "やめて", "やめろ", "止めて", "止めろ", "とめて",
    "送らないで", "送るな", "いらない", "いりません", "要らない", "要りません", "수신거부", "退订",
    "退訂",
)
HEADS = (
    "please", "pls", "もう", "今後", "以後", "一切", "二度と", "メール", "メルマガ", "メッセージ",
    "ショートメール", "sms", "広告", "宣伝", "案内", "お知らせ", "配信", "配信を", "これ", "この", "の",
    "を", "は", "も",
)
TAILS = (
    "please", "pls", "thanks", "よろしく", "お願いします", "お願いいたします", "お願い致します", "お願い",
    "願います", "くださいませ", "ください", "下さい", "して", "ほしい", "欲しい", "希望", "希望します",
    "します", "したい", "です", "ます", "で", "を", "の", "よ", "ね",
)
WRONG = (
    "人違い", "人ちがい", "別人", "番号違い", "番号が違", "間違い電話", "知らない人", "wrongnumber",
    "wrongperson",
)
STEMS = (
    "停止", "解除", "拒否", "不要", "迷惑", "中止", "やめ", "止め", "断り", "断る", "送らない", "送るな",
    "いらない", "要らない", "退会", "結構です", "수신거부",
)
STEM_TOKENS = (
    "stop", "stopall", "unsubscribe", "optout", "cancel", "quit", "remove",
)
HELP = (
    "help", "info", "ヘルプ", "問い合わせ", "お問い合わせ", "問合せ", "窓口", "連絡先",
)
START = (
    "start", "unstop", "resume", "再開", "配信再開", "登録", "再登録", "配信希望",
)
# fmt: on


@pytest.mark.parametrize("word", [*STOP_FIRST, *STOP])
def test_a_word_for_stopping_alone_or_among_polite_ones_is_a_stop(word):
    alone = {read_wish(form, WORDS) for form in (word, f" {word}。", f"{word}!", word.upper())}
    around = {read_wish(f"{head}{word}{tail}", WORDS) for head in HEADS[2:] for tail in TAILS[3:]}
    english = {read_wish(f"{head} {word}", WORDS) for head in HEADS[:2]}
    assert alone | around | english == {Wish.STOP}


@pytest.mark.parametrize("word", STOP_FIRST)
def test_a_text_that_begins_with_such_a_word_is_a_stop_unless_it_turns_round(word):
    assert read_wish(f"{word} 123 abc", WORDS) is Wish.STOP
    for rest in ("しないで", "しなく", "せず", "not", "don't", "never"):
        assert read_wish(f"{word} {rest}", WORDS) is Wish.HOLD


@pytest.mark.parametrize("word", WRONG)
def test_whoever_says_that_it_is_somebody_else_s_number_is_one(word):
    assert read_wish(f"あの、{word}ですよ", WORDS) is Wish.WRONG_PERSON


@pytest.mark.parametrize("word", [*STEMS, *(f" {token} " for token in STEM_TOKENS if token != "optout")])
def test_what_may_mean_stop_is_held_until_a_human_has_read_it(word):
    assert read_wish(f"先日の件{word}について明日", WORDS) is Wish.HOLD


@pytest.mark.parametrize("word", HELP)
def test_help_comes_before_everything(word):
    assert read_wish(word, WORDS) is Wish.HELP


@pytest.mark.parametrize("word", START)
def test_a_word_for_beginning_is_read(word):
    assert read_wish(word, WORDS) is Wish.START


@pytest.mark.parametrize(
    "text",
    [
        "I want to opt out", "もう連絡してこないでください", "もう送って来ないで",
        "受け取りたくありません", "もう受信したくないです",
        "メールはもう送らなくていいです", "送らなくて結構です", "cease and desist",
        "Delete my email address from your list", "remove my email",
    ],
)  # fmt: skip
def test_what_can_mean_nothing_else_is_a_stop_in_texts_and_letters(text):
    assert {read_wish(text, WORDS), read_letter(text, WORDS)} == {Wish.STOP}


@pytest.mark.parametrize(
    "text",
    [
        "メールを止めてください", "配信停止をお願い申し上げます", "今後のご案内は不要です",
        "購読を中止したい",
        "今後はメールを送らないようお願いします", "送信不要", "メルマガの登録を解除したい",
        "広告メールの配信停止を希望します", "not interested, please unsubscribe", "I'd like to unsubscribe",
    ],
)  # fmt: skip
def test_a_letter_says_it_in_its_own_way(text):
    assert read_letter(text, WORDS) is Wish.STOP


@pytest.mark.parametrize(
    "text",
    [
        "いつもありがとうございます", "注文をキャンセルしてください", "予約をキャンセルしたい",
        "お店の営業時間を教えてください", "メールが届きません", "メールが届かなくなりました",
        "引っ越したので住所を変えたい", "Can you cancel my order", "個人情報を削除してください",
        "まだ受け取りたくてお待ちしています", "在庫はありますか",
    ],
)  # fmt: skip
def test_a_letter_about_something_else_stops_and_holds_nothing(text):
    assert read_letter(text, WORDS) is Wish.UNCLEAR
