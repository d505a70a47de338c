-- What is left of every limit above a key, read without changing anything: expired holds are counted out, not removed.
-- ARGV: 1 limits of the organization and 2 of the key, 3 the key's counter of running requests, 4... nodes above the
-- key, as fields of BUDGETS.
-- Answers {} where something is not published yet, else {{available, held}, organization, key, budgets...}: a node is
-- {running, requests of today, then left and ms until full of each rate; -1 and 0 without a limit}.
local now = now_ms()
local available = tonumber(call('HGET', WALLET, 'available'))
local budgets = read_budgets({unpack(ARGV, 4)}, now)
if not available or not budgets then return {} end

local gone, count = {}, call('ZCARD', HOLDS)
for _, id in ipairs(call('ZRANGEBYSCORE', HOLDS, '-inf', now)) do
  count = count - 1
  local text = call('HGET', AMOUNTS, id)
  if text then
    local micros, counters = record_of(text)
    each_amount(id, micros, counters, function(counter, by) gone[counter] = (gone[counter] or 0) + by end)
  end
end
local amounts = call('HMGET', AMOUNTS, 'total', 'kept', ARGV[3])
local function live(place, counter) return tonumber(amounts[place] or 0) - (gone[counter] or 0) end

local function shown(name, key, words, running)
  local node = read_rates(name, key, words, now)
  local answer = {running, node.today or 0}
  for place = 1, 3 do
    local left, reset = -1, 0
    if (node.limits[place] or -1) >= 0 then
      left, reset = room(node, place)
      left = math.max(0, left)
    end
    table.insert(answer, left)
    table.insert(answer, reset)
  end
  return answer
end

local answer = {
  {available, live(1, 'total')},
  shown('organization', RATES, ARGV[1], count - live(2, 'kept')),
  shown('key', KEY_RATES, ARGV[2], live(3, ARGV[3]))
}
for _, budget in ipairs(budgets) do
  budget.reserved = budget.reserved - (gone[budget.counter] or 0)
  table.insert(answer, told(budget))
end
return answer
