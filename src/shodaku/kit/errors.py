"""What all errors have in common: one sentence for the user, a code, a hint, an exit status."""

from __future__ import annotations


class ShodakuError(Exception):
    """Something went wrong; nothing was changed."""

    code = "error"
    exit_status = 1  # 1 the answer is no, 2 wrong use, 3 something needed cannot be reached

    def __init__(self, message: str = "", *, hint: str = "") -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        self.hint = hint
        super().__init__(self.message)


class WrongUse(ShodakuError):
    """The command or the input cannot be understood."""

    code = "wrong_use"
    exit_status = 2


class OutOfReach(ShodakuError):
    """Something the product needs cannot be reached."""

    code = "out_of_reach"
    exit_status = 3
