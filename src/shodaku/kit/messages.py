"""Japanese for every English sentence: `python -m shodaku.kit.messages extract|check|compile`.

One catalogue for the whole package, with Babel alone: no GNU tools. `extract` also takes translations from
other .po files that are named after it. A development tool: the running product reads the compiled file only.
"""

from __future__ import annotations

import io
import re
import struct
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract as babel_extract
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

import shodaku

HOUSE = Path(shodaku.__file__).parent
CATALOGUE = HOUSE / "locale" / "ja" / "LC_MESSAGES" / "django.po"

# without dates and names of tools, so that only sentences change the file
HEADER = """\
# Japanese for Shodaku. Edited by hand; python -m shodaku.kit.messages extract brings new msgids.
msgid ""
msgstr ""
"Language: ja\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
MO_HEADER = "Language: ja\nPlural-Forms: nplurals=1; plural=0;\nContent-Type: text/plain; charset=utf-8\n"
MO_MAGIC = 0x950412DE

CALL = re.compile(r"""\b(?:_|n?gettext|n?pgettext)\((?:[^()"']|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')*\)""")
_ONE, _WITH_CONTEXT, _MANY = None, ((1, "c"), 2), (1, 2)
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "gettext_lazy", "gettext_noop"), _ONE),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _WITH_CONTEXT),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _MANY),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
_LETTER = r"\u3005-\u30ff\u4e00-\u9fff"  # kana and kanji, with their own brackets
HALF_WIDTH = re.compile(rf"[{_LETTER}][(),.:;?!|]|[(),.:;?!|][{_LETTER}]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|</?[a-z]+")

Key = tuple[str | None, str]


class Exit(IntEnum):
    FINE = 0
    FOUND = 1
    WRONG_USE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    msgid: str


def main(arguments: Sequence[str]) -> int:
    match list(arguments):
        case ["extract", *others]:
            return _extract([Path(name) for name in others])
        case ["check"]:
            return _check()
        case ["compile"]:
            return _compile()
        case _:
            sys.stderr.write("python -m shodaku.kit.messages extract [OTHER.po ...] | check | compile\n")
            return Exit.WRONG_USE


def _extract(others: Sequence[Path]) -> int:
    found = used(HOUSE)
    for line in adopt(found, [read(CATALOGUE), *map(read, others)]):
        _say(line)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_bytes(written(found))
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(found))
    open_ = sum(1 for message in messages(found) if not any(forms(message)))
    _say(f"{len(found)} messages, {open_} without Japanese")
    return Exit.FINE


def _check() -> int:
    known = read(CATALOGUE)
    findings = [*differences(used(HOUSE), known), *faults(known)]
    mo = CATALOGUE.with_suffix(".mo")
    if not mo.exists() or mo.read_bytes() != compiled(known):
        findings.append(Finding("stale", mo.name))
    for finding in findings:
        _say(f"{finding.what}: {finding.msgid}")
    return Exit.FOUND if findings else Exit.FINE


def _compile() -> int:
    CATALOGUE.with_suffix(".mo").write_bytes(compiled(read(CATALOGUE)))
    return Exit.FINE


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def used(folder: Path) -> Catalog:
    """Every sentence that the templates and the Python files below a folder ask for."""
    catalogue = Catalog(locale="ja", domain="django")
    for file in sorted(path for pattern in ("*.html", "*.txt", "*.py") for path in folder.rglob(pattern)):
        for msgid, context in _calls(file):
            catalogue.add(msgid, context=context)
    return catalogue


def _calls(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    source = file.read_text(encoding="utf-8")
    if file.suffix != ".py":
        # templatize() leaves the calls and blanks out everything else, but not to valid Python
        source = "\n".join(match.group(0) for match in CALL.finditer(templatize(source)))
    for _line, msgid, _comments, context in babel_extract("python", io.BytesIO(source.encode()), KEYWORDS):
        yield msgid, context


def adopt(catalogue: Catalog, sources: Iterable[Catalog]) -> Iterator[str]:
    """Give every message the first translation that a source has; a line for each that disagrees."""
    known: dict[Key, Message] = {}
    for message in (message for source in sources for message in messages(source) if any(forms(message))):
        first = known.setdefault(key(message), message)
        if forms(first) != forms(message):
            yield f"kept {forms(first)[0]!r}, not {forms(message)[0]!r}: {key(message)[1]!r}"
    for message in messages(catalogue):
        if key(message) in known:
            _take(message, known[key(message)])


def _take(message: Message, other: Message) -> None:
    translation = forms(other)
    message.string = translation[:1] if message.pluralizable else translation[0]
    if "fuzzy" in other.flags:
        message.flags.add("fuzzy")


def differences(wanted: Catalog, known: Catalog) -> Iterator[Finding]:
    """What the sources ask for and the catalogue lacks, and the other way round."""
    have: Mapping[Key, Message] = {key(message): message for message in messages(known)}
    asked = {key(message) for message in messages(wanted)}
    for each in sorted(asked, key=str):
        if each not in have or not any(forms(have[each])):
            yield Finding("untranslated", each[1])
    for each in sorted(have.keys() - asked, key=str):
        yield Finding("unused", each[1])


def faults(catalogue: Catalog) -> Iterator[Finding]:
    """What is wrong with the Japanese itself."""
    for message in messages(catalogue):
        msgid = key(message)[1]
        if "fuzzy" in message.flags:
            yield Finding("fuzzy", msgid)
        for japanese in filter(None, forms(message)):
            if sorted(PLACEHOLDER.findall(japanese)) != sorted(PLACEHOLDER.findall(_longest(message))):
                yield Finding("broken placeholder", msgid)
            if HALF_WIDTH.search(PLACEHOLDER.sub("", japanese)):
                yield Finding("half-width punctuation", msgid)


def _longest(message: Message) -> str:
    """The plural: the singular may leave its figure out."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def messages(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def key(message: Message) -> Key:
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def read(file: Path) -> Catalog:
    if not file.exists():
        return Catalog(locale="ja", domain="django")
    with file.open("rb") as source:
        return read_po(source, locale="ja", abort_invalid=True)


def written(catalogue: Catalog) -> bytes:
    """The .po file: sorted, no line numbers, so that two changes rarely meet."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, sort_output=True, omit_header=True, no_location=True)
    return HEADER.encode() + body.getvalue()


def compiled(catalogue: Catalog) -> bytes:
    """The .mo file, the same bytes whoever compiles. Format: GNU gettext manual, chapter on MO files."""
    pairs = sorted(
        [(b"", MO_HEADER.encode())]
        + [_pair(message) for message in messages(catalogue) if any(forms(message)) and not message.fuzzy]
    )
    start = 7 * 4
    offset = start + 2 * 8 * len(pairs)
    tables, texts = [], bytearray()
    for column in (0, 1):
        for pair in pairs:
            tables += [len(pair[column]), offset + len(texts)]
            texts += pair[column] + b"\0"
    head = [MO_MAGIC, 0, len(pairs), start, start + 8 * len(pairs), 0, 0]
    return struct.pack(f"<{len(head) + len(tables)}I", *head, *tables) + bytes(texts)


def _pair(message: Message) -> tuple[bytes, bytes]:
    context = f"{message.context}\x04" if message.context else ""
    ids = (message.id,) if isinstance(message.id, str) else message.id
    return f"{context}{chr(0).join(ids)}".encode(), chr(0).join(forms(message)).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
