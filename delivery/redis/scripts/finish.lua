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
local id = 0
if attempts > 0 then id = call('HINCRBY', P .. 'meta', 'row', attempts) - attempts end

-- one ends a lease. Its record was read before the others were written: raws is
-- no more than what it was if another outcome of this call was about it.
local function one(i, lane, w, raw)
  local verdict, flags, token, due, of_row, time = unpack_s('>BBI8I7HI7', ARGV[heads + i])
  local m = ARGV[ms + i]
  if ARGV[row_bytes + i] ~= '' then
    id = id + 1
    log(id, lanes[of_row], flags >= 2, time, ARGV[ids + i], ARGV[row_bytes + i])
  end
  if not raw or w.records[m] == nil and verdict == DONE and delivered(lane, w, m, raw, token) then
    w.records[m] = false
    return
  end
  if w.records[m] == nil then w.records[m] = parse(raw) end
  local r = w.records[m]
  if r and has(r, LEASED) and r.token == token then
    finish(lane, m, r, verdict, flags % 2 == 1, at(due), sub(ARGV[heads + i], 27))
  end
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
if attempts > 0 then call('ZADD', P .. 'logt', NOW, pad(id - attempts + 1)) end
if bytes > 0 then call('HINCRBY', P .. 'meta', 'bytes', bytes) end
call('HSET', ops, ARGV[3], ARGV[4])
return { now, finally() }
