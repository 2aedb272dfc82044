"""A mail that is written as code: its form, and how a picture is written in each language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from shodaku.content.domain import Language, Source, source_of
from shodaku.content.selectors import KeptPicture

# names of languages are the same in every language
LANGUAGES: Final = ((Language.MJML, "MJML"), (Language.HTML, "HTML"), (Language.MARKDOWN, "Markdown"))
# what somebody begins with who has written nothing yet
STARTERS: Final = {
    "ja": """<mjml>
  <mj-body background-color="#faf8f4">
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text>
          <h2>見出し</h2>
          <p>{{ name }}</p>
          <p>ここに本文を書きます。</p>
        </mj-text>
        <mj-button href="https://example.jp/">くわしく見る</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
""",
    "en": """<mjml>
  <mj-body background-color="#faf8f4">
    <mj-section background-color="#ffffff">
      <mj-column>
        <mj-text>
          <h2>Heading</h2>
          <p>{{ name }}</p>
          <p>Your text stands here.</p>
        </mj-text>
        <mj-button href="https://example.jp/">See more</mj-button>
      </mj-column>
    </mj-section>
  </mj-body>
</mjml>
""",
}


class CodeForm(forms.Form):
    """To be shown; what was sent is read by `source_in`."""

    language = forms.ChoiceField(label=_("Written in"), choices=LANGUAGES)
    code = forms.CharField(
        label=_("Code"),
        widget=forms.Textarea(
            {"rows": 24, "class": "input code", "spellcheck": "false", "data-code": "", "wrap": "soft"}
        ),
    )
    own_text = forms.CharField(
        label=_("Text part in your own words"),
        required=False,
        widget=forms.Textarea({"rows": 10, "class": "input columns"}),
        help_text=_("Left empty, it is made of the code. The frame is 34 full-width characters wide."),
    )


@dataclass(frozen=True, slots=True)
class PictureCode:
    """How a picture of the library is written."""

    picture: KeptPicture
    mjml: str
    html: str
    markdown: str


def form_of(source: Source) -> CodeForm:
    said = {"language": source.language, "code": source.code, "own_text": source.own_text or ""}
    return CodeForm(initial=said)


def source_in(sent: QueryDict) -> Source:
    """Raises TemplateFault."""
    return source_of(sent.get("language"), sent.get("code", ""), sent.get("own_text") or None)


def picture_codes(pictures: Sequence[KeptPicture]) -> list[PictureCode]:
    return [_code(each) for each in pictures]


def _code(picture: KeptPicture) -> PictureCode:
    at, alt = f"picture:{picture.image_id}", escape(picture.alt)
    words = picture.alt.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]")
    return PictureCode(
        picture,
        f'<mj-image src="{at}" alt="{alt}" />',
        f'<img src="{at}" alt="{alt}" width="{min(picture.width_px, 600)}">',
        f"![{words}]({at})",
    )
