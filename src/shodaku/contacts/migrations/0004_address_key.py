"""See 0004_address_key.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("contacts", "0003_pepper")]
    operations = [sql_file(__file__)]
