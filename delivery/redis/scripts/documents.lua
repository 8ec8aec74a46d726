-- documents.lua lists documents of a kind by number. It gives a bounded number;
-- the caller goes on behind the last.
--
-- ARGV[2]  kind
-- ARGV[3]  only behind this number
-- ARGV[4]  bytes after which no more is given
--
-- Result: {now, more, documents}; more is 1 if there may be others; a document
-- is: key, record; that is number, revision, created, updated, each 7 bytes, and
-- the data.
local documents, index, room = P .. 'doc:' .. ARGV[2], P .. 'docs:' .. ARGV[2], tonumber(ARGV[4])
local keys = call('ZRANGEBYSCORE', index, '(' .. ARGV[3], '+inf', 'LIMIT', 0, STEP)
local out, SOME = {}, 8 -- that are read at once: each may be large
local given = 0
while given < #keys and room > 0 do
  local last = math.min(given + SOME, #keys)
  for i, raw in ipairs(call('HMGET', documents, unpack(keys, given + 1, last))) do
    if raw then
      push(out, keys[given + i], raw)
      room = room - #raw
    end
  end
  given = last
end
return { now, (given < #keys or #keys == STEP) and 1 or 0, out }
