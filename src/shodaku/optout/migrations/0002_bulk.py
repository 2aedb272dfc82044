"""See 0002_bulk.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("optout", "0001_reasons"), ("contacts", "0001_initial")]
    operations = [sql_file(__file__)]
