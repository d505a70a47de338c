-- Answers the budgets that stand at the nodes named in `fields`, in their order, each with what is spent and reserved
-- in its present window; nil where budgets, or the spending of one of them, are not published yet.
local function read_budgets(fields, now)
  local texts = redis.call('HMGET', BUDGETS, 'version', unpack(fields))
  if not texts[1] then return nil end
  local budgets, ids, counters = {}, {}, {}
  for node = 1, #fields do
    for id, window, cap in string.gmatch(texts[node + 1] or '', '(%S+) (%S+) (%d+)') do
      table.insert(budgets, {node = node, id = id, window = window, cap = tonumber(cap)})
      table.insert(ids, id)
    end
  end
  if #budgets == 0 then return budgets end
  local spent = redis.call('HMGET', SPENT, unpack(ids))
  for place, budget in ipairs(budgets) do
    if not spent[place] then return nil end
    local start, micros = string.match(spent[place], '^(%d+) %d+ (%d+)$')
    budget.start, budget.spent = window_start(budget.window, now), 0
    -- A window that is newer than this clock's was begun by a faster one.
    if tonumber(start) >= budget.start then budget.start, budget.spent = tonumber(start), tonumber(micros) end
    budget.counter = string.format('%s@%d', budget.id, budget.start)
    table.insert(counters, budget.counter)
  end
  local reserved = redis.call('HMGET', AMOUNTS, unpack(counters))
  for place, budget in ipairs(budgets) do budget.reserved = tonumber(reserved[place] or 0) end
  return budgets
end

local function told(budget)
  return {budget.node, budget.id, budget.window, budget.cap, budget.spent, budget.reserved, budget.start}
end
