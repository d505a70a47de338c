-- Whose key it was: NIL for events from before, and for keys without a known maker.
ALTER TABLE usage_event ADD COLUMN member_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE usage_rollup ADD COLUMN member_id uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000';
ALTER TABLE usage_event ALTER COLUMN member_id DROP DEFAULT;
ALTER TABLE usage_rollup ALTER COLUMN member_id DROP DEFAULT;
ALTER TABLE usage_rollup DROP CONSTRAINT usage_rollup_pkey;
ALTER TABLE usage_rollup ADD PRIMARY KEY (
    organization_id, hour, project_id, key_id, model_id, end_customer_id, member_id,
    service_tier, price_version_id, currency
);

-- When the window that holds an instant began, as core.budget.window_start says: in UTC, weeks from Monday.
CREATE FUNCTION budget_window_start(time_window text, instant timestamptz) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE time_window WHEN 'lifetime' THEN to_timestamp(0) ELSE date_trunc(time_window, instant, 'UTC') END
$$;
