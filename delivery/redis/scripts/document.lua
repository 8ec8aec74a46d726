-- document.lua stores or removes a document.
--
-- ARGV[2]  the gateway
-- ARGV[3]  the number of this operation of the gateway: the same number again is
--          the same operation again, and gives what it gave
-- ARGV[4]  "put" or "remove"
-- ARGV[5]  kind
-- ARGV[6]  key
-- ARGV[7]  the revision that it has to have; 0 to put a new one, or to remove
--          whichever it is
-- ARGV[8]  data to put
--
-- Result: {now, answer, number, revision, created, updated}; answer is 0 done, 1
-- it exists, 2 it is not there, 3 it has another revision, 4 the operation comes
-- after a later one of the gateway.
local kind, key, revision = ARGV[5], ARGV[6], ARGV[7]
local ops, documents, index = P .. 'op:' .. ARGV[2], P .. 'doc:' .. kind, P .. 'docs:' .. kind
local OP, HEAD = '>I7I7I7I7I7', '>I7I7I7I7'

local before = call('HGET', ops, 'document')
if before then
  local op, number, rev, created, updated = unpack_s(OP, before)
  if op == tonumber(ARGV[3]) then return { now, 0, number, rev, created, updated } end
  if op > tonumber(ARGV[3]) then return { now, 4 } end
end

local old = call('HGET', documents, key)
if old and revision == '0' and ARGV[4] == 'put' then return { now, 1 } end
if not old and (revision ~= '0' or ARGV[4] == 'remove') then return { now, 2 } end
local number, rev, created, updated = 0, 0, now, now
if old then number, rev, created = unpack_s(HEAD, old) end
if old and revision ~= '0' and revision ~= format('%d', rev) then return { now, 3 } end

-- A revision is a time, and higher than all before: it is not used again when a
-- replica that takes over has not seen it.
local function changed()
  rev = math.max(now, tonumber(call('HGET', P .. 'meta', 'docs') or 0) + 1)
  call('HSET', P .. 'meta', 'docs', format('%d', rev))
end

if ARGV[4] == 'remove' then
  call('HDEL', documents, key) -- first: a server whose memory is full allows it
  call('ZREM', index, key)
  changed()
else
  changed()
  if not old then
    number = call('HINCRBY', P .. 'meta', 'doc:' .. kind, 1)
    call('ZADD', index, number, key)
  end
  call('HSET', documents, key, pack(HEAD, number, rev, created, updated) .. ARGV[8])
end
call('HSET', ops, 'document', pack(OP, tonumber(ARGV[3]), number, rev, created, updated))
redis.pcall('PUBLISH', P .. 'docs', format('%d', rev)) -- a user who may not makes others wait for their poll
return { now, 0, number, rev, created, updated }
