-- Which earlier attempt does this one repeat? KEYS[1]: what was asked. ARGV: 1 new id, 2 gateway, 3 level, 4 ttl ms.
-- Of the attempts with a lower count: one whose client was lost, else one that was refused (then this is a new one),
-- else one that is running or was answered. Answers {"new"} or {"join", id, gateway}.
local level = tonumber(ARGV[3])
local stored = redis.call('HGETALL', KEYS[1])
local lost, answered, refused

local function later(one, other)
  if not other then return true end
  if one[3] ~= other[3] then return one[3] > other[3] end
  return one[1] > other[1]
end

for place = 1, #stored, 2 do
  local name, value = stored[place], stored[place + 1]
  if string.sub(name, 1, 8) == 'refused:' then
    local at = tonumber(string.sub(name, 9))
    if at < level and tonumber(value) > 0 and at > (refused or -1) then refused = at end
  elseif #name == 32 then
    local gateway, at, state = string.match(value, '^([^:]*):(%d+):(.*)$')
    local found = {name, gateway, tonumber(at)}
    if found[3] < level then
      if state == 'lost' then
        if later(found, lost) then lost = found end
      elseif later(found, answered) then
        answered = found
      end
    end
  end
end

local found = lost or (not refused and answered)
redis.call('PEXPIRE', KEYS[1], ARGV[4])
if found then
  redis.call('HSET', KEYS[1], found[1], found[2] .. ':' .. level .. ':')
  return {'join', found[1], found[2]}
end
if refused then redis.call('HINCRBY', KEYS[1], 'refused:' .. refused, -1) end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2] .. ':' .. level .. ':')
redis.call('PEXPIRE', KEYS[1], ARGV[4])
return {'new'}
