"""What staff hand in and say about pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from shodaku.console.fields import SeveralFiles
from shodaku.content.domain import TemplateFault, parse_alt
from shodaku.content.selectors import ALT_CHARACTERS_MAX, AT_ONCE_MAX, KeptPicture

ACCEPT: Final = "image/jpeg,image/png,image/webp,.jpg,.jpeg,.png,.webp"


class PictureFiles(forms.FileField):
    """The files as they came; what is a picture is found out one by one."""

    widget = SeveralFiles({"accept": ACCEPT})

    def clean(self, data: Any, _initial: Any = None) -> list[Any]:  # noqa: ANN401 - Django's signature
        if not data:
            raise forms.ValidationError(_("Choose one picture or several."))
        if len(data) > AT_ONCE_MAX:
            raise forms.ValidationError(_("At most 10 pictures come at once. Choose fewer."))
        return list(data)


class PicturesForm(forms.Form):
    pictures = PictureFiles(
        label=_("Pictures"),
        help_text=_(
            "JPEG, PNG or WebP, at most 10 pictures of 10 MB each, 40 MB together. Place, time and device "
            "are taken out; wide pictures become 1,600 pixels wide."
        ),
    )


class Description(forms.CharField):
    """What is to be seen in one picture."""

    def __init__(self, label: str) -> None:
        hint = _("Who does not see the picture reads this. For example: A blue cup on a wooden table")
        super().__init__(label=label, max_length=ALT_CHARACTERS_MAX, help_text=hint)

    def clean(self, value: Any) -> str:  # noqa: ANN401 - Django's signature
        try:
            return parse_alt(str(value or ""))
        except TemplateFault as fault:
            raise forms.ValidationError(fault.sentence(get_language() or "ja")) from fault


class DescriptionForm(forms.Form):
    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - Django's signature
        super().__init__(*given, **named)
        self.fields["alt"] = Description(str(_("What is to be seen")))


class DescriptionsForm(forms.Form):
    """A field for each picture that waits for words."""

    def __init__(self, waiting: Sequence[KeptPicture], data: Any = None) -> None:  # noqa: ANN401 - a QueryDict
        super().__init__(data)
        self.waiting = waiting
        for number, each in enumerate(waiting, 1):
            label = _("What is to be seen in picture %(n)s") % {"n": number}
            self.fields[_name(each.image_id)] = Description(label)

    def rows(self) -> list[tuple[KeptPicture, forms.BoundField]]:
        return [(each, self[_name(each.image_id)]) for each in self.waiting]

    def said(self) -> dict[UUID, str]:
        """Of those that were described well."""
        found = {each.image_id: self.cleaned_data.get(_name(each.image_id)) for each in self.waiting}
        return {image_id: alt for image_id, alt in found.items() if alt}


def _name(image_id: UUID) -> str:
    return f"alt_{image_id.hex}"
