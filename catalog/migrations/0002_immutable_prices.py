from django.db import migrations

RULES = """
    CREATE FUNCTION keep_published_price_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.published_at IS NULL OR (TG_OP = 'DELETE' AND OLD.valid_from > now()) THEN
            RETURN coalesce(NEW, OLD);
        END IF;
        RAISE EXCEPTION 'price version % is published: publish a later one instead', OLD.id
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER published_price_versions_stay BEFORE UPDATE OR DELETE ON catalog_priceversion
        FOR EACH ROW EXECUTE FUNCTION keep_published_price_version();

    CREATE FUNCTION keep_published_prices() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM catalog_priceversion v
            WHERE v.id = coalesce(NEW.version_id, OLD.version_id) AND v.published_at IS NOT NULL
            AND NOT (TG_OP = 'DELETE' AND v.valid_from > now())
        ) THEN
            RAISE EXCEPTION 'price version % is published: publish a later one instead',
                coalesce(NEW.version_id, OLD.version_id) USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
    CREATE TRIGGER published_prices_stay BEFORE INSERT OR UPDATE OR DELETE ON catalog_price
        FOR EACH ROW EXECUTE FUNCTION keep_published_prices();
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(RULES, migrations.RunSQL.noop)]
