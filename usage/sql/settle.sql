-- Count a batch of usage events, each once for ever.
--
-- `batch` is a JSON array of objects with the columns of usage_event (core.usage_event.UsageEvent.as_row). In one
-- transaction: insert each event once, add the new ones to the hourly rollup, move the wallets and the budgets that
-- stand above them. Answers, for every organization in the batch, its wallet's present version and what it may spend
-- (micro-dollars, rounded down), how many events were new, the ids that had been stored with other content (the first
-- content stays), and the counters of the budgets that refuse: '<budget> <window start> <version> <spent>', with Unix
-- seconds and micro-dollars, rounded up. A batch that is sent again is answered its counters, too.
--
-- The wallets are locked first, in the order of their ids: two batches never deadlock, and an event's stored_version
-- is never overtaken by a higher one that commits earlier.
DROP FUNCTION IF EXISTS settle(jsonb);
CREATE FUNCTION settle(batch jsonb)
RETURNS TABLE (
    organization_id uuid, version bigint, available_micros bigint, inserted integer, conflicting uuid[], counters text[]
)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    organizations uuid[] := ARRAY(
        SELECT DISTINCT (event ->> 'organization_id')::uuid FROM jsonb_array_elements(batch) event ORDER BY 1
    );
    locked integer;
    budgeted uuid[];
