-- attempts.lua lists rows of the log, newest first, or counts them. It looks at
-- a bounded number of them; the caller goes on before the last.
--
-- ARGV[2]  the lane, "" for all
-- ARGV[3]  the message's id, "" for all
-- ARGV[4]  "1" for successes, "0" for failures, "" for both
-- ARGV[5]  the event's type, "" for all
-- ARGV[6]  only rows written at this time or later; 0 is no limit
-- ARGV[7]  only rows written before this time; 0 is no limit
-- ARGV[8]  only this row; 0 for all
-- ARGV[9]  only rows before this one; 0 for all
-- ARGV[10] rows to pass over
-- ARGV[11] at most how many
-- ARGV[12] how many to look at
-- ARGV[13] bytes of rows after which no more is given
-- ARGV[14] "1" to go on counting when the rows have been found
--
-- Result: {now, total, last, passed, more, looked, matched, rows}; total is how
-- many there are of any type; last is the last row looked at, passed how many were
-- passed over, more is 1 if there may be others, looked how many were looked at,
-- matched how many of these are wanted; a row is: id, bytes.
local lane, message, success, kind = ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local before, offset, limit = tonumber(ARGV[9]), tonumber(ARGV[10]), tonumber(ARGV[11])
local budget, room = tonumber(ARGV[12]), tonumber(ARGV[13])
local counting = ARGV[14] == '1'
local scope = lane == '' and '' or ':' .. lane
local all, bad = P .. 'log' .. scope, P .. 'logf' .. scope

-- Rows are written in the order of their ids: times are limits of these. Each
-- gives the first row that was written at the time or later, nil for none.
local function written(text)
  local time = format('%d', tonumber(text) + shift)
  return tonumber(call('ZRANGEBYSCORE', P .. 'logt', time, '+inf', 'LIMIT', 0, 1)[1])
end

local first, stop = 0, math.huge -- rows from the first to before the stop
if ARGV[6] ~= '0' then first = written(ARGV[6]) or math.huge end
if ARGV[7] ~= '0' then stop = written(ARGV[7]) or math.huge end
if ARGV[8] ~= '0' then
  local id = tonumber(ARGV[8])
  first, stop = math.max(first, id), math.min(stop, id + 1)
end
local function edge(n, open)
  if n == math.huge then return '+inf' end
  return open .. pad(n)
end
local from, to = edge(first, ''), edge(stop, '(')

-- of_type looks at a row's flags and type: in its head are version, flags, time,
-- type, lane, id, see row.go.
local TYPE, ROW = pack('>H', #kind % 65536) .. kind, P .. 'r:'
local ENDS = 13 + #TYPE

local function of_type(row)
  if success == '' then return call('GETRANGE', ROW .. row, 14, ENDS) == TYPE end
  local head = call('GETRANGE', ROW .. row, 1, ENDS)
  return sub(head, 14) == TYPE and (success == '' or tonumber(success) == string.byte(head) % 2)
end

-- of_lane looks at a row's flags and lane.
local function of_lane(row)
  local key = P .. 'r:' .. row
  local head = call('GETRANGE', key, 0, 600)
  local n = #head > 15 and 17 + unpack_s('>H', head, 15) -- where the lane's length is
  if n and n + 255 > #head then head = call('GETRANGE', key, 0, n + 255) end
  if not n or n > #head then return false end
  if lane ~= '' and sub(head, n + 1, n + string.byte(head, n)) ~= lane then return false end
  return success == '' or tonumber(success) == string.byte(head, 2) % 2
end

local function wanted(row)
  if kind ~= '' then return of_type(row) end
  return success ~= '1' or not call('ZSCORE', bad, row)
end

-- number counts the rows of an index that are written within the times.
local function number(index)
  if first == 0 and stop == math.huge then return call('ZCARD', index) end
  if first >= stop then return 0 end
  return call('ZCOUNT', index, from, to)
end

local source, total = all, 0
local mine = {} -- rows of the message, newest first
if message ~= '' then
  local rows = call('HGET', P .. 'logm', message) or ''
  for i = #rows - 6, 1, -7 do
    local id = unpack_s('>I7', rows, i)
    if id >= first and id < stop and of_lane(pad(id)) then
      total = total + 1
      mine[total] = pad(id)
    end
  end
elseif success == '0' then
  source, total = bad, number(bad)
elseif success == '1' then
  total = number(all) - number(bad)
else
  total = number(all)
end
if message ~= '' then lane, success = '', '' end -- that is known of these rows

local function upper(last) return last > 0 and last < stop and '(' .. pad(last) or to end

-- leap passes over rows of an index without looking at them: it gives the last of
-- them and how many of those that are wanted they are. Of successes there is no
-- index, but down to any row it is known how many are failures.
local function leap(last, skip)
  local top = upper(last)
  local newer = call('ZCARD', source) - call('ZCOUNT', source, '-inf', top)
  local low, high = 0, call('ZCOUNT', source, from, top)
  if success ~= '1' then low = math.min(skip, high) end
  local passed = low
  while low < high and success == '1' do
    local middle = floor((low + high + 1) / 2) -- rows that are passed
    local id = call('ZREVRANGE', all, newer + middle - 1, newer + middle - 1)[1]
    local good = middle - call('ZCOUNT', bad, id, top)
    if good <= skip then low, passed = middle, good else high = middle - 1 end
  end
  if low == 0 then return last, 0 end
  return tonumber(call('ZREVRANGE', source, newer + low - 1, newer + low - 1)[1]), passed
end

-- page gives the next rows before the last, and how many it passed over: without
-- a filter the index itself can do that.
local function page(last, skip, size)
  if message ~= '' then
    local list = {}
    for _, row in ipairs(mine) do
      if #list < size and (last == 0 or tonumber(row) < last) then list[#list + 1] = row end
    end
    return list, 0
  end
  if first >= stop then return {}, 0 end
  local passed = 0
  if kind == '' and skip > 0 then last, passed = leap(last, skip) end
  return call('ZREVRANGEBYSCORE', source, upper(last), from, 'LIMIT', 0, size), passed
end

local out, given, passed, last, looked, matched, more = {}, 0, 0, before, 0, 0, 1

-- take looks at one row.
local function take(row)
  last, looked = tonumber(row), looked + 1
  if not wanted(row) then return end
  matched = matched + 1
  if passed < offset then
    passed = passed + 1
    return
  end
  if given >= limit then return end
  local bytes = call('GET', P .. 'r:' .. row) or ''
  push(out, row, bytes)
  given, room = given + 1, room - #bytes
end

local function goes_on() return given < limit and room > 0 or counting and given >= limit end

while more == 1 and looked < budget and goes_on() do
  local size = math.min(STEP, budget - looked)
  local list, skip = page(last, offset - passed, size)
  passed = passed + skip
  if #list < size then more = 0 end
  for _, row in ipairs(list) do
    if not goes_on() then
      more = 1
      break
    end
    take(row)
  end
end
return { now, total, last, passed, more, looked, matched, out }
