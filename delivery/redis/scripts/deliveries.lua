-- deliveries.lua reads deliveries.
--
-- ARGV[2]  the state that they are to have, 0 for any
-- ARGV[3]  bytes of messages after which no more is given
-- ARGV[4..]  for each delivery: its lane, m
--
-- Result: {now, looked, deliveries}; looked is how many were looked at; a
-- delivery is: which of them, from 0, record, key, reason, score in its lane
-- (or ""), message.
local state, room = tonumber(ARGV[2]), tonumber(ARGV[3])
local out, looked = {}, 0
for i = 4, #ARGV, 2 do
  if room <= 0 then break end
  local lane, m = ARGV[i], ARGV[i + 1]
  local raw = call('HGET', P .. 'd:' .. lane, m)
  if raw and (state == 0 or string.byte(raw) == state) then
    local blob = call('GET', P .. 'm:' .. m) or ''
    local score = call('ZSCORE', P .. 'lane:' .. lane, m) or ''
    local why = call('HGET', P .. 'why:' .. lane, m) or ''
    for _, v in ipairs({ looked, raw, key_of(m, lane) or '', why, score, blob }) do out[#out + 1] = v end
    room = room - #blob
  end
  looked = looked + 1
end
return { now, looked, out }
