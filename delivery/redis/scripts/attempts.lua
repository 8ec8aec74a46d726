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
if message ~= '' then
  source = P .. 'logm:' .. message
  for _, row in ipairs(call('ZRANGE', source, 0, budget)) do
    if wanted(row) then total = total + 1 end
  end
elseif success == '' then
  total = call('ZCARD', all)
elseif success == '0' then
  source, total = bad, call('ZCARD', bad)
else
  total = call('ZCARD', all) - call('ZCARD', bad)
end

local out, given, passed, last = {}, 0, 0, before
local more = 1
while more == 1 and given < limit and room > 0 and budget > 0 do
  local max = last > 0 and '(' .. pad(last) or '+inf'
  -- Without a filter the index itself can pass over rows.
  local skip = message == '' and success ~= '1' and offset - passed or 0
  local list = call('ZREVRANGEBYSCORE', source, max, '-inf', 'LIMIT', skip, STEP)
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
