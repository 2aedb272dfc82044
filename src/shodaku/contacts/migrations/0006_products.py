"""See 0006_products.sql."""

from __future__ import annotations

from django.db import migrations

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("contacts", "0005_no_words_in_statistics")]
    operations = [sql_file(__file__)]
