"""See 0005_apps.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("consent", "0004_no_words_in_statistics")]
    operations = [sql_file(__file__)]
