"""See 0010_coupons.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("contacts", "0009_notes")]
    operations = [sql_file(__file__)]
