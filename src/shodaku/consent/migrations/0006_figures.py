"""See 0006_figures.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("consent", "0005_apps")]
    operations = [sql_file(__file__)]
