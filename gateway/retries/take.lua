-- Carry on what a gateway that is no more had begun, under the same id. KEYS[1]: the claim or what was asked.
-- ARGV: 1 id, 2 that gateway, 3 this one, 4 ttl ms. Answers 0 where somebody else was quicker, or where it has ended.
local value = redis.call('HGET', KEYS[1], ARGV[1])
if not value or string.match(value, '^([^:]*):') ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. string.sub(value, #ARGV[2] + 1))
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return 1
