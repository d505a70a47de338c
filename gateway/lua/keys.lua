-- The keys of every script, all of one organization.
local WALLET, HOLDS, AMOUNTS, RATES, KEY_RATES, BUDGETS, SPENT = unpack(KEYS)

local call, match = redis.call, string.match

local function now_ms()
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end
