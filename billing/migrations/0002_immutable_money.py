from django.db import migrations

from core.sql import REFUSE_CHANGE, append_only

# GiST has no equality of uuids without an extension that not every server has; a range of one uuid does the same.
PERIODS = """
    CREATE TYPE uuid_range AS RANGE (subtype = uuid);
    ALTER TABLE billing_billingperiod ADD CONSTRAINT periods_do_not_overlap
        EXCLUDE USING gist (uuid_range(organization_id, organization_id, '[]') WITH &&, tstzrange("start", "end") WITH &&);
"""

PLAN_VERSIONS = """
    CREATE FUNCTION keep_published_plan_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF OLD.status = 'draft' THEN
            RETURN coalesce(NEW, OLD);
        END IF;
        -- The provider's id of the price arrives after publication, once.
        IF TG_OP = 'UPDATE' AND OLD.stripe_price_id = ''
            AND to_jsonb(NEW) - 'stripe_price_id' = to_jsonb(OLD) - 'stripe_price_id' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'plan version % is published: make a new version instead', OLD.id
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER published_plan_versions_stay BEFORE UPDATE OR DELETE ON billing_planversion
        FOR EACH ROW EXECUTE FUNCTION keep_published_plan_version();
"""

CLOSED_PERIODS = """
    CREATE FUNCTION keep_closed_period() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' OR (OLD.organization_id, OLD.index, OLD.start)
            IS DISTINCT FROM (NEW.organization_id, NEW.index, NEW.start) THEN
            RAISE EXCEPTION 'periods are never taken back or moved' USING ERRCODE = 'restrict_violation';
        END IF;
        IF OLD.status = 'closed' AND to_jsonb(NEW) - 'problem' <> to_jsonb(OLD) - 'problem' THEN
            RAISE EXCEPTION 'period % is closed', OLD.id USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER closed_periods_stay BEFORE UPDATE OR DELETE ON billing_billingperiod
        FOR EACH ROW EXECUTE FUNCTION keep_closed_period();
"""

GRANTS = """
    CREATE FUNCTION keep_grant() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        may_change text[] := ARRAY['remaining', 'expired', 'expires_at', 'expired_at'];
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'credit grant % is spent or expires, and never changes otherwise', OLD.id
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER grants_stay BEFORE UPDATE OR DELETE ON billing_creditgrant
        FOR EACH ROW EXECUTE FUNCTION keep_grant();
"""

APPEND_ONLY = "".join(
    append_only(table) for table in ("billing_ledgertransaction", "billing_ledgerentry", "billing_ratingrun")
)

LEDGER = """
    CREATE FUNCTION ledger_transaction_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        imbalance record;
    BEGIN
        SELECT a.currency, sum(e.amount) AS amount INTO imbalance
        FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
        WHERE e.transaction_id = NEW.transaction_id
        GROUP BY a.currency HAVING sum(e.amount) <> 0 LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'ledger transaction % does not sum to zero: % picodollars of %',
                NEW.transaction_id, imbalance.amount, imbalance.currency USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER ledger_transactions_sum_to_zero AFTER INSERT ON billing_ledgerentry
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_transaction_sums_to_zero();
"""

BOOKINGS = """
    CREATE FUNCTION keep_booking() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'invoice_line_id' = to_jsonb(OLD) - 'invoice_line_id' THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER bookings_stay BEFORE UPDATE OR DELETE ON billing_booking
        FOR EACH ROW EXECUTE FUNCTION keep_booking();
    CREATE TRIGGER consumptions_stay BEFORE UPDATE OR DELETE ON billing_creditconsumption
        FOR EACH ROW EXECUTE FUNCTION keep_booking();
"""

INVOICES = """
    CREATE FUNCTION keep_issued_invoice() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        may_change text[] := ARRAY['status', 'amount_paid', 'paid_at', 'hosted_url', 'last_payment_error'];
    BEGIN
        IF OLD.number IS NULL
            OR (TG_OP = 'UPDATE' AND to_jsonb(NEW) - may_change = to_jsonb(OLD) - may_change) THEN
            RETURN coalesce(NEW, OLD);
        END IF;
        RAISE EXCEPTION 'invoice % is issued: it is taken back by a credit note alone', OLD.number
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER issued_invoices_stay BEFORE UPDATE OR DELETE ON billing_invoice
        FOR EACH ROW EXECUTE FUNCTION keep_issued_invoice();

    CREATE FUNCTION keep_issued_invoice_lines() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (
            SELECT 1 FROM billing_invoice i
            WHERE i.id IN (NEW.invoice_id, OLD.invoice_id) AND i.number IS NOT NULL
        ) THEN
            RAISE EXCEPTION 'the lines of an issued invoice never change' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN coalesce(NEW, OLD);
    END $$;
    CREATE TRIGGER issued_invoice_lines_stay BEFORE INSERT OR UPDATE OR DELETE ON billing_invoiceline
        FOR EACH ROW EXECUTE FUNCTION keep_issued_invoice_lines();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE_CHANGE, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(rules, migrations.RunSQL.noop)
            for rules in (
                PERIODS,
                CLOSED_PERIODS,
                PLAN_VERSIONS,
                GRANTS,
                APPEND_ONLY,
                LEDGER,
                BOOKINGS,
                INVOICES,
            )
        ),
    ]
