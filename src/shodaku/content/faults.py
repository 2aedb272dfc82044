"""Why a template cannot be used, in words that say what to do."""

from __future__ import annotations


class TemplateFault(ValueError):
    """A message that cannot be compiled; nothing was changed. Lines count from 1, None is the whole."""

    def __init__(self, part: str, ja: str, en: str, line: int | None = None) -> None:
        self.part = part  # subject, text or html: the field it stands at
        self.line = line
        self._ja, self._en = ja, en
        super().__init__(self.sentence("en"))

    def without_line(self) -> TemplateFault:
        """For a line of what was made, which nobody wrote."""
        return TemplateFault(self.part, self._ja, self._en)

    def sentence(self, lang: str) -> str:
        where = (
            ""
            if self.line is None
            else (f"{self.line}行目: " if lang.startswith("ja") else f"line {self.line}: ")
        )
        return where + (self._ja if lang.startswith("ja") else self._en)
