"""The rules of the books as queries: each answers (subject, expected, found) for what breaks it.

Amounts are picodollars where nothing else is said; a cent is 10^10 of them.
"""

POSTINGS_BALANCE = """
    SELECT t.operation_key, 0, sum(e.amount)
    FROM billing_ledgertransaction t
    JOIN billing_ledgerentry e ON e.transaction_id = t.id
    JOIN billing_ledgeraccount a ON a.id = e.account_id
    GROUP BY t.id, t.operation_key, a.currency HAVING sum(e.amount) <> 0
"""

LEDGER_BALANCES = """
    SELECT a.currency, 0, sum(e.amount)
    FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
    GROUP BY a.currency HAVING sum(e.amount) <> 0
"""

SPENT_IS_EVENTS = """
    WITH events AS (SELECT organization_id, sum(amount) AS amount FROM usage_event GROUP BY organization_id)
    SELECT coalesce(w.organization_id, e.organization_id), coalesce(e.amount, 0), coalesce(w.spent, 0)
    FROM usage_wallet w FULL JOIN events e ON e.organization_id = w.organization_id
    WHERE coalesce(e.amount, 0) <> coalesce(w.spent, 0)
"""

ROLLUPS_ARE_EVENTS = """
    WITH events AS (
        SELECT organization_id, model_id, price_version_id, array[count(*), sum(amount), sum(input), sum(cache_read),
            sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(audio_in), sum(audio_out),
            sum(image_in), sum(requests)]::numeric[] AS sums
        FROM usage_event GROUP BY organization_id, model_id, price_version_id
    ), rollups AS (
        SELECT organization_id, model_id, price_version_id, array[sum(events), sum(amount), sum(input),
            sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), sum(output), sum(reasoning), sum(audio_in),
            sum(audio_out), sum(image_in), sum(requests)]::numeric[] AS sums
        FROM usage_rollup GROUP BY organization_id, model_id, price_version_id
    )
    SELECT coalesce(e.organization_id, r.organization_id), e.sums, r.sums
    FROM events e FULL JOIN rollups r USING (organization_id, model_id, price_version_id)
    WHERE e.sums IS DISTINCT FROM r.sums
"""

CREDIT_IS_GRANTS = """
    WITH parts AS (
        SELECT organization_id, sum(amount - expired) AS amount FROM billing_creditgrant GROUP BY organization_id
        UNION ALL
        SELECT i.organization_id, sum(l.exact_amount)
        FROM billing_invoice i JOIN billing_invoiceline l ON l.invoice_id = i.id
        WHERE i.status = 'paid' AND l.kind IN ('usage', 'credit') GROUP BY i.organization_id
    ), due AS (SELECT organization_id, sum(amount) AS amount FROM parts GROUP BY organization_id)
    SELECT w.organization_id, coalesce(d.amount, 0), w.credit
    FROM usage_wallet w LEFT JOIN due d ON d.organization_id = w.organization_id
    WHERE coalesce(d.amount, 0) <> w.credit
"""

GRANTS_ADD_UP = """
    SELECT g.id, g.amount, g.remaining + g.expired + coalesce(sum(c.amount), 0)
    FROM billing_creditgrant g LEFT JOIN billing_creditconsumption c ON c.grant_id = g.id
    GROUP BY g.id HAVING g.amount <> g.remaining + g.expired + coalesce(sum(c.amount), 0)
        OR g.remaining < 0 OR g.remaining > g.amount
"""

CREDIT_HELD_IS_REMAINING = """
    WITH grants AS (
        SELECT organization_id, sum(remaining) AS amount FROM billing_creditgrant GROUP BY organization_id
    ), held AS (
        SELECT a.organization_id, sum(e.amount) AS amount
        FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
        WHERE a.kind = 'credit_held' GROUP BY a.organization_id
    )
    SELECT coalesce(g.organization_id, h.organization_id), -coalesce(g.amount, 0), coalesce(h.amount, 0)
    FROM grants g FULL JOIN held h ON h.organization_id = g.organization_id
    WHERE coalesce(g.amount, 0) + coalesce(h.amount, 0) <> 0
"""

CLOSED_PERIODS_ARE_BOOKED = """
    WITH rated AS (
        SELECT p.id, p.organization_id, p.start, p."end", coalesce(max(r.to_version), 0) AS version
        FROM billing_billingperiod p LEFT JOIN billing_ratingrun r ON r.period_id = p.id
        WHERE p.status = 'closed' GROUP BY p.id
    ), booked AS (
        SELECT r.period_id, sum(b.amount) AS amount
        FROM billing_booking b JOIN billing_ratingrun r ON r.id = b.run_id GROUP BY r.period_id
    ), used AS (
        SELECT p.id, sum(e.amount) AS amount
        FROM rated p JOIN usage_event e ON e.organization_id = p.organization_id
            AND e.occurred_at >= p.start AND e.occurred_at < p."end" AND e.stored_version <= p.version
        GROUP BY p.id
    )
    SELECT p.id, coalesce(u.amount, 0), coalesce(b.amount, 0)
    FROM rated p LEFT JOIN booked b ON b.period_id = p.id LEFT JOIN used u ON u.id = p.id
    WHERE coalesce(u.amount, 0) <> coalesce(b.amount, 0)
"""

