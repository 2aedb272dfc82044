"""See 0007_of_lists.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_products")]
    operations = [sql_file(__file__)]
