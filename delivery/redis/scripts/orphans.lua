-- orphans.lua gives a gateway the holds of those whose heartbeat has ended. While it
-- is patient these are only those that have closed. It also gives it those that were
-- given back, but for what it gave back itself less than two heartbeats ago.
--
-- ARGV[2]  the gateway
-- ARGV[3]  ms until its heartbeat ends
-- ARGV[4]  at most how many holds
-- ARGV[5]  the number of this call: the same number again, after a lost answer,
--          gives the same holds again
--
-- Result: {now, holds}; a hold is: id, bytes.
local owner, limit = ARGV[2], tonumber(ARGV[4])
local mine, ops, claim = P .. 'o:' .. owner, P .. 'op:' .. owner, P .. 'cl:' .. owner
local out = {}

local function give(id)
  local bytes = call('HGET', P .. 'h', id)
  if bytes and sub(bytes, 1, 16) == owner then push(out, id, sub(bytes, 17)) end
end

alive(owner, tonumber(ARGV[3]))
if call('HGET', ops, 'orphans') == ARGV[5] then
  for _, id in ipairs(call('LRANGE', claim, 0, -1)) do give(id) end
  return { now, out }
end

local patient, ended = tonumber(call('HGET', ops, 'patient') or 0), now
if patient > now then ended = 0 end

local found = {}
for _, other in ipairs(call('ZRANGEBYSCORE', P .. 'owners', '-inf', ended, 'LIMIT', 0, 100)) do
  local list = call('ZRANGE', P .. 'o:' .. other, 0, limit - 1, 'WITHSCORES')
  if #list == 0 then call('ZREM', P .. 'owners', other) end
  for i = 1, #list, 2 do
    found[#found + 1] = { id = list[i], created = tonumber(list[i + 1]), owner = other }
  end
end
local refused = P .. 'no:' .. owner
call('ZREMRANGEBYSCORE', refused, '-inf', now - 2000 * tonumber(ARGV[3]))
local back = call('ZRANGE', P .. 'aside', 0, STEP - 1)
local recently, gave = ask('ZMSCORE', refused, back), ask('HMGET', P .. 'gave', back)
for i, id in ipairs(back) do
  if not recently[i] then
    found[#found + 1] = { id = id, created = tonumber(gave[i] or 0), aside = true }
  end
end
table.sort(found, function(a, b)
  if a.created ~= b.created then return a.created < b.created end
  return a.id < b.id
end)

call('DEL', claim)
for i = 1, math.min(limit, #found) do
  local f = found[i]
  if f.aside then
    call('ZREM', P .. 'aside', f.id)
    call('HDEL', P .. 'gave', f.id)
  else
    call('ZREM', P .. 'o:' .. f.owner, f.id)
  end
  local bytes = call('HGET', P .. 'h', f.id)
  if bytes then
    call('HSET', P .. 'h', f.id, owner .. sub(bytes, 17))
    call('ZADD', mine, f.created, f.id)
    call('RPUSH', claim, f.id)
    give(f.id)
  end
end
call('HSET', ops, 'orphans', ARGV[5])
return { now, out }
