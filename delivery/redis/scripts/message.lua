-- message.lua reads a message and its deliveries.
--
-- ARGV[2]  digest of its source and id
--
-- Result: {now} if there is none, else {now, m, message, deliveries}, which are
-- for each: lane, record, key, reason, score in its lane (or "").
local m = call('HGET', P .. 'ids', ARGV[2])
if not m then return { now } end
local fields = call('HGETALL', P .. 'd:' .. m)
local value, out = {}, {}
for i = 1, #fields, 2 do value[fields[i]] = fields[i + 1] end
for field, raw in pairs(value) do
  if sub(field, 1, 1) ~= '\0' then
    local score = call('ZSCORE', P .. 'lane:' .. field, m) or ''
    for _, v in ipairs({ field, raw, value['\0k' .. field] or '', value['\0r' .. field] or '', score }) do
      out[#out + 1] = v
    end
  end
end
return { now, m, call('GET', P .. 'm:' .. m) or '', out }
