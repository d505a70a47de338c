-- Reserve against every limit above a request, or against none.
-- ARGV: 1 hold id, 2 micro-dollars, 3 ttl ms, 4 input and 5 output tokens, 6 limits of the organization and 7 of the key,
-- 8 the key's counter of running requests; with KEYS[8], which is what was asked, the six words of `mark`; then the
-- nodes above the request, as fields of BUDGETS.
-- Answers {"admitted", now ms, counters, then limit (-1: none), left and ms until full of the tighter rate of each three},
-- {"unpublished"}, or what refused:
-- {"balance", available, held} | {"budget", now ms, and what `told` tells} | {"day", node, limit, used, now ms} |
-- {"concurrency", node, limit, used} | {"requests"|"input"|"output", node, limit, used, ms to wait; -1: it never fits}
local id, amount = ARGV[1], tonumber(ARGV[2])
local needs = {1, tonumber(ARGV[4]), tonumber(ARGV[5])}
local now = now_ms()

local available = tonumber(call('HGET', WALLET, 'available'))
if not available then return {'unpublished'} end
local count = remove_expired(now)
-- Without holds nothing is held, and a request that is admitted again holds anew.
if count == 0 then
  call('DEL', AMOUNTS)
elseif forget(id) then
  count = count - call('ZREM', HOLDS, id)
end
local budgets = read_budgets({unpack(ARGV, KEYS[8] and 15 or 9)}, now)
if not budgets then return {'unpublished'} end

-- What waiting a second can't mend is said first.
local amounts = call('HMGET', AMOUNTS, 'total', 'kept', ARGV[8], 'until')
local held = tonumber(amounts[1] or 0)
local busy
if available < amount then return {'balance', available, held} end
if available - held < amount then busy = {'balance', available, held} end
local counters = {}
for place, budget in ipairs(budgets) do
  if budget.spent + amount > budget.cap then return {'budget', now, unpack(told(budget))} end
  if budget.spent + budget.reserved + amount > budget.cap then
    busy = busy or {'budget', now, unpack(told(budget))}
  end
  counters[place] = budget.counter
end
local nodes = {read_rates('organization', RATES, ARGV[6], now), read_rates('key', KEY_RATES, ARGV[7], now)}
for _, node in ipairs(nodes) do
  if node.per_day >= 0 and node.today >= node.per_day then
    return {'day', node.name, node.per_day, node.today, now}
  end
end
if busy then return busy end

nodes[1].running, nodes[2].running = count - tonumber(amounts[2] or 0), tonumber(amounts[3] or 0)
for _, node in ipairs(nodes) do
  if node.concurrent >= 0 and node.running >= node.concurrent then
    return {'concurrency', node.name, node.concurrent, node.running}
  end
end
local is_counted = nodes[2].concurrent >= 0
if is_counted then table.insert(counters, ARGV[8]) end

local rooms = {{-1, -1, 0}, {-1, -1, 0}, {-1, -1, 0}}
for _, node in ipairs(nodes) do
  for place, limit in ipairs(node.limits) do
    local used, need = node.levels[place], needs[place]
    -- An answer is seldom as long as it may be: one that could use up the minute reserves all of it, not more.
    if place == 3 then need = math.min(need, math.max(limit, 1)) end
    if limit < 0 then
      node.levels[place] = 0
    elseif used + need > limit then
      local wait = -1
      if need <= limit and limit > 0 then wait = math.ceil((used + need - limit) * 60000 / limit) end
      return {NAMES[place], node.name, limit, math.ceil(used), wait}
    else
      node.levels[place] = used + need
      local left, reset = room(node, place)
      if rooms[place][1] < 0 or left < rooms[place][2] then rooms[place] = {limit, left, reset} end
    end
  end
end

for _, node in ipairs(nodes) do
  if node.day then node.today = node.today + 1 end
  write_rates(node, now)
end
local named = table.concat(counters, ' ')
-- What `put` does, in one write of what was read above.
local sums = {'total', held + amount, id, record(amount, named)}
for place, budget in ipairs(budgets) do
  sums[2 * place + 3], sums[2 * place + 4] = budget.counter, budget.reserved + amount
end
if is_counted then
  table.insert(sums, ARGV[8])
  table.insert(sums, nodes[2].running + 1)
end
call('HSET', AMOUNTS, unpack(sums))
call('ZADD', HOLDS, now + tonumber(ARGV[3]), id)
put_off_end(amounts[4], now)
if KEYS[8] then mark(KEYS[8], unpack(ARGV, 9, 14)) end
local a, b, c = unpack(rooms)
return {'admitted', now, named, a[1], a[2], a[3], b[1], b[2], b[3], c[1], c[2], c[3]}
