"""See 0001_initial.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("kit", "0001_initial"), ("accounts", "0001_initial")]
    operations = [sql_file(__file__)]
