-- message.lua reads a message and its deliveries.
--
-- ARGV[2]  digest of its source and id, or "" for
-- ARGV[3]  m
--
-- Result: {now} if there is none, else {now, m, message, deliveries}, which are
-- for each: lane, record, key, reason, score in its lane (or "").
local function find(digest)
  local positions = call('HGET', P .. 'ids', sub(digest, 1, 10)) or ''
  for b = 1, #positions - 6, 7 do
    local m = pad(unpack_s('>I7', positions, b))
    if call('GETRANGE', P .. 'm:' .. m, 1, 20) == digest then return m end
  end
  return nil
end

local m = ARGV[3]
if ARGV[2] ~= '' then m = find(ARGV[2]) end
local blob = m and call('GET', P .. 'm:' .. m)
if not blob then return { now } end
local out = {}
for _, lane in ipairs(call('ZRANGE', P .. 'names', 0, -1)) do
  local raw = call('HGET', P .. 'd:' .. lane, m)
  if raw then
    local why = call('HGET', P .. 'why:' .. lane, m) or ''
    local score = call('ZSCORE', P .. 'lane:' .. lane, m) or ''
    for _, v in ipairs({ lane, raw, key_of(m, lane) or '', why, score }) do out[#out + 1] = v end
  end
end
return { now, m, blob, out }
