-- HOLDS is a sorted set: id -> expiry in ms. AMOUNTS is a hash: `total` micro-dollars held, how many of the holds are
-- `kept`, each hold's record by its id, and the counters that the records name. A record is '<micro-dollars>
-- <counters>'. A counter 'running:<key>' counts holds, every other one the micro-dollars reserved in a budget's window.
-- An id that begins with 'kept:' is a finished request whose usage waits in a journal: it holds its cost, and takes no
-- place among the concurrent requests.
local function is_kept(id) return string.sub(id, 1, 5) == 'kept:' end
local function is_running(counter) return string.sub(counter, 1, 8) == 'running:' end

local function record_of(text)
  local micros, counters = string.match(text, '^(%d+) (.*)$')
  return tonumber(micros), counters
end

-- Calls `each(counter, by)` for whatever the hold adds to.
local function each_amount(id, micros, counters, each)
  each('total', micros)
  if is_kept(id) then each('kept', 1) end
  for counter in string.gmatch(counters, '%S+') do
    if not is_running(counter) then
      each(counter, micros)
    elseif not is_kept(id) then
      each(counter, 1)
    end
  end
end

local function take_back(counter, by)
  if redis.call('HINCRBY', AMOUNTS, counter, -by) == 0 then redis.call('HDEL', AMOUNTS, counter) end
end

local function forget(id)
  local text = redis.call('HGET', AMOUNTS, id)
  if not text then return end
  redis.call('HDEL', AMOUNTS, id)
  local micros, counters = record_of(text)
  each_amount(id, micros, counters, take_back)
end

local function remove(id)
  redis.call('ZREM', HOLDS, id)
  forget(id)
end

-- Sets a hold, whether or not it is there: registering again after Redis was emptied changes nothing else.
local function put(id, micros, counters, now, ttl)
  forget(id)
  redis.call('HSET', AMOUNTS, id, string.format('%.0f %s', micros, counters))
  each_amount(id, micros, counters, function(counter, by) redis.call('HINCRBY', AMOUNTS, counter, by) end)
  redis.call('ZADD', HOLDS, now + ttl, id)
  redis.call('PEXPIRE', HOLDS, ttl + 60000)
  redis.call('PEXPIRE', AMOUNTS, ttl + 60000)
end

-- Removes what nobody renewed, and answers how many holds there are.
local function remove_expired(now)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', HOLDS, '-inf', now)) do remove(id) end
  local count = redis.call('ZCARD', HOLDS)
  if count == 0 then redis.call('DEL', AMOUNTS) end
  return count
end
