-- holds.lua lists holds, oldest first.
--
-- ARGV[2]  at most how many
--
-- Result: {now, holds}; a hold is: id, bytes.
local limit, found, out = tonumber(ARGV[2]), {}, {}
for _, owner in ipairs(call('ZRANGE', P .. 'owners', 0, -1)) do
  local list = call('ZRANGE', P .. 'o:' .. owner, 0, limit - 1, 'WITHSCORES')
  for i = 1, #list, 2 do found[#found + 1] = { id = list[i], created = tonumber(list[i + 1]) } end
end
local back = call('ZRANGE', P .. 'aside', 0, limit - 1)
for i, gave in ipairs(ask('HMGET', P .. 'gave', back)) do
  if gave then found[#found + 1] = { id = back[i], created = tonumber(gave) } end
end
table.sort(found, function(a, b)
  if a.created ~= b.created then return a.created < b.created end
  return a.id < b.id
end)
for i = 1, math.min(limit, #found) do
  local bytes = call('HGET', P .. 'h', found[i].id)
  if bytes then push(out, found[i].id, sub(bytes, 17)) end
end
return { now, out }
