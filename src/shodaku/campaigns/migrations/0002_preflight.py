"""See 0002_preflight.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial"), ("contacts", "0001_initial")]
    operations = [sql_file(__file__)]
