from django.db import migrations

# As before, and a price can't be moved out of a published version into one that is not.
RULE = """
    CREATE OR REPLACE FUNCTION keep_published_prices() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM catalog_priceversion v
            WHERE v.id IN (NEW.version_id, OLD.version_id) AND v.published_at IS NOT NULL
            AND NOT (TG_OP = 'DELETE' AND v.valid_from > now())
        ) THEN
            RAISE EXCEPTION 'price version % is published: publish a later one instead',
                coalesce(OLD.version_id, NEW.version_id) USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0005_service_tiers")]

    operations = [migrations.RunSQL(RULE, migrations.RunSQL.noop)]
