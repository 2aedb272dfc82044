"""See 0018_provider.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("delivery", "0017_depth")]
    operations = [sql_file(__file__)]
