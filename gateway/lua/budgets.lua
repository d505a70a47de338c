-- Answers the budgets that stand at the nodes named in `fields`, in their order, each with what is spent and reserved
-- in its present window; nil where budgets, or the spending of one of them, are not published yet.
local function read_budgets(fields, now)
  local texts = call('HMGET', BUDGETS, 'version', unpack(fields))
  if not texts[1] then return nil end
  local budgets, ids, counters, count = {}, {}, {}, 0
  for node = 1, #fields do
    for id, window, cap in string.gmatch(texts[node + 1] or '', '(%S+) (%S+) (%d+)') do
      local start = window_start(window, now)
      count = count + 1
      ids[count] = id
      budgets[count] = {
        node = node, id = id, window = window, cap = tonumber(cap), start = start, spent = 0, reserved = 0, counter = ''
      }
    end
  end
  if count == 0 then return budgets end
  local spent = call('HMGET', SPENT, unpack(ids))
  for place, budget in ipairs(budgets) do
    if not spent[place] then return nil end
    local start, micros = match(spent[place], '^(%d+) %d+ (%d+)$')
    start = tonumber(start)
    -- A window that is newer than this clock's was begun by a faster one.
    if start >= budget.start then budget.start, budget.spent = start, tonumber(micros) end
    budget.counter = budget.id .. '@' .. budget.start
    counters[place] = budget.counter
  end
  local reserved = call('HMGET', AMOUNTS, unpack(counters))
  for place, budget in ipairs(budgets) do budget.reserved = tonumber(reserved[place] or 0) end
  return budgets
end

local function told(budget)
  return {budget.node, budget.id, budget.window, budget.cap, budget.spent, budget.reserved, budget.start}
end
