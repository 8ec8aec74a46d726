-- finish.lua ends leases and writes their attempts to the log.
--
-- ARGV[2]  the gateway
-- ARGV[3]  the writer in the gateway
-- ARGV[4]  the number of this operation of the writer: the same number again is
--          the same operation again, and does nothing
-- ARGV[5]  n, the number of lanes
-- ARGV[6..5+n]  the lanes
-- then for each outcome: a head (see outcome.go), the reason, the id of the
-- attempt's message, the row for the log. The last two are empty for no attempt.
--
-- Result: {now, moved}.
local ops = P .. 'op:' .. ARGV[2]
if call('HGET', ops, ARGV[3]) == ARGV[4] then return { now, {} } end

local lanes = {}
local from = 6 + tonumber(ARGV[5])
for j = 6, from - 1 do lanes[j - 5] = ARGV[j] end
local DONE, RETRY, BURY = 1, 2, 3

local function late(lane, field, time)
  local key = P .. 'stats:' .. lane
  local old = call('HGET', key, field)
  if not old or tonumber(old) < time then call('HSET', key, field, time) end
end

local rows, failed, bytes = {}, {}, 0
local latest = {} -- lane -> field -> time

local function seen(lane, field, time)
  local l = latest[lane] or {}
  latest[lane] = l
  if not l[field] or l[field] < time then l[field] = time end
end

local function log(id, lane, success, time, message, row)
  local member = pad(id)
  call('SET', P .. 'r:' .. member, row)
  call('ZADD', P .. 'logm:' .. message, member, member)
  bytes = bytes + #row
  local w = of(lane)
  push(rows, member, member)
  push(w.log, member, member)
  seen(lane, 'last', time)
  if success then
    count(lane, 'ok', 1)
    seen(lane, 'lastok', time)
    return
  end
  push(failed, member, member)
  push(w.logf, member, member)
  count(lane, 'failed', 1)
  seen(lane, 'lastfailed', time)
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
    call('HSET', P .. 'd:' .. m, '\0r' .. lane, reason)
    push(of(lane).dead, m, m)
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

local n = (#ARGV - from + 1) / 4
local attempts = 0
for i = 0, n - 1 do
  if #ARGV[from + 4 * i + 3] > 0 then attempts = attempts + 1 end
end
local id = 0
if attempts > 0 then id = call('HINCRBY', P .. 'meta', 'row', attempts) - attempts end

for i = 0, n - 1 do
  local a = from + 4 * i
  local index, verdict, flags, seq, token, due, of_row, time = unpack_s('>HBBI8I8I7HI7', ARGV[a])
  if #ARGV[a + 3] > 0 then
    id = id + 1
    log(id, lanes[of_row], flags >= 2, time, ARGV[a + 2], ARGV[a + 3])
  end
  local lane, m = lanes[index], pad(seq)
  local r = get(m, lane)
  if r and has(r, LEASED) and r.token == token then
    finish(lane, m, r, verdict, flags % 2 == 1, at(due), ARGV[a + 1])
  end
end

many('ZADD', P .. 'log', rows)
many('ZADD', P .. 'logf', failed)
for lane, fields in pairs(latest) do
  for field, time in pairs(fields) do late(lane, field, time) end
end
if bytes > 0 then call('HINCRBY', P .. 'meta', 'bytes', bytes) end
call('HSET', ops, ARGV[3], ARGV[4])
return { now, finally() }
