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

local ids = {} -- m -> the digest of its id, which finds its entry in P ids
local lanes_of = {} -- m -> the numbers of its lanes
local names, lanes = {}, {} -- number -> lane; lane -> m of the page that are in it, their records

-- look_up finds what a page of messages is in.
local function look_up(list)
  local fields = {}
  for i, m in ipairs(list) do
    fields[i] = call('GETRANGE', P .. 'm:' .. m, 1, 10)
    ids[m] = fields[i]
  end
  for _, entries in ipairs(ask('HMGET', P .. 'ids', fields)) do
    local b, m, numbers = 1, nil, nil
    while entries and b < #entries do
      m, b, numbers = entry(entries, b)
      if ids[m] then lanes_of[m] = numbers end
    end
  end
end

-- each_lane calls f with the lanes of a message.
local function each_lane(m, f)
  local numbers = lanes_of[m] or ''
  for i = 1, #numbers / 4 do
    local number = sub(numbers, 4 * i - 3, 4 * i)
    names[number] = names[number] or lane_name(numbers, i)
    local name = names[number]
    lanes[name] = lanes[name] or { list = {}, records = {}, gone = {} }
    f(name, lanes[name])
  end
end

local function read_records(list)
  for _, m in ipairs(list) do
    each_lane(m, function(_, lane) insert(lane.list, m) end)
  end
  for name, lane in pairs(lanes) do
    for i, raw in ipairs(ask('HMGET', P .. 'd:' .. name, lane.list)) do lane.records[lane.list[i]] = raw end
  end
end

-- needed is whether one of a message's deliveries is pending or dead.
local function needed(m)
  local is = false
  each_lane(m, function(_, lane)
    local state = lane.records[m] and string.byte(lane.records[m])
    is = is or state == PENDING or state == DEAD
  end)
  return is
end

-- nameless takes a message out of those with its id.
local function nameless(m)
  local entries, b, rest = call('HGET', P .. 'ids', ids[m]) or '', 1, {}
  while b < #entries do
    local from, one = b, nil
    one, b = entry(entries, b)
    if one ~= m then insert(rest, sub(entries, from, b - 1)) end
  end
  if #rest == 0 then
    call('HDEL', P .. 'ids', ids[m])
  else
    call('HSET', P .. 'ids', ids[m], table.concat(rest))
  end
end

local function message(m)
  local blob = P .. 'm:' .. m
  freed = freed + call('STRLEN', blob)
  each_lane(m, function(name, lane)
    insert(lane.gone, m)
    local raw = lane.records[m]
    if raw and string.byte(raw) == SKIPPED and call('ZREM', P .. 'skip:' .. name, m) == 1 then
      call('ZREM', P .. 'skips', turned(m, name))
      count(name, 'skipped', -1)
    end
  end)
  nameless(m)
  call('ZREM', P .. 'messages', m)
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
  look_up(list)
  read_records(list)
  more = #list == n and 1 or 0
  for i, m in ipairs(list) do
    if times[i] >= shifted and not large() then
      more = 0
      break
    end
    if needed(m) then kept = kept + 1 else message(m) end
  end
  for name, lane in pairs(lanes) do
    many('ZREM', P .. 'all:' .. name, lane.gone)
    for _, hash in ipairs({ 'd:', 'key:', 'why:' }) do many('HDEL', P .. hash .. name, lane.gone) end
  end
end

-- forget takes a row from those of its message.
local function forget(message_id, id)
  local rows, rest = call('HGET', P .. 'logm', message_id) or '', {}
  for b = 1, #rows - 6, 7 do
    if pad(unpack_s('>I7', rows, b)) ~= id then rest[#rest + 1] = sub(rows, b, b + 6) end
  end
  if #rest == 0 then
    call('HDEL', P .. 'logm', message_id)
  else
    call('HSET', P .. 'logm', message_id, table.concat(rest))
  end
end

-- row removes a row; in its head are version, flags, time, type, lane, id.
local function row(id, head)
  local key = P .. 'r:' .. id
  local b = 17 + unpack_s('>H', head, 15)
  if b > #head - 300 then head = call('GETRANGE', key, 0, b + 300) end
  local lane = sub(head, b + 1, b + string.byte(head, b))
  b = b + 1 + #lane
  local id_size, at_id = unpack_s('>H', head, b)
  if at_id + id_size > #head then head = call('GETRANGE', key, 0, at_id + id_size) end
  freed = freed + call('STRLEN', key)
  forget(sub(head, at_id, at_id + id_size - 1), id)
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
    local head = call('GETRANGE', P .. 'r:' .. id, 0, 700)
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
