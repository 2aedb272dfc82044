"""See 0005_same_person.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0004_attempts")]
    operations = [sql_file(__file__)]
