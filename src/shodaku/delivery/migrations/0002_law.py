"""See 0002_law.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0001_initial"), ("contacts", "0002_residence"), ("consent", "0002_terms")]
    operations = [sql_file(__file__)]
