-- deliveries.lua lists deliveries of a lane by position. It looks at a bounded
-- number of them; the caller goes on behind the last.
--
-- ARGV[2]  the lane
-- ARGV[3]  the state, 0 for all
-- ARGV[4]  only behind this position
-- ARGV[5]  at most how many
-- ARGV[6]  bytes of messages after which no more is given
--
-- Result: {now, last, more, deliveries}; last is the last position looked at,
-- more is 1 if there may be others behind it; a delivery is: m, record, key,
-- reason, score in its lane (or ""), message.
local lane, state, last = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local limit, room = tonumber(ARGV[5]), tonumber(ARGV[6])
local kind = ({ [DEAD] = 'dead:', [SKIPPED] = 'skip:' })[state] or 'all:'
local list = call('ZRANGEBYSCORE', P .. kind .. lane, '(' .. pad(last), '+inf', 'LIMIT', 0, STEP)
local out, given, more = {}, 0, #list == STEP and 1 or 0
local records = ask('HMGET', P .. 'd:' .. lane, list)
for i, m in ipairs(list) do
  if given == limit or room <= 0 then
    more = 1
    break
  end
  last = tonumber(m)
  local raw = records[i]
  if raw and (state == 0 or string.byte(raw) == state) then
    local blob = call('GET', P .. 'm:' .. m) or ''
    local score = call('ZSCORE', P .. 'lane:' .. lane, m) or ''
    local why = call('HGET', P .. 'why:' .. lane, m) or ''
    for _, v in ipairs({ m, raw, key_of(m, lane) or '', why, score, blob }) do out[#out + 1] = v end
    given, room = given + 1, room - #blob
  end
end
return { now, last, more, out }
