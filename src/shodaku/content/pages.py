"""The addresses of our own pages in a message, and the tokens that they and its headers carry."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from shodaku.content.mail_faults import UnknownSlot
from shodaku.kit.links import LinkKeys, Purpose, url_form

_RESERVED: Final = re.compile(r"opt_out|why|preferences|own_data|invitation|confirm|ask|pixel|link[0-9]+")
_ANSWERS: Final = {Purpose.CONFIRMATION: "confirm", Purpose.ASK: "ask"}  # slot and path of the page that asks
_SENT: Final = frozenset({Purpose.DELIVERY, Purpose.NOTICE, *_ANSWERS})
OWN: Final = "its own"  # what differs in our addresses, its token; no name of a slot holds a space
OWN_OCTETS: Final = 42
OWN_HEAD_OCTETS: Final = 12  # of it: key epoch, purpose, workspace and subject, the same for everybody


class Pages:
    """One MAC a contact (0.6 us) serves all links of a message; a link is named by its number in the path."""

    def __init__(
        self,
        links: LinkKeys,
        workspace_id: int,
        subject_id: int,
        purpose: Purpose,
        base: str,
        used: Iterable[str],
        link_count: int,
    ) -> None:
        if purpose not in _SENT:
            raise UnknownSlot(hint=purpose.name)
        answer = _ANSWERS.get(purpose)
        # A token that says yes is in its own link only: return path and Message-ID go through logs.
        subject, kind = (0, Purpose.NOTICE) if answer else (subject_id, purpose)
        self.token: Callable[[int], bytes] = links.maker(workspace_id, subject, kind)
        self._answer = links.maker(workspace_id, subject_id, purpose) if answer else None

        self.own_head = url_form(self.token(0))[:OWN_HEAD_OCTETS].encode()

        self.base = base
        at = base.encode()
        known = {
            "opt_out": (at + b"/o/", b""),
            "why": (at + b"/w/", b""),
            "pixel": (at + b"/p/", b".gif"),
        }
        known |= {f"link{number}": (at + b"/c/", b"/%d" % number) for number in range(link_count)}
        preferences = links.maker(workspace_id, subject_id, Purpose.PREFERENCE)
        own_data = links.maker(workspace_id, subject_id, Purpose.DOWNLOAD)
        invitation = links.maker(workspace_id, subject_id, Purpose.INVITATION)
        others = {
            "preferences": (at + b"/p/", preferences),
            "own_data": (at + b"/data/", own_data),
            "invitation": (at + b"/console/join/", invitation),
        }
        if answer and self._answer:
            others[answer] = (at + b"/" + answer.encode() + b"/", self._answer)

        self.names = frozenset(name for name in used if _RESERVED.fullmatch(name))
        if unknown := self.names.difference(known, others):
            raise UnknownSlot(hint=min(unknown))
        self._same = {name: ends for name, ends in known.items() if name in self.names}
        self._others = [(name, *made) for name, made in others.items() if name in self.names]

    def message_id(self, contact_id: int, in_hex: bytes) -> bytes:
        """The same for the same message to the same person, so that a repeated notice is known as one."""
        if self._answer is None:
            return in_hex
        return hashlib.blake2b(self._answer(contact_id), digest_size=16).hexdigest().encode()

    def opt_out(self, token: bytes) -> str:
        """The page for opting out, whether or not the message has a link to it: its headers have."""
        return f"{self.base}/o/{url_form(token)}"

    def why(self, token: bytes) -> str:
        """The page that says why the message came, whether or not the message has a link to it."""
        return f"{self.base}/w/{url_form(token)}"

    def spelled(self, runs: Sequence[bytes], slots: Sequence[str]) -> tuple[list[bytes], list[str]]:
        """Static runs and slots with addresses written out as far as all recipients share them.

        Only the token is left to be spliced: short enough for one line of base64, and the same each time
        (6 us of a message with six links and their text).
        """
        written, left = [runs[0]], []
        for slot, run in zip(slots, runs[1:], strict=True):
            before, after = self._same.get(slot, (b"", b""))
            written[-1] += before
            written.append(after + run)
            left.append(OWN if slot in self._same else slot)
        return written, left

    def values(self, contact_id: int, token: bytes) -> dict[str, bytes]:
        """For each slot that `spelled` left and that is no merge field."""
        found = {OWN: url_form(token).encode()}
        for name, before, make in self._others:
            found[name] = before + url_form(make(contact_id)).encode()
        return found
