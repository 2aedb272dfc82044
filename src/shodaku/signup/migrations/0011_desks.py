"""See 0011_desks.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0010_seen")]
    operations = [sql_file(__file__)]
