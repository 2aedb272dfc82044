"""Staff: the one table that Django must know as a model, for sign-in is allauth's."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.crypto import salted_hmac


class StaffAccounts(BaseUserManager["Staff"]):
    def get_by_natural_key(self, username: str | None) -> Staff:
        return self.get(email__iexact=username)


class Staff(AbstractBaseUser):
    """Somebody who signs in. What he may do is a membership in a workspace."""

    id = models.AutoField(primary_key=True)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    locale = models.CharField(max_length=5, default="ja")
    created_at = models.DateTimeField()
    language = models.CharField(max_length=5, default="", db_default="")  # of the screen; "": the browser's
    theme = models.CharField(max_length=5, default="", db_default="")  # "light", "dark"; "": the system's
    shortcuts = models.BooleanField(default=True, db_default=True)  # keys of one letter (WCAG 2.1.4)
    sign_in_round = models.IntegerField(default=0, db_default=0)  # a sign-in of an earlier round is over

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    objects: ClassVar[StaffAccounts] = StaffAccounts()

    class Meta:
        db_table = "staff"

    def get_full_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """A sign-in holds while this is what it was: until the password or the round is another one."""
        return salted_hmac(
            "shodaku.sign-in", f"{self.password}/{self.sign_in_round}", algorithm="sha256"
        ).hexdigest()
