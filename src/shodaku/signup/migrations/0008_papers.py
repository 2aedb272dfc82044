"""See 0008_papers.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0007_ways_in")]
    operations = [sql_file(__file__)]
