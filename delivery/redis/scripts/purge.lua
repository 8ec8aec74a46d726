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

local lanes = {} -- of those that have deliveries: name, records by place in the page

-- needed is whether one of a message's deliveries is pending or dead.
local function needed(i)
  for _, lane in ipairs(lanes) do
    local state = lane.records[i] and string.byte(lane.records[i])
    if state == PENDING or state == DEAD then return true end
  end
  return false
end

local function delivery(lane, m, state)
  insert(lane.gone, m)
  if state == SKIPPED and call('ZREM', P .. 'skip:' .. lane.name, m) == 1 then count(lane.name, 'skipped', -1) end
end

-- without takes one of some numbers of 7 bytes each out.
local function without(numbers, one)
  local rest = {}
  for b = 1, #numbers - 6, 7 do
    if pad(unpack_s('>I7', numbers, b)) ~= one then rest[#rest + 1] = sub(numbers, b, b + 6) end
  end
  return table.concat(rest)
end

-- drop takes a number out of those of a field of a hash.
local function drop(hash, field, one)
  local rest = without(call('HGET', hash, field) or '', one)
  if rest == '' then call('HDEL', hash, field) else call('HSET', hash, field, rest) end
end

local function message(i, m)
  local blob = P .. 'm:' .. m
  freed = freed + call('STRLEN', blob)
  drop(P .. 'ids', call('GETRANGE', blob, 1, 10), m)
  call('ZREM', P .. 'messages', m)
  for _, lane in ipairs(lanes) do
    if lane.records[i] then delivery(lane, m, string.byte(lane.records[i])) end
  end
  call('DEL', blob)
  removed = removed + 1
end

local function messages()
  local shifted = before + shift
  local list, times = {}, {}
  local found = call('ZRANGE', P .. 'messages', offset, offset + n - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    list[#list + 1], times[#times + 1] = found[i], tonumber(found[i + 1])
  end
  if #list == 0 or times[1] >= shifted and not large() then return end
  for _, name in ipairs(call('ZRANGE', P .. 'names', 0, -1)) do
    lanes[#lanes + 1] = { name = name, records = ask('HMGET', P .. 'd:' .. name, list), gone = {} }
  end
  more = #list == n and 1 or 0
  for i, m in ipairs(list) do
    if times[i] >= shifted and not large() then
      more = 0
      break
    end
    if needed(i) then kept = kept + 1 else message(i, m) end
  end
  for _, lane in ipairs(lanes) do
    many('ZREM', P .. 'all:' .. lane.name, lane.gone)
    for _, hash in ipairs({ 'd:', 'key:', 'why:' }) do many('HDEL', P .. hash .. lane.name, lane.gone) end
    if call('EXISTS', P .. 'all:' .. lane.name) == 0 then call('ZREM', P .. 'names', lane.name) end
  end
end

local function row(id, head)
  local key = P .. 'r:' .. id
  local lanes = string.byte(head, 15)
  local lane = sub(head, 16, 15 + lanes)
  local ids, at_id = unpack_s('>H', head, 16 + lanes)
  freed = freed + call('STRLEN', key)
  drop(P .. 'logm', sub(head, at_id, at_id + ids - 1), id)
  for _, index in ipairs({ 'log', 'logf', 'log:' .. lane, 'logf:' .. lane }) do call('ZREM', P .. index, id) end
  call('DEL', key)
  removed = removed + 1
end

-- times removes the times of rows that are gone: those before the last that the
-- first row of all is not before.
local function times()
  local first = call('ZRANGE', P .. 'log', 0, 0)[1]
  if not first then
    call('DEL', P .. 'logt')
    return
  end
  local list, gone = call('ZRANGE', P .. 'logt', 0, STEP), 0
  while list[gone + 2] and list[gone + 1] < first and list[gone + 2] <= first do gone = gone + 1 end
  if gone > 0 then call('ZREMRANGEBYRANK', P .. 'logt', 0, gone - 1) end
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
  if removed > 0 then times() end
end

if ARGV[2] == 'rows' then rows() else messages() end
if freed > 0 then call('HINCRBY', P .. 'meta', 'bytes', -freed) end
finally()
return { now, removed, kept, more }
