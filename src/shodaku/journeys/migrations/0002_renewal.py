"""See 0002_renewal.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("journeys", "0001_initial")]
    operations = [sql_file(__file__)]
