-- What is left of every limit of an organization, read without changing anything: expired holds are counted out, not
-- removed. ARGV: limit per minute (-1: none) of 1 requests, 2 input tokens, 3 output tokens.
-- Answers {} without a wallet, else {available, held, running, then left and ms until full of each of the three}.
local now = now_ms()
local available = tonumber(redis.call('HGET', KEYS[1], 'available'))
if not available then return {} end

local held, running = 0, redis.call('ZCARD', KEYS[2])
if running > 0 then
  held = tonumber(redis.call('HGET', KEYS[3], 'total') or 0)
  running = running - tonumber(redis.call('HGET', KEYS[3], 'kept') or 0)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do
    local amount = redis.call('HGET', KEYS[3], id)
    held = held - (amount or 0)
    if not (amount and is_kept(id)) then running = running - 1 end
  end
end

-- The buckets of the admission script, drained until now.
local answer = {available, held, running}
local stored = redis.call('HMGET', KEYS[4], 'at', 'requests', 'input', 'output')
local passed = math.max(0, now - (tonumber(stored[1]) or now))
for place = 1, 3 do
  local limit = tonumber(ARGV[place])
  if limit < 0 then
    table.insert(answer, -1)
    table.insert(answer, 0)
  else
    local used = math.max(0, (tonumber(stored[1 + place]) or 0) - passed * limit / 60000)
    table.insert(answer, math.max(0, math.floor(limit - used)))
    table.insert(answer, limit > 0 and math.ceil(used * 60000 / limit) or 0)
  end
end
return answer
