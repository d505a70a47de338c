-- Remember that a request was let in. KEYS[1]: what was asked.
-- ARGV: 1 id, 2 gateway, 3 level, 4 ttl ms, 5 most, 6 the oldest id that is worth keeping.
if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then
  for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
    if #name == 32 and name < ARGV[6] then redis.call('HDEL', KEYS[1], name) end
  end
  if redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[5]) then return 0 end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. ARGV[3] .. ':')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
