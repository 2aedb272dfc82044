"""Every sentence has its Japanese, and a catalogue with a fault is noticed."""

import gettext
import io

import pytest
from babel.messages.catalog import Catalog

from shodaku.kit import messages


def catalogue(*entries, fuzzy=()):
    result = Catalog(locale="ja", domain="django")
    for msgid, msgstr in entries:
        result.add(msgid, msgstr, flags=["fuzzy"] if msgid in fuzzy else [])
    return result


def found(*entries, **more):
    return [finding.what for finding in messages.faults(catalogue(*entries, **more))]


@pytest.fixture
def house(tmp_path, monkeypatch):
    monkeypatch.setattr(messages, "HOUSE", tmp_path)
    monkeypatch.setattr(messages, "CATALOGUE", tmp_path / "locale" / "django.po")
    (tmp_path / "page.html").write_text('{% load i18n %}{% trans "Stop (now)" %}', encoding="utf-8")
    return tmp_path


def other(house, *entries):
    file = house / "other.po"
    file.write_bytes(messages.written(catalogue(*entries)))
    return str(file)


def test_sentences_are_found_in_every_kind_of_call(tmp_path):
    (tmp_path / "page.html").write_text(
        '{% trans "A" %}{% trans "B" context "c" %}{{ _("C") }}{% trans "D" as d %}'
        "{% blocktrans trimmed with n=x|num %}\nE {{ n }}\n{% endblocktrans %}"
        "{% blocktrans count n=x %}F {{ n }}{% plural %}Fs {{ n }}{% endblocktrans %}"
        '<a title="{% trans \'G "quoted" (x)\' %}">{# {% trans "never" %} #}',
        encoding="utf-8",
    )
    (tmp_path / "mail.txt").write_text('{% trans "H" %}', encoding="utf-8")
    (tmp_path / "views.py").write_text(
        'a = _("I")\nb = gettext_lazy(\n    "J "\n    "K"\n)\n'
        'c = ngettext("L", "Ls", n)\nd = pgettext("c", "M")\n',
        encoding="utf-8",
    )
    keys = {messages.key(message) for message in messages.messages(messages.used(tmp_path))}
    assert keys == {
        *(
            (None, each)
            for each in ("A", "C", "D", "E %(n)s", "F %(n)s", 'G "quoted" (x)', "H", "I", "J K", "L")
        ),
        ("c", "B"),
        ("c", "M"),
    }


def test_extract_takes_the_first_translation_and_forgets_what_nobody_asks_for(house):
    file = other(house, ("Stop (now)", "停止する"), ("Gone", "もうない"))
    assert messages.main(["extract", file]) == messages.Exit.FINE
    text = messages.CATALOGUE.read_text(encoding="utf-8")
    assert 'msgid "Stop (now)"\nmsgstr "停止する"' in text
    assert "Gone" not in text


def test_extract_keeps_what_is_translated_and_says_who_disagrees(house, capsys):
    messages.main(["extract", other(house, ("Stop (now)", "停止する"))])
    capsys.readouterr()
    messages.main(["extract", other(house, ("Stop (now)", "止める"))])
    assert "停止する" in messages.CATALOGUE.read_text(encoding="utf-8")
    assert "kept '停止する', not '止める'" in capsys.readouterr().out


def test_extracting_twice_changes_no_byte(house):
    messages.main(["extract", other(house, ("Stop (now)", "停止する"))])
    before = messages.CATALOGUE.read_bytes()
    messages.main(["extract"])
    assert messages.CATALOGUE.read_bytes() == before


def test_the_check_passes_when_everything_is_translated(house):
    messages.main(["extract", other(house, ("Stop (now)", "停止する"))])
    assert messages.main(["check"]) == messages.Exit.FINE


def test_the_check_names_a_sentence_without_japanese(house, capsys):
    messages.main(["extract"])
    assert messages.main(["check"]) == messages.Exit.FOUND
    assert "untranslated: Stop (now)" in capsys.readouterr().out


def test_the_check_names_japanese_that_nobody_asks_for(house, capsys):
    messages.main(["extract", other(house, ("Stop (now)", "停止する"))])
    (house / "page.html").unlink()
    assert messages.main(["check"]) == messages.Exit.FOUND
    assert "unused: Stop (now)" in capsys.readouterr().out


def test_the_check_sees_that_the_compiled_file_is_older_than_the_sentences(house, capsys):
    messages.main(["extract", other(house, ("Stop (now)", "停止する"))])
    po = messages.CATALOGUE
    po.write_text(po.read_text(encoding="utf-8").replace("停止する", "止める"), encoding="utf-8")
    assert messages.main(["check"]) == messages.Exit.FOUND
    assert "stale: django.mo" in capsys.readouterr().out
    messages.main(["compile"])
    assert messages.main(["check"]) == messages.Exit.FINE


def test_an_unknown_command_is_wrong_use(capsys):
    assert messages.main(["translate"]) == messages.Exit.WRONG_USE
    assert "extract" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("Counted at %(t)s", "集計済み"),
        ("Counted at %(t)s", "%(s)sに集計"),
        ("Moved to place {n}.", "{m}番目に移しました。"),
        ("<b>Stop</b>", "<b>停止"),
        (("%(n)s item", "%(n)s items"), ("件",)),
    ],
)
def test_a_figure_lost_in_translation_is_noticed(english, japanese):
    assert found((english, japanese)) == ["broken placeholder"]


@pytest.mark.parametrize(
    "japanese", ["停止(今すぐ)", "停止しますか?", "種類:メール", "停止、今すぐ.", "はい!"]
)
def test_half_width_punctuation_beside_kana_or_kanji_is_noticed(japanese):
    assert found(("x", japanese)) == ["half-width punctuation"]


@pytest.mark.parametrize(
    ("english", "japanese"),
    [
        ("%(n)s people", "%(n)s人（全員）"),
        ("{n} people", "{n}人"),
        ("8,412 people (RFC 8058)", "8,412人（RFC 8058）"),
        ("<b>2</b> coupons", "クーポン<b>2</b>枚"),
    ],
)
def test_figures_and_latin_stay_half_width(english, japanese):
    assert found((english, japanese)) == []


def test_a_doubtful_translation_is_noticed_and_not_compiled():
    doubtful = catalogue(("Stop", "停止"), fuzzy=["Stop"])
    assert [finding.what for finding in messages.faults(doubtful)] == ["fuzzy"]
    assert gettext.GNUTranslations(io.BytesIO(messages.compiled(doubtful))).gettext("Stop") == "Stop"


def test_the_compiled_file_is_read_by_gettext():
    sentences = catalogue(("Stop", "停止"), (("%(n)s item", "%(n)s items"), ("%(n)s件",)))
    sentences.add("Stop", "停留所", context="bus")
    read = gettext.GNUTranslations(io.BytesIO(messages.compiled(sentences)))
    assert read.gettext("Stop") == "停止"
    assert read.pgettext("bus", "Stop") == "停留所"
    assert read.ngettext("%(n)s item", "%(n)s items", 5) == "%(n)s件"
