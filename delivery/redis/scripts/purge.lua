-- purge.lua removes a bounded number of old messages or rows of the log.
--
-- ARGV[2]  "messages" or "rows"
-- ARGV[3]  older ones go: messages by this server, rows by their own clock
-- ARGV[4]  bytes: while the store is larger, others go too; 0 for no limit
-- ARGV[5]  how many of the oldest to pass over: those that earlier calls kept
-- ARGV[6]  how many to look at
--
-- Result: {now, removed, kept, more}; more is 1 if there may be others to go.
local before, limit = tonumber(ARGV[3]), tonumber(ARGV[4])
local offset, n = tonumber(ARGV[5]), tonumber(ARGV[6])
local bytes = tonumber(call('HGET', P .. 'meta', 'bytes') or 0)
local removed, freed, kept, more = 0, 0, 0, 0

local function large() return limit > 0 and bytes - freed > limit end

-- needed is whether one of the deliveries is pending or dead.
local function needed(fields)
  for i = 1, #fields, 2 do
    if sub(fields[i], 1, 1) ~= '\0' then
      local state = string.byte(fields[i + 1])
      if state == PENDING or state == DEAD then return true end
    end
  end
  return false
end

local function message(m, fields)
  local blob = P .. 'm:' .. m
  freed = freed + call('STRLEN', blob)
  call('HDEL', P .. 'ids', call('GETRANGE', blob, 1, 20))
  call('ZREM', P .. 'messages', m)
  for i = 1, #fields, 2 do
    local lane = fields[i]
    if sub(lane, 1, 1) ~= '\0' then
      call('ZREM', P .. 'all:' .. lane, m)
      if call('ZREM', P .. 'skip:' .. lane, m) == 1 then call('HINCRBY', P .. 'stats:' .. lane, 'skipped', -1) end
      if call('EXISTS', P .. 'all:' .. lane) == 0 then call('SREM', P .. 'names', lane) end
    end
  end
  call('DEL', blob, P .. 'd:' .. m)
  removed = removed + 1
end

local function messages()
  local shifted = before + shift
  local list = call('ZRANGE', P .. 'messages', offset, offset + n - 1, 'WITHSCORES')
  for i = 1, #list, 2 do
    local m = list[i]
    if tonumber(list[i + 1]) >= shifted and not large() then return end
    local fields = call('HGETALL', P .. 'd:' .. m)
    if needed(fields) then kept = kept + 1 else message(m, fields) end
  end
  if #list == 2 * n then more = 1 end
end

local function row(id, head)
  local key = P .. 'r:' .. id
  local lanes = string.byte(head, 15)
  local lane = sub(head, 16, 15 + lanes)
  local ids, at_id = unpack_s('>H', head, 16 + lanes)
  freed = freed + call('STRLEN', key)
  call('ZREM', P .. 'logm:' .. sub(head, at_id, at_id + ids - 1), id)
  for _, index in ipairs({ 'log', 'logf', 'log:' .. lane, 'logf:' .. lane }) do call('ZREM', P .. index, id) end
  call('DEL', key)
  removed = removed + 1
end

-- Rows come in the order in which attempts ended, and are as old as the
-- attempt's beginning: a whole page of younger ones ends the walk.
local function rows()
  local list = call('ZRANGE', P .. 'log', offset, offset + n - 1)
  for _, id in ipairs(list) do
    local head = call('GETRANGE', P .. 'r:' .. id, 0, 66000)
    local seconds, nanos = 0, 0
    if #head >= 17 then seconds, nanos = unpack_s('>i8I4', head, 3) end
    if #head < 17 then
      call('ZREM', P .. 'log', id)
      removed = removed + 1
    elseif seconds * 1000000 + nanos / 1000 < before or large() then
      row(id, head)
    else
      kept = kept + 1
    end
  end
  if #list == n and removed > 0 then more = 1 end
end

if ARGV[2] == 'rows' then rows() else messages() end
if freed > 0 then call('HINCRBY', P .. 'meta', 'bytes', -freed) end
return { now, removed, kept, more }
