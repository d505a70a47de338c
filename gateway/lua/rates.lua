-- The rates of a node: of the organization, or of one key. Each is a bucket that fills with use and drains by its limit
-- per minute; requests per day are counted by the UTC day. `words` are the limits of requests, input tokens, output
-- tokens, concurrent requests, and requests per day, -1 where there is none; '' where there is none at all.
local NAMES = {'requests', 'input', 'output'}
local DAY_MS = 86400000

local function read_rates(name, key, words, now)
  local node = {name = name, key = key, limits = {}, levels = {}, concurrent = -1, per_day = -1}
  if words == '' then return node end
  local a, b, c, concurrent, per_day = match(words, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
  node.limits = {tonumber(a), tonumber(b), tonumber(c)}
  node.concurrent, node.per_day = tonumber(concurrent), tonumber(per_day)
  local stored = call('HMGET', key, 'at', 'requests', 'input', 'output', 'day', 'today')
  local passed = math.max(0, now - (tonumber(stored[1]) or now))
  for place, limit in ipairs(node.limits) do
    node.levels[place] = math.max(0, (tonumber(stored[1 + place]) or 0) - passed * math.max(limit, 0) / 60000)
  end
  node.day = math.floor(now / DAY_MS)
  node.is_new_day = tonumber(stored[5]) ~= node.day
  node.today = node.is_new_day and 0 or tonumber(stored[6])
  return node
end

-- What is left of a rate, and the ms until all of it is back.
local function room(node, place)
  local limit, level = node.limits[place], node.levels[place]
  return math.floor(limit - level), limit > 0 and math.ceil(level * 60000 / limit) or 0
end

local function write_rates(node, now)
  if not node.day then return end
  local levels = node.levels
  call('HSET', node.key, 'at', now, 'requests', string.format('%.3f', levels[1]),
    'input', string.format('%.3f', levels[2]), 'output', string.format('%.3f', levels[3]),
    'day', node.day, 'today', node.today)
  if node.is_new_day then call('PEXPIRE', node.key, 2 * DAY_MS) end
end
