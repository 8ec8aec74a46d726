-- attempts.lua lists rows of the log, newest first. It looks at a bounded number
-- of them; the caller goes on before the last.
--
-- ARGV[2]  the lane, "" for all
-- ARGV[3]  the message's id, "" for all
-- ARGV[4]  "1" for successes, "0" for failures, "" for both
-- ARGV[5]  only rows before this one; 0 for all
-- ARGV[6]  rows to pass over
-- ARGV[7]  at most how many
-- ARGV[8]  bytes of rows after which no more is given
--
-- Result: {now, total, last, passed, more, rows}; last is the last row looked
-- at, passed how many of the rows to pass over were passed, more is 1 if there
-- may be others; a row is: id, bytes.
local lane, message, success = ARGV[2], ARGV[3], ARGV[4]
local before, offset, limit = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local room, budget = tonumber(ARGV[8]), 10 * STEP
local scope = lane == '' and '' or ':' .. lane
local all, bad = P .. 'log' .. scope, P .. 'logf' .. scope

-- wanted looks into a row's head: version, success, time, lane, see row.go.
local function wanted(row)
  if message ~= '' then
    local head = call('GETRANGE', P .. 'r:' .. row, 0, 300)
    local ok, n = string.byte(head, 2), string.byte(head, 15)
    return n and (lane == '' or sub(head, 16, 15 + n) == lane) and (success == '' or success == tostring(ok))
  end
  return success ~= '1' or not call('ZSCORE', bad, row)
end

local source, total = all, 0
local mine = {} -- rows of the message, newest first
if message ~= '' then
  local rows = call('HGET', P .. 'logm', message) or ''
  for i = #rows - 6, 1, -7 do
    local row = pad(unpack_s('>I7', rows, i))
    if wanted(row) then total = total + 1 end
    mine[#mine + 1] = row
  end
elseif success == '' then
  total = call('ZCARD', all)
elseif success == '0' then
  source, total = bad, call('ZCARD', bad)
else
  total = call('ZCARD', all) - call('ZCARD', bad)
end

-- page gives the next rows before the last, and how many it passed over: without
-- a filter the index itself can do that.
local function page(last, skip)
  if message == '' then
    local max = last > 0 and '(' .. pad(last) or '+inf'
    if success == '1' then skip = 0 end
    return call('ZREVRANGEBYSCORE', source, max, '-inf', 'LIMIT', skip, STEP), skip
  end
  local list = {}
  for _, row in ipairs(mine) do
    if #list < STEP and (last == 0 or tonumber(row) < last) then list[#list + 1] = row end
  end
  return list, 0
end

local out, given, passed, last = {}, 0, 0, before
local more = 1
while more == 1 and given < limit and room > 0 and budget > 0 do
  local list, skip = page(last, offset - passed)
  passed = passed + skip
  if #list < STEP then more = 0 end
  budget = budget - STEP
  for _, row in ipairs(list) do
    if given == limit or room <= 0 then
      more = 1
      break
    end
    last = tonumber(row)
    if wanted(row) then
      if passed < offset then
        passed = passed + 1
      else
        local bytes = call('GET', P .. 'r:' .. row) or ''
        out[#out + 1] = row
        out[#out + 1] = bytes
        given, room = given + 1, room - #bytes
      end
    end
  end
end
return { now, total, last, passed, more, out }
