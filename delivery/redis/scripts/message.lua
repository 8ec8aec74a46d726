-- message.lua reads a message and its deliveries.
--
-- ARGV[2]  digest of its source and id
--
-- Result: {now} if there is none, else {now, m, message, deliveries}, which are
-- for each: lane, record, key, reason, score in its lane (or "").
local m = call('HGET', P .. 'ids', ARGV[2])
if not m then return { now } end
local out = {}
for _, lane in ipairs(call('SMEMBERS', P .. 'names')) do
  local raw = call('HGET', P .. 'd:' .. lane, m)
  if raw then
    local why = call('HGET', P .. 'why:' .. lane, m) or ''
    local score = call('ZSCORE', P .. 'lane:' .. lane, m) or ''
    for _, v in ipairs({ lane, raw, key_of(m, lane) or '', why, score }) do out[#out + 1] = v end
  end
end
return { now, m, call('GET', P .. 'm:' .. m) or '', out }