CLOSED_PERIODS_ARE_RATED = """
    SELECT p.id, 'a rating run', 'none'
    FROM billing_billingperiod p
    WHERE p.status = 'closed' AND NOT EXISTS (SELECT 1 FROM billing_ratingrun r WHERE r.period_id = p.id)
"""

UNBILLED_IS_NOT_INVOICED = """
    WITH parts AS (
        SELECT r.period_id, b.amount, b.invoice_line_id
        FROM billing_booking b JOIN billing_ratingrun r ON r.id = b.run_id
        UNION ALL
        SELECT r.period_id, -c.amount, c.invoice_line_id
        FROM billing_creditconsumption c JOIN billing_ratingrun r ON r.id = c.run_id
    ), open AS (
        SELECT p.organization_id, sum(parts.amount) AS amount
        FROM parts
        JOIN billing_billingperiod p ON p.id = parts.period_id
        LEFT JOIN billing_invoiceline l ON l.id = parts.invoice_line_id
        LEFT JOIN billing_invoice i ON i.id = l.invoice_id
        WHERE i.id IS NULL OR i.status IN ('draft', 'void')
        GROUP BY p.organization_id
    ), unbilled AS (
        SELECT a.organization_id, sum(e.amount) AS amount
        FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
        WHERE a.kind = 'unbilled' GROUP BY a.organization_id
    )
    SELECT coalesce(o.organization_id, u.organization_id), coalesce(o.amount, 0), coalesce(u.amount, 0)
    FROM open o FULL JOIN unbilled u ON u.organization_id = o.organization_id
    WHERE coalesce(o.amount, 0) <> coalesce(u.amount, 0)
"""

RECEIVABLE_IS_DUE = """
    WITH due AS (
        SELECT organization_id, sum(
            CASE status WHEN 'void' THEN -amount_paid WHEN 'uncollectible' THEN 0 ELSE total - amount_paid END
        ) * 10000000000::numeric AS amount
        FROM billing_invoice WHERE number IS NOT NULL GROUP BY organization_id
    ), receivable AS (
        SELECT a.organization_id, sum(e.amount) AS amount
        FROM billing_ledgerentry e JOIN billing_ledgeraccount a ON a.id = e.account_id
        WHERE a.kind = 'receivable' GROUP BY a.organization_id
    )
    SELECT coalesce(d.organization_id, r.organization_id), coalesce(d.amount, 0), coalesce(r.amount, 0)
    FROM due d FULL JOIN receivable r ON r.organization_id = d.organization_id
    WHERE coalesce(d.amount, 0) <> coalesce(r.amount, 0)
"""

INVOICES_ADD_UP = """
    SELECT coalesce(i.number, i.id::text), coalesce(sum(l.amount), 0) + i.tax, i.total
    FROM billing_invoice i LEFT JOIN billing_invoiceline l ON l.invoice_id = i.id
    GROUP BY i.id HAVING coalesce(sum(l.amount), 0) <> i.subtotal OR i.total <> i.subtotal + i.tax
"""

LINES_ARE_BOOKINGS = """
    WITH parts AS (
        SELECT invoice_line_id, amount FROM billing_booking WHERE invoice_line_id IS NOT NULL
        UNION ALL
        SELECT invoice_line_id, -amount FROM billing_creditconsumption WHERE invoice_line_id IS NOT NULL
    ), sums AS (SELECT invoice_line_id, sum(amount) AS amount FROM parts GROUP BY invoice_line_id)
    SELECT l.id, coalesce(s.amount, 0), l.exact_amount
    FROM billing_invoiceline l LEFT JOIN sums s ON s.invoice_line_id = l.id
    WHERE (l.kind IN ('usage', 'credit') OR s.amount IS NOT NULL) AND coalesce(s.amount, 0) <> l.exact_amount
"""

LINES_ARE_ROUNDED_ONCE = """
    SELECT min(l.id::text), round(sum(l.exact_amount) / 10000000000::numeric), sum(l.amount)
    FROM billing_invoiceline l JOIN billing_invoice i ON i.id = l.invoice_id
    WHERE l.kind = 'usage'
    GROUP BY i.organization_id, l.period_start, l.model_id, l.service_tier, l.token_class
    HAVING round(sum(l.exact_amount) / 10000000000::numeric) <> sum(l.amount)
"""

NUMBERS_HAVE_NO_GAP = """
    WITH given AS (
        SELECT legal_entity, count(*) AS invoices, max(substring(number FROM '[0-9]+$')::bigint) AS highest
        FROM billing_invoice WHERE number IS NOT NULL GROUP BY legal_entity
    )
    SELECT coalesce(s.legal_entity, g.legal_entity), coalesce(s.last_number, 0),
        coalesce(g.invoices, 0) || ' invoices up to ' || coalesce(g.highest, 0)
    FROM billing_invoiceseries s FULL JOIN given g ON g.legal_entity = s.legal_entity
    WHERE coalesce(g.invoices, 0) <> coalesce(s.last_number, 0) OR coalesce(g.highest, 0) <> coalesce(s.last_number, 0)
"""

