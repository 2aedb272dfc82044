"""See 0003_pepper.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("suppression", "0002_journal"), ("contacts", "0003_pepper")]
    operations = [sql_file(__file__)]
