"""See 0003_ask.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("optout", "0002_bulk"), ("contacts", "0001_initial")]
    operations = [sql_file(__file__)]
