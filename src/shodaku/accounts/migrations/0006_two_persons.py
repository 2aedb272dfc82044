"""See 0006_two_persons.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_people")]
    operations = [sql_file(__file__)]
