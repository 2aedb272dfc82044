"""See 0002_pictures.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("content", "0001_files")]
    operations = [sql_file(__file__)]
