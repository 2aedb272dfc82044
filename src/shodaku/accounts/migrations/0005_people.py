"""What a member chose for the screen, and the round of sign-ins; invitations: see 0005_people.sql."""

from __future__ import annotations

from django.db import migrations, models

from shodaku.kit.schema import sql_file


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_opt_out_words")]
    operations = [
        migrations.AddField("staff", "language", models.CharField(max_length=5, default="", db_default="")),
        migrations.AddField("staff", "theme", models.CharField(max_length=5, default="", db_default="")),
        migrations.AddField("staff", "shortcuts", models.BooleanField(default=True, db_default=True)),
        migrations.AddField("staff", "sign_in_round", models.IntegerField(default=0, db_default=0)),
        sql_file(__file__),
    ]
