-- Shared by the scripts below it. KEYS: 1 wallet, 2 holds (sorted set: id -> expiry, ms), 3 amounts (hash: id -> micro-
-- dollars, with `total` and `kept`), 4 rates. An id that begins with "kept:" is a finished request whose usage waits in
-- a journal: it holds its cost, and takes no place among the concurrent requests.
local function now_ms()
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end

local function is_kept(id) return string.sub(id, 1, 5) == 'kept:' end

local function remove(id)
  local amount = redis.call('HGET', KEYS[3], id)
  redis.call('ZREM', KEYS[2], id)
  if not amount then return end
  redis.call('HDEL', KEYS[3], id)
  redis.call('HINCRBY', KEYS[3], 'total', -amount)
  if is_kept(id) then redis.call('HINCRBY', KEYS[3], 'kept', -1) end
end

-- Sets a hold, whether or not it is there: registering again after Redis was emptied changes nothing else.
local function put(id, amount, now, ttl)
  remove(id)
  redis.call('HSET', KEYS[3], id, amount)
  redis.call('HINCRBY', KEYS[3], 'total', amount)
  if is_kept(id) then redis.call('HINCRBY', KEYS[3], 'kept', 1) end
  redis.call('ZADD', KEYS[2], now + ttl, id)
  redis.call('PEXPIRE', KEYS[2], ttl + 60000)
  redis.call('PEXPIRE', KEYS[3], ttl + 60000)
end

local function remove_expired(now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now)) do remove(id) end
  if redis.call('EXISTS', KEYS[2]) == 0 then redis.call('DEL', KEYS[3]) end
end
