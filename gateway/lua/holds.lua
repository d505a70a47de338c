-- HOLDS is a sorted set: id -> expiry in ms. AMOUNTS is a hash: `total` micro-dollars held, how many of the holds are
-- `kept`, each hold's record by its id, and the counters that the records name. A record is '<micro-dollars>
-- <counters>'. A counter 'running:<key>' counts holds, every other one the micro-dollars reserved in a budget's window.
-- An id that begins with 'kept:' is a finished request whose usage waits in a journal: it holds its cost, and takes no
-- place among the concurrent requests.
local function is_kept(id) return string.sub(id, 1, 5) == 'kept:' end
local function is_running(counter) return string.sub(counter, 1, 8) == 'running:' end

local function record_of(text)
  local micros, counters = match(text, '^(%d+) (.*)$')
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
  -- Not "-by": of nothing that is "-0", which Redis takes for no number.
  if call('HINCRBY', AMOUNTS, counter, 0 - by) == 0 then call('HDEL', AMOUNTS, counter) end
end

-- Answers whether there was anything to forget.
local function forget(id)
  local text = call('HGET', AMOUNTS, id)
  if not text then return false end
  call('HDEL', AMOUNTS, id)
  local micros, counters = record_of(text)
  each_amount(id, micros, counters, take_back)
  return true
end

local function remove(id)
  call('ZREM', HOLDS, id)
  forget(id)
end

local function record(micros, counters) return string.format('%.0f %s', micros, counters) end

-- Both keys go an hour after the last request of all: `until` says when, so that it is put off only now and then.
local HOUR_MS = 3600000
local function put_off_end(ends, now)
  if ends and tonumber(ends) > now + HOUR_MS / 2 then return end
  call('HSET', AMOUNTS, 'until', now + HOUR_MS)
  call('PEXPIRE', AMOUNTS, HOUR_MS)
  call('PEXPIRE', HOLDS, HOUR_MS)
end

-- Sets a hold, whether or not it is there: registering again after Redis was emptied changes nothing else.
local function put(id, micros, counters, now, ttl)
  forget(id)
  call('HSET', AMOUNTS, id, record(micros, counters))
  each_amount(id, micros, counters, function(counter, by) call('HINCRBY', AMOUNTS, counter, by) end)
  call('ZADD', HOLDS, now + ttl, id)
  put_off_end(call('HGET', AMOUNTS, 'until'), now)
end

-- Removes what nobody renewed, and answers how many holds there are.
local function remove_expired(now)
  for _, id in ipairs(call('ZRANGEBYSCORE', HOLDS, '-inf', now)) do remove(id) end
  return call('ZCARD', HOLDS)
end
