-- Write the wallet if it is newer, give unused tokens back, and remove holds.
-- ARGV: 1 version ('' where nothing was settled), 2 available micro-dollars, 3 input and 4 output tokens to give back
-- (negative: more was used than reserved), 5... hold ids.
if ARGV[1] ~= '' then set_wallet(KEYS[1], ARGV[1], ARGV[2]) end
for place, name in ipairs({'input', 'output'}) do
  local level = tonumber(redis.call('HGET', KEYS[4], name))
  local back = tonumber(ARGV[2 + place])
  if level and back ~= 0 then
    redis.call('HSET', KEYS[4], name, string.format('%.3f', math.max(0, level - back)))
  end
end
for place = 5, #ARGV do
  remove(ARGV[place])
  remove('kept:' .. ARGV[place])
end
return 1
