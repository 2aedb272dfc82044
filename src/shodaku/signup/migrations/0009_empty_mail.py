"""See 0009_empty_mail.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0008_papers")]
    operations = [sql_file(__file__)]
