"""See 0010_seen.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0009_empty_mail")]
    operations = [sql_file(__file__)]
