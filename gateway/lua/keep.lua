-- Register or renew a hold. ARGV: 1 hold id, 2 micro-dollars, 3 ttl ms, 4 id of the hold that it replaces or '',
-- 5 its counters, as admission answered them.
if ARGV[4] ~= '' then remove(ARGV[4]) end
put(ARGV[1], tonumber(ARGV[2]), ARGV[5], now_ms(), tonumber(ARGV[3]))
return 1
