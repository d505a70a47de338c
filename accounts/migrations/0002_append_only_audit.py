from django.db import migrations

from core.sql import REFUSE_CHANGE, append_only


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(REFUSE_CHANGE + append_only("accounts_auditentry"), migrations.RunSQL.noop)]
