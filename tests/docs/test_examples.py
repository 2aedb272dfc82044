"""Documentation cannot lie: the real parser reads its commands, its links lead somewhere, it has twins."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest
from tests.architecture.test_tables import VAULT

from shodaku.config import cli, law_matrix
from shodaku.kit.keys import KeyPurpose

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
TOP = [
    ROOT / name for name in ("README.md", "README.ja.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
]
PAGES = [*TOP, ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]

BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#+) (.+)$", re.MULTILINE)
SETTING = re.compile(r"\bSHODAKU_[A-Z_]+\b")
OPTION = re.compile(r"`(--[a-z-]+)")
ASSIGNMENT = re.compile(r"[A-Z_]+=\S*")
SHELL = {"|", ">", "<", "&&", ";"}


def name_of(page):
    return str(page.relative_to(ROOT))


def prose(page):
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def commands(page, program):
    """The words after `program` in each line of a console block that a reader would type."""
    for language, block in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language != "console":
            continue
        for line in re.sub(r"\\\n\s*", "", block).splitlines():
            words = shlex.split(line[2:], comments=True) if line.startswith("$ ") else []
            while words and ASSIGNMENT.fullmatch(words[0]):
                words = words[1:]
            if words[:1] == [program]:
                end = next((at for at, word in enumerate(words) if word in SHELL), len(words))
                yield words[1:end]


def parser_of(command):
    parser = argparse.ArgumentParser(prog=f"shodaku {command}")
    cli._module(command).define(parser)
    return parser


def options_of(parser):
    for action in parser._actions:
        yield from (option for option in action.option_strings if option.startswith("--"))
        if isinstance(action, argparse._SubParsersAction):
            for sub in action.choices.values():
                yield from options_of(sub)


SHODAKU_LINES = [(name_of(page), words) for page in PAGES for words in commands(page, "shodaku")]
MAKE_LINES = [(name_of(page), words) for page in PAGES for words in commands(page, "make")]


@pytest.mark.parametrize(
    "words", [pytest.param(words, id=f"{page}: {' '.join(words)}") for page, words in SHODAKU_LINES]
)
def test_a_documented_command_is_understood(words, capsys):
    assert words[0] in cli.COMMANDS
    assert exit_status(parser_of(words[0]), words[1:]) == 0, capsys.readouterr().err


def exit_status(parser, words):
    """Of parsing alone; `--help` ends with 0 as well."""
    try:
        parser.parse_args(words)
    except SystemExit as end:
        return end.code or 0
    return 0


def test_there_are_examples():
    assert len(SHODAKU_LINES) > 20
    assert len(MAKE_LINES) > 5


def test_a_documented_target_stands_in_the_makefile():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    missing = [(page, words[0]) for page, words in MAKE_LINES if words and words[0] not in targets]
    assert missing == []


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_reference_of_commands_is_whole(language):
    text = (DOCS / language / "reference/command-line.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^## shodaku ([\w-]+)\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL))
    assert list(told) == list(cli.COMMANDS)
    for command, section in told.items():
        real = set(options_of(parser_of(command))) - {"-h", "--help"}
        assert set(OPTION.findall(section)) == real, command


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_reference_of_settings_is_whole(language):
    text = (DOCS / language / "reference/environment.md").read_text(encoding="utf-8")
    read = {
        name
        for file in (ROOT / "src/shodaku").rglob("*.py")
        for name in re.findall(r"[\"'](SHODAKU_[A-Z_]+)[\"']", file.read_text(encoding="utf-8"))
    }
    assert set(SETTING.findall(text)) == read
    assert {purpose.value for purpose in KeyPurpose} <= set(re.findall(r"`([a-z]+)`", text))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    dead = [link for link in LINK.findall(prose(page)) if not leads_somewhere(page, link)]
    assert dead == []


def leads_somewhere(page, link):
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists():
        return False
    return not anchor or anchor in {anchor_of(title) for _, title in HEADING.findall(prose(target))}


def anchor_of(title):
    """As code hosts make it: lower case, punctuation gone, spaces to hyphens."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def test_no_page_leads_out_of_the_repository():
    outside = [name_of(page) for page in PAGES if re.search(r"\]\(https?:", prose(page))]
    assert outside == []


def test_each_page_has_its_twin():
    pages = {
        language: {page.relative_to(DOCS / language) for page in (DOCS / language).rglob("*.md")}
        for language in ("en", "ja")
    }
    assert pages["en"]
    assert pages["en"] == pages["ja"]


@pytest.mark.parametrize(
    ("english", "japanese"),
    [(ROOT / "README.md", ROOT / "README.ja.md")]
    + [(page, DOCS / "ja" / page.relative_to(DOCS / "en")) for page in sorted((DOCS / "en").rglob("*.md"))],
    ids=lambda page: name_of(page) if isinstance(page, Path) else None,
)
def test_twins_have_the_same_shape_and_the_same_examples(english, japanese):
    assert levels(english) == levels(japanese)
    assert list(examples(english)) == list(examples(japanese))


def levels(page):
    return [len(marks) for marks, _ in HEADING.findall(prose(page))]


def examples(page):
    """Commands with their options; names and words that a reader puts in may be Japanese."""
    for program in ("shodaku", "make"):
        for words in commands(page, program):
            yield [word for word in words if word.isascii() and " " not in word and word.islower()]


def test_the_law_matrix_is_what_the_code_says(monkeypatch):
    """If this fails: .venv/bin/python -m shodaku.config.law_matrix"""
    monkeypatch.chdir(ROOT)
    assert law_matrix.undone() == []
    assert law_matrix.TARGET.read_text(encoding="utf-8") == law_matrix.matrix()


def test_files_named_by_the_architecture_are_there():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    changes = re.search(r"^## I want to change.*?(?=^## )", text, re.MULTILINE | re.DOTALL)[0]
    named = [path for path in re.findall(r"`([a-z_0-9]+/[\w/.]+)`", changes) if path != "assets/"]
    assert len(named) > 20
    assert [path for path in named if not (ROOT / "src/shodaku" / path).exists()] == []
    assert (ROOT / "assets").is_dir()


def test_rooms_and_tables_of_the_architecture_are_those_of_the_house():
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z, ]+) \| [^|]+ \| ([^|]+) \|$", text, re.MULTILINE)
    told = {room for rooms, _ in rows for room in rooms.split(", ")} - {"room"}
    house = ROOT / "src/shodaku"
    assert told == {path.parent.name for path in house.glob("*/__init__.py")}
    tables = {
        table
        for file in house.glob("*/migrations/*.sql")
        for table in re.findall(r"^create table (\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = {word for _, cell in rows for word in re.findall(r"[a-z_]+", cell)} - {"vault", "tables"}
    assert named == tables | {"staff", *VAULT}