PERIODS_TILE = """
    WITH ordered AS (
        SELECT p.id, p.index, p.start, lag(p.index) OVER o AS index_before, lag(p."end") OVER o AS end_before,
            lag(p.id) OVER o AS id_before
        FROM billing_billingperiod p WINDOW o AS (PARTITION BY p.organization_id ORDER BY p.index)
    )
    SELECT id, coalesce(end_before::text, 'the first period'), start
    FROM ordered
    WHERE (id_before IS NULL AND index <> 1)
        OR (id_before IS NOT NULL AND (index <> index_before + 1 OR start IS DISTINCT FROM end_before))
"""

LAST_PERIOD_IS_OPEN = """
    SELECT a.organization_id, 'an open last period', coalesce(p.status, 'none')
    FROM billing_billingaccount a
    LEFT JOIN LATERAL (
        SELECT status FROM billing_billingperiod WHERE organization_id = a.organization_id ORDER BY index DESC LIMIT 1
    ) p ON true
    WHERE p.status IS DISTINCT FROM 'open'
"""

ONE_LIVE_SUBSCRIPTION = """
    SELECT organization_id, 1, count(*) FROM billing_subscription
    WHERE status NOT IN ('canceled', 'incomplete_expired') GROUP BY organization_id HAVING count(*) > 1
"""

NOTHING_IS_STUCK = """
    SELECT 'period ' || id, 'no problem', problem FROM billing_billingperiod WHERE problem <> ''
    UNION ALL
    SELECT 'invoice ' || id, 'no problem', problem FROM billing_invoice WHERE problem <> ''
"""

EVENTS_ARE_PRICED = """
    WITH used AS (
        SELECT organization_id, price_version_id, service_tier, sum(amount) AS amount, sum(input) AS input,
            sum(cache_read) AS cache_read, sum(cache_write_5m) AS cache_write_5m, sum(cache_write_1h) AS cache_write_1h,
            sum(output) AS output, sum(reasoning) AS reasoning, sum(audio_in) AS audio_in, sum(audio_out) AS audio_out,
            sum(image_in) AS image_in, sum(requests) AS requests
        FROM usage_event GROUP BY organization_id, price_version_id, service_tier
    )
    SELECT u.organization_id || ', price version ' || u.price_version_id || ', tier ' || u.service_tier,
        priced.amount, u.amount
    FROM used u CROSS JOIN LATERAL (
        SELECT coalesce(sum(c.units * p.micros_per_million), 0) AS amount
        FROM (VALUES ('input', u.input), ('cache_read', u.cache_read), ('cache_write_5m', u.cache_write_5m),
            ('cache_write_1h', u.cache_write_1h), ('output', u.output), ('reasoning', u.reasoning),
            ('audio_in', u.audio_in), ('audio_out', u.audio_out), ('image_in', u.image_in), ('requests', u.requests)
        ) AS c (token_class, units)
        JOIN catalog_price p ON p.version_id = u.price_version_id AND p.service_tier = u.service_tier
            AND p.context_from = 0 AND p.token_class = c.token_class
    ) priced
    WHERE priced.amount <> u.amount
"""

QUERIES = {
    "The entries of every posting sum to zero": POSTINGS_BALANCE,
    "The ledger sums to zero": LEDGER_BALANCES,
    "What wallets have spent is the sum of the events": SPENT_IS_EVENTS,
    "The rollups are the sums of the events": ROLLUPS_ARE_EVENTS,
    "Wallet credit is grants less expired plus collected usage": CREDIT_IS_GRANTS,
    "Every grant is consumed, expired or remaining": GRANTS_ADD_UP,
    "Credit held in the ledger is what remains of the grants": CREDIT_HELD_IS_REMAINING,
    "Every closed period has been rated": CLOSED_PERIODS_ARE_RATED,
    "The bookings of closed periods are their events": CLOSED_PERIODS_ARE_BOOKED,
    "Unbilled usage in the ledger is what no invoice has": UNBILLED_IS_NOT_INVOICED,
    "Receivable in the ledger is what invoices have due": RECEIVABLE_IS_DUE,
    "Every invoice is the sum of its lines and tax": INVOICES_ADD_UP,
    "Usage and credit lines are their bookings and consumptions": LINES_ARE_BOOKINGS,
    "The lines of one usage, over all invoices, are rounded once": LINES_ARE_ROUNDED_ONCE,
    "Invoice numbers have no gap": NUMBERS_HAVE_NO_GAP,
    "Periods follow each other without gap or overlap": PERIODS_TILE,
    "Every account's last period is open": LAST_PERIOD_IS_OPEN,
    "An organization has at most one live subscription": ONE_LIVE_SUBSCRIPTION,
    "No period and no invoice is stuck": NOTHING_IS_STUCK,
    "Events cost what their price version says for their service tier": EVENTS_ARE_PRICED,
}
