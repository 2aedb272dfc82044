"""As much of a PDF as the typesetter writes: its text, letter by letter, and the file attached to it."""

import re
import zlib

OBJECT = re.compile(rb"\n(\d+) 0 obj\n(.*?)\nendobj", re.DOTALL)
STREAM = re.compile(rb"\nstream\n(.*)\nendstream", re.DOTALL)
WRITTEN = re.compile(rb"\nBT\b(.*?)\nET\b", re.DOTALL)
FONT = re.compile(rb"/(f\d+) [\d.]+ Tf")
PIECE = re.compile(rb"\\([0-7]{1,3}|.)|([()])|<([0-9A-Fa-f]+)>|(.)", re.DOTALL)  # ISO 32000-1 section 7.3.4
ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(pdf):
    """Without any blank or end of line: where a line ends is the typesetter's matter."""
    objects = objects_of(pdf)
    pages = [body for body in objects.values() if b"/Type/Page/" in body]
    return squeezed("".join(_page(body, objects) for body in pages))


def attached(pdf):
    (body,) = (body for body in objects_of(pdf).values() if b"/Type/EmbeddedFile" in body)
    return _stream(body)


def pictures_in(pdf):
    return sum(b"/Subtype/Image" in body for body in objects_of(pdf).values())


def squeezed(text):
    return "".join(text.split())


def objects_of(pdf):
    return {int(number): body for number, body in OBJECT.findall(pdf)}


def _page(body, objects):
    resources = objects[_reference(body, b"Resources")]
    fonts = {
        name: _letters(_stream(objects[_reference(objects[int(font)], b"ToUnicode")]))
        for name, font in re.findall(rb"/(f\d+) (\d+) 0 R", resources)
    }
    content = _stream(objects[_reference(body, b"Contents")])
    return "".join(_shown(written, fonts) for written in WRITTEN.findall(content))


def _shown(written, fonts):
    letters = fonts[FONT.search(written)[1]]
    codes = _strings(written)
    return "".join(letters[codes[i : i + 2]] for i in range(0, len(codes), 2))


def _strings(written):
    """The bytes of all strings; balanced brackets inside them are not escaped."""
    depth, codes = 0, b""
    for piece in PIECE.finditer(written):
        escape, bracket, digits, plain = piece.groups()
        depth -= bracket == b")"
        if depth > 0:
            codes += _unescaped(escape) if escape else bracket or plain or piece[0]
        elif digits:
            codes += bytes.fromhex(digits.decode())
        depth += bracket == b"("
    return codes


def _unescaped(code):
    return bytes([int(code, 8)]) if code.isdigit() else ESCAPED.get(code, code)


def _letters(table):
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]+)>", table.partition(b"endcodespacerange")[2])
    return {
        bytes.fromhex(code.decode()): bytes.fromhex(letter.decode()).decode("utf-16-be")
        for code, letter in pairs
    }


def _reference(body, name):
    return int(re.search(rb"/" + name + rb" (\d+) 0 R", body)[1])


def _stream(body):
    return zlib.decompress(STREAM.search(body)[1])
