-- A generation that ended without an answer is not repeated. KEYS[1]: the claim or what was asked.
-- ARGV: 1 id or '', 2 the level at which its client was refused, or '' where that needs no mark, 3 ttl ms,
-- 4 the gateway whose it is: another may have taken it over.
if ARGV[1] ~= '' then
  local value = redis.call('HGET', KEYS[1], ARGV[1])
  if value and string.match(value, '^([^:]*):') ~= ARGV[4] then return 0 end

  redis.call('HDEL', KEYS[1], ARGV[1])
end
if ARGV[2] ~= '' then
  redis.call('HINCRBY', KEYS[1], 'refused:' .. ARGV[2], 1)
  redis.call('PEXPIRE', KEYS[1], ARGV[3])
elseif redis.call('HLEN', KEYS[1]) <= redis.call('HEXISTS', KEYS[1], 'body') then
  redis.call('DEL', KEYS[1])
end
return 1
