"""See 0026_restored.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0025_maildrop")]
    operations = [sql_file(__file__)]
