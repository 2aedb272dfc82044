"""See 0004_attempts.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0003_pages")]
    operations = [sql_file(__file__)]
