-- message.lua reads a message and its deliveries.
--
-- ARGV[2]  digest of its source and id, or "" for
-- ARGV[3]  m
--
-- Result: {now} if there is none, else {now, m, message, deliveries}, which are
-- for each: lane, record, key, reason, score in its lane (or "").
local digest = ARGV[2]
if digest == '' then digest = call('GETRANGE', P .. 'm:' .. ARGV[3], 1, 20) end
local entries, b = call('HGET', P .. 'ids', sub(digest, 1, 10)) or '', 1
local m, numbers = nil, nil
while b < #entries do
  m, b, numbers = entry(entries, b)
  if call('GETRANGE', P .. 'm:' .. m, 1, 20) == digest then break end
  m = nil
end
if not m then return { now } end
local out = {}
for i = 1, #numbers / 4 do
  local lane = lane_name(numbers, i)
  local raw = call('HGET', P .. 'd:' .. lane, m)
  if raw then
    local why = call('HGET', P .. 'why:' .. lane, m) or ''
    local score = call('ZSCORE', P .. 'lane:' .. lane, m) or ''
    for _, v in ipairs({ lane, raw, key_of(m, lane) or '', why, score }) do out[#out + 1] = v end
  end
end
return { now, m, call('GET', P .. 'm:' .. m), out }
