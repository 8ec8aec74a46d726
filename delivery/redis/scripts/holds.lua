-- holds.lua lists holds, oldest first.
--
-- ARGV[2]  at most how many
--
-- Result: {now, holds}; a hold is: id, bytes.
local out = {}
for _, id in ipairs(call('ZRANGE', P .. 'holds', 0, tonumber(ARGV[2]) - 1)) do
  out[#out + 1] = id
  out[#out + 1] = call('GETRANGE', P .. 'h:' .. id, 16, -1)
end
return { now, out }
