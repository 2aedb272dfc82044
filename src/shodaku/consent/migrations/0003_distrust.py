"""See 0003_distrust.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("consent", "0002_terms")]
    operations = [sql_file(__file__)]
