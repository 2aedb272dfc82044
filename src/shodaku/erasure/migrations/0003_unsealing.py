"""See 0003_unsealing.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("erasure", "0002_sealing")]
    operations = [sql_file(__file__)]
