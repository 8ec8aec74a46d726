-- finish.lua ends leases and writes their attempts to the log.
--
-- ARGV[2]  the gateway
-- ARGV[3]  the writer in the gateway
-- ARGV[4]  the number of this operation of the writer: the same number again is
--          the same operation again, and does nothing
-- ARGV[5]  n, the number of lanes
-- ARGV[6]  k, the number of outcomes
-- then n lanes, each with how many of the outcomes are its own: these come one
--          after the other; an attempt's lane may have none
-- then k heads, see outcome.go
-- then k m
-- then k ids of the attempts' messages, "" for no attempt
-- then k rows for the log, "" for no attempt
--
-- Result: {now, moved}.
local ops = P .. 'op:' .. ARGV[2]
if call('HGET', ops, ARGV[3]) == ARGV[4] then return { now, {} } end

local n, k = tonumber(ARGV[5]), tonumber(ARGV[6])
local heads = 6 + 2 * n -- what is in front of the heads, and so on
local ms, ids, row_bytes = heads + k, heads + 2 * k, heads + 3 * k
local lanes = {}
for j = 1, n do lanes[j] = ARGV[5 + 2 * j] end
local DONE, RETRY, BURY = 1, 2, 3
local NOW7 = pack('>I7', now)

local all, failed, rows, bytes = {}, {}, {}, 0
local of_message = { ids = {}, new = {} } -- ids of messages; id -> its rows

local function seen(lane, field, time)
  local t = of(lane).time
  if not t[field] or t[field] < time then t[field] = time end
end

local function log(id, lane, success, time, message, row)
  local member, w = pad(id), of(lane)
  push(rows, P .. 'r:' .. member, row)
  push(all, member, member)
  push(needing(w, 'log'), member, member)
  if not of_message.new[message] then insert(of_message.ids, message) end
  of_message.new[message] = (of_message.new[message] or '') .. pack('>I7', id)
  bytes = bytes + #row
  seen(lane, 'last', time)
  if success then
    count(lane, 'ok', 1)
    seen(lane, 'lastok', time)
    return
  end
  push(failed, member, member)
  push(needing(w, 'logf'), member, member)
  count(lane, 'failed', 1)
  seen(lane, 'lastfailed', time)
end

-- index adds the new rows to those of their messages.
local function index_rows()
  local pairs_of = {}
  for i, old in ipairs(ask('HMGET', P .. 'logm', of_message.ids)) do
    local id = of_message.ids[i]
    push(pairs_of, id, (old or '') .. of_message.new[id])
  end
  many('HSET', P .. 'logm', pairs_of)
end

local function settled(lane, r, state)
  r.state, r.changed = state, now
  count(lane, 'pending', -1)
  if has(r, FAILED) then
    clear(r, FAILED)
    count(lane, 'retrying', -1)
  end
end

local function finish(lane, m, r, verdict, park, due, reason)
  clear(r, LEASED)
  local keyed = has(r, KEYED)
  if verdict == DONE then
    settled(lane, r, DELIVERED)
  elseif verdict == BURY then
    settled(lane, r, DEAD)
    count(lane, 'dead', 1)
    if park and keyed then set(r, PARKED) end
  else
    if verdict == RETRY then
      if not has(r, FAILED) then
        set(r, FAILED)
        count(lane, 'retrying', 1)
      end
    else
      r.attempts = r.attempts - 1
    end
    r.due = due
    if keyed then set(r, WAITING) end
  end
  put(m, lane, r)
  if verdict == BURY then
    call('HSET', P .. 'why:' .. lane, m, reason)
    push(needing(of(lane), 'dead'), m, m)
  end
  if r.state == PENDING and not keyed then
    add(lane, m, due)
    return
  end
  remove(lane, m)
  if keyed then
    local key = key_of(m, lane)
    if r.state ~= PENDING and not has(r, PARKED) then
      call('ZREM', P .. 'k:' .. lane .. '\0' .. key, m)
    end
    advance(lane, key)
  end
end

-- delivered is the way of nearly all: taken by the receiver at the first
-- attempt, without a key. It reports whether it was.
local function delivered(lane, w, m, raw, token)
  local state, flags, attempts, leased_as = unpack_s(SHORT, raw)
  if flags - flags % 2 ~= LEASED or state ~= PENDING or leased_as ~= token then return false end
  push(w.put, m, pack(SHORT, DELIVERED, flags - LEASED, attempts, token) .. sub(raw, 15, 21) .. NOW7 .. sub(raw, 29))
  insert(needing(w, 'remove'), m)
  w.count.pending = (w.count.pending or 0) - 1
  return true
end

local attempts = 0
for i = 1, k do
  if ARGV[row_bytes + i] ~= '' then attempts = attempts + 1 end
end
local first = 1
if attempts > 0 then first = call('HINCRBY', P .. 'meta', 'row', attempts) - attempts + 1 end
local id = first - 1

-- ended ends a lease and reports whether it was one. Its record was read before
-- the others were written: raw is no more than what it was if another outcome of
-- this call was about it.
local function ended(i, lane, w, raw, verdict, park, token, due)
  local m = ARGV[ms + i]
  if raw and w.records[m] == nil and verdict == DONE and delivered(lane, w, m, raw, token) then
    w.records[m] = false
    return true
  end
  if w.records[m] == nil then w.records[m] = parse(raw) end
  local r = w.records[m]
  if not (r and has(r, LEASED) and r.token == token) then return false end
  finish(lane, m, r, verdict, park, at(due), sub(ARGV[heads + i], 27))
  return true
end

-- logged reports whether the log has a row already: an outcome whose answer was
-- lost for longer than the gateway tries comes again under another number, with
-- the same bytes. Only the newest rows of the message can be it.
local NEWEST = 64
local function logged(message, row)
  local ids = call('HGET', P .. 'logm', message) or ''
  for at = #ids - 6, math.max(1, #ids - 7 * NEWEST + 1), -7 do
    if call('GET', P .. 'r:' .. pad(unpack_s('>I7', ids, at))) == row then return true end
  end
  return false
end

local function one(i, lane, w, raw)
  local verdict, flags, token, due, of_row, time = unpack_s('>BBI8I7HI7', ARGV[heads + i])
  local mine, row = ended(i, lane, w, raw, verdict, flags % 2 == 1, token, due), ARGV[row_bytes + i]
  if row == '' or not mine and logged(ARGV[ids + i], row) then return end
  id = id + 1
  log(id, lanes[of_row], flags >= 2, time, ARGV[ids + i], row)
end

local i = 0
for j = 1, n do
  local lane, mine = lanes[j], tonumber(ARGV[6 + 2 * j])
  local w = of(lane)
  while mine > 0 do
    local some = math.min(mine, STEP)
    local raws = call('HMGET', P .. 'd:' .. lane, unpack(ARGV, ms + i + 1, ms + i + some))
    for x = 1, some do one(i + x, lane, w, raws[x]) end
    i, mine = i + some, mine - some
  end
end

store_all(rows)
index_rows()
many('ZADD', P .. 'log', all)
many('ZADD', P .. 'logf', failed)
if id >= first then call('ZADD', P .. 'logt', NOW, pad(first)) end
if bytes > 0 then call('HINCRBY', P .. 'meta', 'bytes', bytes) end
call('HSET', ops, ARGV[3], ARGV[4])
return { now, finally() }
