-- Remember that the first attempt of a request was let in. `asked`: the key of what was asked. `oldest`: the oldest id
-- that is worth keeping; `most` ids are kept.
local function mark(asked, id, gateway, level, ttl, most, oldest)
  if call('HLEN', asked) >= tonumber(most) then
    for _, name in ipairs(call('HKEYS', asked)) do
      if #name == 32 and name < oldest then call('HDEL', asked, name) end
    end
    if call('HLEN', asked) >= tonumber(most) then return end
  end
  call('HSET', asked, id, gateway .. ':' .. level .. ':')
  call('PEXPIRE', asked, ttl)
end
