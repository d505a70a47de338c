-- One generation for each Idempotency-Key. KEYS[1]: the claim. ARGV: 1 new id, 2 gateway, 3 ttl ms, 4 the body's digest.
-- Answers {"new"}, {"join", id, gateway}, or {"other", id} where the key came with another body.
local stored = redis.call('HGETALL', KEYS[1])
local id, gateway, body
for place = 1, #stored, 2 do
  if stored[place] == 'body' then
    body = stored[place + 1]
  else
    id, gateway = stored[place], string.match(stored[place + 1], '^([^:]*):')
  end
end
if id and body ~= ARGV[4] then return {'other', id} end
if id then return {'join', id, gateway} end
redis.call('HSET', KEYS[1], 'body', ARGV[4], ARGV[1], ARGV[2] .. ':0:')
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'new'}
