"""See 0003_back_numbers.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("content", "0002_pictures"), ("consent", "0001_initial")]
    operations = [sql_file(__file__)]
