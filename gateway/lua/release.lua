-- Write wallet and budgets where they are newer, give unused tokens back, and remove holds.
-- ARGV: 1 version ('' where nothing was settled), 2 available micro-dollars, 3 input tokens to give back, 4 output tokens
-- to the organization and 5 to the key (negative: more was used than reserved), 6 how many counters of budgets follow,
-- then those, as `settle()` answered them, then hold ids.
if ARGV[1] ~= '' then set_wallet(WALLET, ARGV[1], ARGV[2]) end
local last = 6 + tonumber(ARGV[6])
for place = 7, last do
  local budget, text = match(ARGV[place], '^(%S+) (.+)$')
  copy_spent_if_newer(SPENT, budget, text)
end

local function give_back(key, name, tokens)
  if tokens == 0 then return end
  local level = tonumber(call('HGET', key, name))
  if level then call('HSET', key, name, string.format('%.3f', math.max(0, level - tokens))) end
end
for place, key in ipairs({RATES, KEY_RATES}) do
  give_back(key, 'input', tonumber(ARGV[3]))
  give_back(key, 'output', tonumber(ARGV[3 + place]))
end

for place = last + 1, #ARGV do
  remove(ARGV[place])
  remove('kept:' .. ARGV[place])
end
return 1