BEGIN
    LOOP
        PERFORM 1 FROM usage_wallet w WHERE w.organization_id = ANY (organizations)
            ORDER BY w.organization_id FOR NO KEY UPDATE;
        GET DIAGNOSTICS locked = ROW_COUNT;
        EXIT WHEN locked = cardinality(organizations);
        INSERT INTO usage_wallet (organization_id)
            SELECT o FROM unnest(organizations) o ORDER BY o ON CONFLICT DO NOTHING;
    END LOOP;

    budgeted := ARRAY(
        SELECT DISTINCT b.organization_id FROM usage_budget b WHERE b.organization_id = ANY (organizations)
    );

    RETURN QUERY
    WITH received AS (
        SELECT row_number() OVER () AS place, r.* FROM jsonb_populate_recordset(NULL::usage_event, batch) r
    ), first AS (
        SELECT DISTINCT ON (organization_id, id) * FROM received ORDER BY organization_id, id, place
    ), fresh AS (
        INSERT INTO usage_event (
            organization_id, id, project_id, key_id, end_customer_id, member_id, model_id, price_version_id,
            service_tier, currency, amount, occurred_at, outcome, is_stream, is_estimated, duration_ms,
            first_token_ms, request_id, input, cache_read, cache_write_5m, cache_write_1h, output, reasoning,
            audio_in, audio_out, image_in, requests, stored_at, stored_version
        )
        SELECT
            f.organization_id, f.id, f.project_id, f.key_id, f.end_customer_id, f.member_id, f.model_id,
            f.price_version_id, f.service_tier, f.currency, f.amount, f.occurred_at, f.outcome, f.is_stream,
            f.is_estimated, f.duration_ms, f.first_token_ms, f.request_id, f.input, f.cache_read, f.cache_write_5m,
            f.cache_write_1h, f.output, f.reasoning, f.audio_in, f.audio_out, f.image_in, f.requests,
            clock_timestamp(), w.version + 1
        FROM first f JOIN usage_wallet w ON w.organization_id = f.organization_id
        ON CONFLICT (organization_id, id) DO NOTHING
        RETURNING *
    ), rolled_up AS (
        INSERT INTO usage_rollup AS u (
            organization_id, hour, project_id, key_id, model_id, end_customer_id, member_id, service_tier,
            price_version_id, currency, events, amount, input, cache_read, cache_write_5m, cache_write_1h, output,
            reasoning, audio_in, audio_out, image_in, requests
        )
        SELECT
            organization_id, date_trunc('hour', occurred_at, 'UTC'), project_id, key_id, model_id, end_customer_id,
            member_id, service_tier, price_version_id, currency, count(*), sum(amount), sum(input), sum(cache_read),
            sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(audio_in), sum(audio_out),
            sum(image_in), sum(requests)
        FROM fresh
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10
        ON CONFLICT (organization_id, hour, project_id, key_id, model_id, end_customer_id, member_id, service_tier,
                     price_version_id, currency)
        DO UPDATE SET
            events = u.events + excluded.events,
            amount = u.amount + excluded.amount,
            input = u.input + excluded.input,
            cache_read = u.cache_read + excluded.cache_read,
            cache_write_5m = u.cache_write_5m + excluded.cache_write_5m,
            cache_write_1h = u.cache_write_1h + excluded.cache_write_1h,
            output = u.output + excluded.output,
            reasoning = u.reasoning + excluded.reasoning,
            audio_in = u.audio_in + excluded.audio_in,
            audio_out = u.audio_out + excluded.audio_out,
            image_in = u.image_in + excluded.image_in,
            requests = u.requests + excluded.requests
    ), spending AS (
        SELECT organization_id, sum(amount) AS amount, count(*)::integer AS events FROM fresh GROUP BY organization_id
    ), moved AS (
        UPDATE usage_wallet w SET version = w.version + 1, spent = w.spent + s.amount
        FROM spending s WHERE w.organization_id = s.organization_id
        RETURNING w.organization_id, w.version, w.credit - w.spent + w.credit_limit AS available
    ), touched AS (
        -- Looked up node by node; where no organization of the batch has a budget, nothing is.
        SELECT b.id AS budget_id, budget_window_start(b."window", f.occurred_at) AS window_start,
            f.organization_id, f.id
        FROM first f
        CROSS JOIN LATERAL (VALUES
            ('organization', f.organization_id), ('project', f.project_id), ('key', f.key_id),
            ('member', f.member_id), ('end_customer', f.end_customer_id), ('model', f.model_id)
        ) AS n (node, node_id)
        JOIN usage_budget b
            ON b.organization_id = f.organization_id AND b.node = n.node AND b.node_id = n.node_id
            AND b.counted_from <= f.occurred_at
        WHERE f.organization_id = ANY (budgeted)
    ), owed AS (
        -- What was stored before owes nothing, and is told all the same.
        SELECT t.budget_id, t.window_start, coalesce(sum(n.amount), 0) AS amount
        FROM touched t LEFT JOIN fresh n ON n.organization_id = t.organization_id AND n.id = t.id
        GROUP BY 1, 2
    ), charged AS (
        INSERT INTO usage_budget_spend AS s (budget_id, window_start, spent)
        SELECT budget_id, window_start, amount FROM owed
        ON CONFLICT (budget_id, window_start) DO UPDATE SET spent = s.spent + excluded.spent
        RETURNING budget_id, window_start, spent
    ), counted AS (
        SELECT f.place FROM first f JOIN fresh n ON n.organization_id = f.organization_id AND n.id = f.id
    ), conflicts AS (
        SELECT r.organization_id, array_agg(DISTINCT r.id) AS ids
        FROM received r
        JOIN first f ON f.organization_id = r.organization_id AND f.id = r.id
        -- This statement's own inserts are not visible here: what is found was stored before.
        LEFT JOIN usage_event e ON e.organization_id = r.organization_id AND e.id = r.id
        -- What was inserted just now differs from nothing: of a usual batch, no row is looked up.
        WHERE r.place NOT IN (SELECT place FROM counted)
          AND (r.project_id, r.key_id, r.end_customer_id, r.member_id, r.model_id, r.price_version_id, r.service_tier,
               r.currency, r.amount, r.occurred_at, r.outcome, r.input, r.cache_read, r.cache_write_5m,
               r.cache_write_1h, r.output, r.reasoning, r.audio_in, r.audio_out, r.image_in, r.requests)
            IS DISTINCT FROM
              CASE WHEN e.id IS NULL THEN
              (f.project_id, f.key_id, f.end_customer_id, f.member_id, f.model_id, f.price_version_id, f.service_tier,
               f.currency, f.amount, f.occurred_at, f.outcome, f.input, f.cache_read, f.cache_write_5m,
               f.cache_write_1h, f.output, f.reasoning, f.audio_in, f.audio_out, f.image_in, f.requests)
              ELSE
              (e.project_id, e.key_id, e.end_customer_id, e.member_id, e.model_id, e.price_version_id, e.service_tier,
               e.currency, e.amount, e.occurred_at, e.outcome, e.input, e.cache_read, e.cache_write_5m,
               e.cache_write_1h, e.output, e.reasoning, e.audio_in, e.audio_out, e.image_in, e.requests)
              END
        GROUP BY r.organization_id
    )
    SELECT
        w.organization_id,
        coalesce(m.version, w.version),
        floor(coalesce(m.available, w.credit - w.spent + w.credit_limit) / 1000000)::bigint,
        coalesce(s.events, 0),
        coalesce(c.ids, '{}'),
        ARRAY(
            SELECT concat_ws(' ', x.budget_id, extract(epoch FROM x.window_start)::bigint,
                             coalesce(m.version, w.version), ceil(x.spent / 1000000))
            FROM charged x JOIN usage_budget b ON b.id = x.budget_id
            WHERE b.organization_id = w.organization_id AND b.is_hard
        )
    FROM usage_wallet w
    LEFT JOIN moved m ON m.organization_id = w.organization_id
    LEFT JOIN spending s ON s.organization_id = w.organization_id
    LEFT JOIN conflicts c ON c.organization_id = w.organization_id
    WHERE w.organization_id = ANY (organizations);
END $$;
