-- messages.lua lists messages by position. It looks at a bounded number of them;
-- the caller goes on where it stopped.
--
-- ARGV[2]  "1" for the highest first
-- ARGV[3]  only behind this position
-- ARGV[4]  only before this one; 0 is no limit
-- ARGV[5]  only what was stored at this time or later; 0 is no limit
-- ARGV[6]  only what was stored before this time; 0 is no limit
-- ARGV[7..10]  id, source, type, subject; "" for any
-- ARGV[11] the beginning of the digest of the id, which finds it; "" for any id
-- ARGV[12] at most how many
-- ARGV[13] how many to look at
-- ARGV[14] bytes of messages after which no more is given
-- ARGV[15..17] marks of source, type, subject; "" for any, see message.go
--
-- Result: {now, last, looked, messages}; last is the last position looked at,
-- 0 if there are no others; a message is: m, bytes.
local newest, after, before = ARGV[2] == '1', tonumber(ARGV[3]), tonumber(ARGV[4])
local limit, budget, room = tonumber(ARGV[12]), tonumber(ARGV[13]), tonumber(ARGV[14])
local index = P .. 'messages'

local function moment(text) return format('%d', tonumber(text) + shift) end

-- What is wanted of the texts in a message's head, in their order; "" is any.
-- The class is between the type and the subject.
local wanted = { ARGV[7], ARGV[8], ARGV[9], '', ARGV[10] }
while wanted[1] and wanted[#wanted] == '' do wanted[#wanted] = nil end

-- The marks that are wanted, from the first to the last of these, and where they
-- are: behind version, digest and time.
local marks, marks_at, marks_end = '', 0, 0
for i = 15, 17 do
  if ARGV[i] ~= '' and (marks == '' or marks_end == 4 * (i - 15) + 32) then
    if marks == '' then marks_at = 4 * (i - 15) + 33 end
    marks, marks_end = marks .. ARGV[i], 4 * (i - 15) + 36
  end
end

-- matches looks into a message's head: version, digest, time, marks, texts.
local function matches(key)
  if marks ~= '' and call('GETRANGE', key, marks_at, marks_end) ~= marks then return false end
  local head, whole, b = call('GETRANGE', key, 0, 511), false, 46
  for _, want in ipairs(wanted) do
    local n = #head >= b + 3 and unpack_s('>I4', head, b)
    if not whole and (not n or b + 3 + n > #head) then
      head, whole = call('GET', key) or '', true
      n = #head >= b + 3 and unpack_s('>I4', head, b)
    end
    if not n or want ~= '' and (n ~= #want or sub(head, b + 4, b + 3 + n) ~= want) then return false end
    b = b + 4 + n
  end
  return true
end

local out, given, looked, last = {}, 0, 0, 0

local function look(m)
  local key = P .. 'm:' .. m
  looked, last = looked + 1, tonumber(m)
  if #wanted > 0 and not matches(key) then return end
  local blob = call('GET', key)
  if not blob then return end -- the server has evicted it
  push(out, m, blob)
  given, room = given + 1, room - #blob
end

-- by_id looks at all messages with the id: few, of different sources.
local function by_id()
  local found, entries, b, m = {}, call('HGET', P .. 'ids', ARGV[11]) or '', 1, nil
  while b < #entries do
    m, b = entry(entries, b)
    insert(found, newest and 1 or #found + 1, m)
  end
  for _, m in ipairs(found) do
    local seq, stored = tonumber(m), tonumber(call('ZSCORE', index, m) or 0)
    if seq > after and (before == 0 or seq < before) and stored >= (ARGV[5] == '0' and 0 or tonumber(moment(ARGV[5])))
      and (ARGV[6] == '0' or stored < tonumber(moment(ARGV[6]))) and given < limit and room > 0 then look(m) end
  end
  last = 0
end

local all = call('ZCARD', index)

-- rank is how many messages have a position below this one.
local function rank(seq)
  local low, high = 0, all
  while low < high do
    local middle = floor((low + high) / 2)
    if tonumber(call('ZRANGE', index, middle, middle)[1]) < seq then low = middle + 1 else high = middle end
  end
  return low
end

-- range gives the ranks to look at: from the first to before the stop.
local function range()
  local first, stop = 0, all
  if after > 0 then first = rank(after + 1) end
  if before > 0 then stop = rank(before) end
  if ARGV[5] ~= '0' then first = math.max(first, call('ZCOUNT', index, '-inf', '(' .. moment(ARGV[5]))) end
  if ARGV[6] ~= '0' then stop = math.min(stop, call('ZCOUNT', index, '-inf', '(' .. moment(ARGV[6]))) end
  return first, stop
end

local SOME = 100 -- positions that are read at once

local function walk()
  local first, stop = range()
  while first < stop and given < limit and room > 0 and looked < budget do
    local n = math.min(SOME, stop - first, budget - looked)
    local from = newest and stop - n or first
    local list = call('ZRANGE', index, from, from + n - 1)
    for i = 1, n do
      if given == limit or room <= 0 then break end
      look(list[newest and n + 1 - i or i])
      if newest then stop = stop - 1 else first = first + 1 end
    end
  end
  if first >= stop then last = 0 end
end

if ARGV[11] ~= '' then by_id() else walk() end
return { now, last, looked, out }
