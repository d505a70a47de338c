-- Reserve against every limit of an organization, or against none.
-- ARGV: 1 hold id, 2 micro-dollars, 3 ttl ms, then limit per minute (-1: none) and need of 4-5 requests, 6-7 input
-- tokens, 8-9 output tokens, 10 concurrent requests (-1: none).
-- Answers {"admitted", left and ms until full of each of the three}, {"no wallet"}, or what refused:
-- {"balance", available, held} | {"concurrency", limit, used} | {"requests"|"input"|"output", limit, used, ms to wait}
local NAMES = {'requests', 'input', 'output'}
local now = now_ms()
local available = tonumber(redis.call('HGET', KEYS[1], 'available'))
if not available then return {'no wallet'} end

remove_expired(now)
local amount = tonumber(ARGV[2])
local held = tonumber(redis.call('HGET', KEYS[3], 'total') or 0)
if available - held < amount then return {'balance', available, held} end

local running = redis.call('ZCARD', KEYS[2]) - tonumber(redis.call('HGET', KEYS[3], 'kept') or 0)
local most = tonumber(ARGV[10])
if most >= 0 and running >= most then return {'concurrency', most, running} end

-- Each rate is a bucket that fills with use and drains by its limit per minute.
local stored = redis.call('HMGET', KEYS[4], 'at', 'requests', 'input', 'output')
local passed = math.max(0, now - (tonumber(stored[1]) or now))
local levels = {}
local answer = {'admitted'}
for place, name in ipairs(NAMES) do
  local limit = tonumber(ARGV[2 + 2 * place])
  local need = tonumber(ARGV[3 + 2 * place])
  local used = math.max(0, (tonumber(stored[1 + place]) or 0) - passed * math.max(limit, 0) / 60000)
  if limit >= 0 and used + need > limit then
    local wait = -1
    if need <= limit and limit > 0 then wait = math.ceil((used + need - limit) * 60000 / limit) end
    return {name, limit, math.ceil(used), wait}
  end
  if limit < 0 then
    levels[place] = 0
    table.insert(answer, -1)
    table.insert(answer, 0)
  else
    levels[place] = used + need
    table.insert(answer, math.floor(limit - levels[place]))
    table.insert(answer, limit > 0 and math.ceil(levels[place] * 60000 / limit) or 0)
  end
end

redis.call('HSET', KEYS[4], 'at', now, 'requests', string.format('%.3f', levels[1]),
  'input', string.format('%.3f', levels[2]), 'output', string.format('%.3f', levels[3]))
redis.call('PEXPIRE', KEYS[4], 3600000)
put(ARGV[1], amount, now, tonumber(ARGV[3]))
return answer
