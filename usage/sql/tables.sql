-- Bounds of the monthly partitions: the smallest id that could be born at an instant.
CREATE FUNCTION first_uuid7_at(instant timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex((extract(epoch FROM instant) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$$;

CREATE TABLE usage_event (
    organization_id uuid NOT NULL,
    id uuid NOT NULL,
    project_id uuid NOT NULL,
    key_id uuid NOT NULL,
    end_customer_id uuid NOT NULL,
    model_id uuid NOT NULL,
    price_version_id uuid NOT NULL,
    service_tier text NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    outcome text NOT NULL,
    is_stream boolean NOT NULL,
    is_estimated boolean NOT NULL,
    duration_ms integer NOT NULL,
    first_token_ms integer,
    request_id text NOT NULL,
    input bigint NOT NULL,
    cache_read bigint NOT NULL,
    cache_write_5m bigint NOT NULL,
    cache_write_1h bigint NOT NULL,
    output bigint NOT NULL,
    reasoning bigint NOT NULL,
    audio_in bigint NOT NULL,
    audio_out bigint NOT NULL,
    image_in bigint NOT NULL,
    requests bigint NOT NULL,
    stored_at timestamptz NOT NULL,
    stored_version bigint NOT NULL,
    PRIMARY KEY (organization_id, id),
    CONSTRAINT tokens_are_not_negative CHECK (
        least(input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
              audio_in, audio_out, image_in, requests, amount) >= 0
    )
) PARTITION BY RANGE (id);

CREATE INDEX usage_event_by_time ON usage_event (organization_id, occurred_at);

-- Whatever is born outside the prepared months is kept too.
CREATE TABLE usage_event_other PARTITION OF usage_event DEFAULT;

-- Prepare the partition of the month that `instant` lies in; answers its name. Safe to call again.
CREATE FUNCTION make_usage_partition(instant timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    month timestamptz := date_trunc('month', instant, 'UTC');
    name text := 'usage_event_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('make_usage_partition'));
    IF to_regclass(name) IS NULL THEN
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF usage_event FOR VALUES FROM (%L) TO (%L)',
            name, first_uuid7_at(month), first_uuid7_at(month + interval '1 month')
        );
    END IF;
    RETURN name;
END $$;

SELECT make_usage_partition(now() + make_interval(months => ahead)) FROM generate_series(0, 2) ahead;

CREATE TABLE usage_rollup (
    organization_id uuid NOT NULL,
    hour timestamptz NOT NULL,
    project_id uuid NOT NULL,
    key_id uuid NOT NULL,
    model_id uuid NOT NULL,
    end_customer_id uuid NOT NULL,
    service_tier text NOT NULL,
    price_version_id uuid NOT NULL,
    currency text NOT NULL,
    events bigint NOT NULL,
    amount numeric(38, 0) NOT NULL,
    input bigint NOT NULL,
    cache_read bigint NOT NULL,
    cache_write_5m bigint NOT NULL,
    cache_write_1h bigint NOT NULL,
    output bigint NOT NULL,
    reasoning bigint NOT NULL,
    audio_in bigint NOT NULL,
    audio_out bigint NOT NULL,
    image_in bigint NOT NULL,
    requests bigint NOT NULL,
    PRIMARY KEY (organization_id, hour, project_id, key_id, model_id, end_customer_id,
                 service_tier, price_version_id, currency)
);
