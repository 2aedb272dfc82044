"""One Japanese word for one thing on every screen (glossary; business Japanese, です・ます)."""

import re

import pytest

from shodaku.kit import messages

# what the glossary avoids, and second spellings of words that have one
AVOIDED = {
    "キャンペーン": "配信",  # means a sale
    "ワークスペース": "利用組織",
    "テナント": "利用組織",
    "メンバー": "担当者",
    "サインイン": "ログイン",
    "セグメント": "しぼり込み",
    "バウンス": "戻ってきたメール",
    "退会": "配信停止",
    "(?<!ソフト)オプト(アウト|イン)": "配信停止, 同意",  # the soft opt-in is what that law is called
    "ブラックリスト|サプレッション": "送信禁止",
    "エビデンス": "同意の証拠",
    "コンタクト|加入者": "連絡先",
    "プログラム用の鍵": "APIキー",
    "締め出": "送信禁止",
    "もど[るりっ]": "戻る",
    "くらべ": "比べる",
    "さが[すし]": "探す",
    "作[るりっれら]": "つくる",
    "わか[るりらっ](?!やす)": "分かる",
    "誰": "だれ",
    "尋ね": "たずねる",
    "頼[むんみ]": "たのむ",
    "申込[みん]": "申し込み",
    "下さい": "ください",
    "出来[るまな]": "できる",
    "全て": "すべて",
    "(?<![なしてる])一つ(?!ひとつ)|二つ|二人|(?<!お)一人": "1つ, 2つ, 2人, 1人",
    "ブラウザ(?!ー)|サーバ(?!ー)|ユーザ(?!ー)|フォルダ(?!ー)": "ブラウザー, サーバー, ユーザー, フォルダー",
    "カンマ": "コンマ",
    "エラーが発生": "what happened, what is unchanged, what to do",
}


def japanese():
    catalogue = messages.read(messages.CATALOGUE)
    return [form for message in messages.messages(catalogue) for form in messages.forms(message)]


@pytest.mark.parametrize("word", AVOIDED)
def test_a_thing_has_one_word_on_every_screen(word):
    assert [sentence for sentence in japanese() if re.search(word, sentence)] == [], AVOIDED[word]


def test_nobody_is_addressed_in_two_styles():
    plain = re.compile(r"(?:だ|である|(?<!まし)(?<!でし)た|ない|する|なる|れる|せる)。")
    assert [sentence for sentence in japanese() if plain.search(sentence)] == []
