"""See 0006_answers.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("signup", "0005_same_person")]
    operations = [sql_file(__file__)]
