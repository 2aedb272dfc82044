"""Write docs/law/matrix.md, and what a page of the console shows of it: article -> rule -> function -> test.

Read from the code, so that it claims nothing that is not there. `python -m shodaku.config.law_matrix` writes
both; with `check` it exits 1 when one of them is stale. Run it from the root of the repository.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from shodaku.policy.explanations import explanations
from shodaku.policy.rules import rules

TARGET: Final = Path("docs/law/matrix.md")
PAGE: Final = Path("src/shodaku/policy/law/coverage.json")
SOURCES: Final = Path("src/shodaku")
TESTS: Final = Path("tests")
SHOWN_MAX: Final = 3  # tests named for one answer; more are counted
# tables that hold every answer say nothing about where one is decided
TABLES: Final = frozenset({"policy/reasons.py"})
ENUMS: Final = frozenset({"Reason", "RowReason"})


@dataclass(frozen=True, slots=True)
class Duty:
    """What no answer of the gate shows: duties about forms, opting out, records and erasure."""

    rule: str
    article: str
    duty: str
    duty_ja: str
    function: str  # room/module.py:name
    test: str  # path below tests/


DUTIES: Final = (
    Duty(
        "SE-08",
        "特定電子メール法3条2項, 施行規則4条",
        "A record that proves the consent, with its time and wording",
        "同意を証明する記録を、時刻と文面とともに残す",
        "signup/services.py:request_signup",
        "ledger/test_services.py",
    ),
    Duty(
        "SE-10",
        "特定電子メール法3条3項本文, 施行規則5条",
        "A refusal is obeyed, by whichever way it came",
        "どの経路で届いた拒否にも従う",
        "optout/stopping.py:opt_out",
        "laws/test_opt_out_is_immediate.py",
    ),
    Duty(
        "PR-01",
        "RFC 8058 s3.1, s4",
        "One click of the mail program stops, without cookie, sign-in or redirect",
        "メールソフトのワンクリックで、Cookie・ログイン・転送なしに停止する",
        "optout/views.py:OptOutView",
        "optout/test_views.py",
    ),
    Duty(
        "SE-23",
        "特定電子メールの送信等に関するガイドライン (デフォルトオフ推奨)",
        "Silence and ticked boxes are no consent",
        "沈黙と、はじめから付いたチェックは同意ではない",
        "signup/forms.py:SignupForm",
        "laws/test_silence_is_not_consent.py",
    ),
    Duty(
        "SE-04",
        "特定電子メール法施行規則2条1項",
        "At most one mail that asks for the consent",
        "同意をお願いするメールは1通まで",
        "signup/services.py:request_signup",
        "laws/test_a_stranger_gets_one_confirmation_mail_a_day.py",
    ),
    Duty(
        "TS-04",
        "特定商取引法12条の3第2項",
        "Nothing but a fresh consent of the person lifts a refusal",
        "拒否を解くのは、本人の新しい同意だけ",
        "suppression/domain.py:in_force",
        "laws/test_erased_people_are_never_contacted.py",
    ),
    Duty(
        "PP-05",
        "Shodaku PP-05",
        "No list brings a refusing or erased person back",
        "拒否した人と消去した人は、どの一覧を取り込んでも戻らない",
        "imports/domain.py:judge",
        "laws/test_erased_people_are_never_contacted.py",
    ),
    Duty(
        "PI-04",
        "個人情報保護法22条",
        "What is no longer needed is deleted; what is known of one person can be made unreadable",
        "不要になったものは消し、1人についての記録を読めなくできる",
        "erasure/services.py:forget",
        "laws/test_erased_people_are_never_contacted.py",
    ),
    Duty(
        "PI-04",
        "個人情報保護法22条",
        "Who never confirmed, and who is needed for nothing any more, is forgotten by the clock",
        "確認しなかった人と、もう必要のない人は、期日に消える",
        "erasure/lapsing.py:forget_strangers",
        "erasure/test_lapsing.py",
    ),
    Duty(
        "PP-01",
        "Shodaku PP-01",
        "A welcome within 24 hours, a first issue within 7 days, or somebody is told",
        "24時間以内に登録完了のメール、7日以内に初回。遅れれば知らせる",
        "journeys/services.py:note_welcomes",
        "journeys/test_late.py",
    ),
    Duty(
        "PP-02",
        "Shodaku PP-02",
        "After 12 months of silence one question, no advertising, and without an answer the consent ends",
        "12か月何も送らなければ、広告ではなく1度だけたずね、返事がなければ同意は終わる",
        "journeys/reconfirming.py:ask_silent",
        "journeys/test_reconfirming.py",
    ),
    Duty(
        "SE-09",
        "特定電子メール法施行規則4条2項, 特定商取引法施行規則30条2項",
        "Evidence is kept as long as it must be, even of erased people, and not a day longer",
        "証拠は、消去した人についても必要な期間だけ保管し、1日も延ばさない",
        "policy/retention.py:keep_until",
        "erasure/test_sealing.py",
    ),
    Duty(
        "PI-09",
        "個人情報保護法33条",
        "Who asks gets everything kept about them, for a machine to read",
        "求めた人に、持っている記録のすべてを機械で読める形で渡す",
        "complaints/services.py:disclose",
        "complaints/test_services.py",
    ),
    Duty(
        "PI-06",
        "個人情報保護法26条",
        "A leak is reported, and until when",
        "漏えいを、定められた期限までに報告する",
        "policy/breach.py:duties",
        "policy/test_breach.py",
    ),
)

Places = Mapping[str, list[str]]  # answer -> where


def matrix() -> str:
    decided, tested = _places(SOURCES), _places(TESTS)
    parts = [_HEAD, *_duties()]
    for rule, stated in rules().items():
        rows = [
            _row(reason.name, decided, tested)
            for reason, told in explanations().items()
            if rule in told.rules and reason.name in decided
        ]
        if rows:
            parts.append(f"### {rule} · {' · '.join(stated.articles)}\n\n{_TABLE}" + "".join(rows))
    return "\n".join(parts)


def page() -> str:
    """The same for a program that has neither its tests nor its sources beside it."""
    decided, tested = _places(SOURCES), _places(TESTS)
    answers = {
        reason.name: {"where": decided[reason.name], "tests": tested.get(reason.name, [])}
        for reason in explanations()
        if reason.name in decided
    }
    duties = [
        {"rule": duty.rule, "en": duty.duty, "ja": duty.duty_ja, "where": duty.function, "test": duty.test}
        for duty in DUTIES
    ]
    return json.dumps({"answers": answers, "duties": duties}, ensure_ascii=False, indent=1) + "\n"


def undone() -> list[str]:
    """Duties that name a function or a test that is not there."""
    return [
        f"{duty.rule}: {place}"
        for duty in DUTIES
        for place, there in (
            (duty.function, _defined(duty.function)),
            (duty.test, (TESTS / duty.test).is_file()),
        )
        if not there
    ]


def _row(answer: str, decided: Places, tested: Places) -> str:
    told = next(told for reason, told in explanations().items() if reason.name == answer)
    where = "<br>".join(f"`{place}`" for place in decided[answer])
    tests = tested.get(answer, [])
    shown = [f"`{test}`" for test in tests[:SHOWN_MAX]]
    if len(tests) > SHOWN_MAX:
        shown.append(f"and {len(tests) - SHOWN_MAX} more")
    return f"| `{answer}`<br>{told.ja}<br>{told.en} | {where} | {'<br>'.join(shown) or 'none yet'} |\n"


def _duties() -> Iterator[str]:
    yield "## Duties beside the gate\n\n| rule, article | duty | function | test |\n|---|---|---|---|"
    for duty in DUTIES:
        yield f"| {duty.rule} · {duty.article} | {duty.duty} | `{duty.function}` | `{duty.test}` |"
    yield "\n## Answers of the gate and of imports\n"


def _places(root: Path) -> Places:
    """Where each answer is named: file:function, or the file alone for a table."""
    found: dict[str, list[str]] = defaultdict(list)
    for file in sorted(root.rglob("*.py")):
        name = file.relative_to(root).as_posix()
        if name in TABLES:
            continue
        for answer, function in _named(ast.parse(file.read_text(encoding="utf-8")), ""):
            place = f"{name}:{function}" if function else name
            if place not in found[answer]:
                found[answer].append(place)
    return found


def _named(node: ast.AST, function: str) -> Iterator[tuple[str, str]]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield from _named(child, function or name)
            case ast.Attribute(value=ast.Name(id=enum), attr=answer) if enum in ENUMS:
                yield answer, function
            case _:
                yield from _named(child, function)


def _defined(place: str) -> bool:
    file, _, name = place.partition(":")
    path = SOURCES / file
    return path.is_file() and any(
        name == (each.asname or each.name) if isinstance(each, ast.alias) else name == each.name
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.FunctionDef | ast.ClassDef | ast.alias)
    )


_HEAD: Final = """# Law matrix

Article → rule → function → test, for what exists. Not legal advice: it tells a lawyer where to look.
Written by `python -m shodaku.config.law_matrix` from the code and its tests; do not edit. Functions are below
`src/shodaku/`, tests below `tests/`. An answer without a test says so. Articles of the law as of 2025-06-01;
rules PP-.. are this product's own, stricter than any article.
"""
_TABLE: Final = "| answer | decided in | tested in |\n|---|---|---|\n"


def main() -> int:
    if faults := undone():
        sys.stderr.write("\n".join(faults) + "\n")
        return 1
    written = {TARGET: matrix(), PAGE: page()}
    if sys.argv[1:] == ["check"]:
        return int(any(file.read_text(encoding="utf-8") != text for file, text in written.items()))
    for file, text in written.items():
        file.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
