-- prelude.lua is put in front of every script.
--
-- All times are in microseconds since 1970, which a double holds exactly; Lua's
-- own way to write a number does not, so they are never concatenated.
--
-- KEYS[1]  P, the prefix of all keys of the installation with its hash tag:
--          "{voorpoort}:3:", 3 being the layout of the keys below. The names of
--          all other keys are made from it, so that a script's keys are in one
--          slot of a cluster.
-- ARGV[1]  the time that the caller takes this server to have.
--
-- Keys (m is a message's position in 16 digits, L a lane). What comes with every
-- write is kept in few large keys rather than in small ones of its own, so that
-- one command writes what a whole batch brings:
--   P meta        hash    seq, token, row, lane, docs (a revision), doc:<kind>:
--                         the last ones given; bytes stored
--   P ids         hash    digest of an id, 10 bytes -> of each message that has it
--                         m, the number of its lanes (2 bytes) and theirs (4
--                         each)
--   P lanename    hash    number of a lane -> the lane
--   P messages    zset    m by the time it was stored, which never goes back: by m
--   P m:<m>       string  the message, see codec of package redis
--   P lanes       zset    lanes by the time that their first is due
--   P lane:<L>    zset    m by when it is due or its lease ends
--   P d:<L>       hash    m -> record of the delivery
--   P key:<L>     hash    m -> its key, of those that have one
--   P why:<L>     hash    m -> why it is dead, skipped or discarded
--   P all:<L>     zset    m of every delivery, by m
--   P dead:<L>    zset    m of dead letters, by m
--   P skip:<L>    zset    m of skipped ones, by m
--   P deads, P skips
--                 zset    dead letters and skipped ones of all lanes: newest and
--                         lane, all with score 0: the newest first
--   P stats       hash    lane -> its counters and its number
--   P act:<L>     hash    key -> m of the one that is attempted or parked
--   P k:<L>NUL<K> zset    m of all pending or parked deliveries of key K, by m
--   P log, P log:<L>, P logf, P logf:<L>
--                 zset    rows of the log by id: all, of a lane, failed, of a
--                         lane failed
--   P logt        zset    the first row of each finish by the time it was written
--   P logm        hash    a message's id -> its rows, 7 bytes each
--   P r:<row>     string  a row of the log
--   P doc:<kind>  hash    key of a document -> the document
--   P docs:<kind> zset    keys of documents by their number
--   P h           hash    id of a hold -> owner (16 bytes), the caller's bytes
--   P owners      zset    owners by when their heartbeat ends; 0: it has closed
--   P o:<owner>   zset    ids of an owner's holds by the time of the request
--   P op:<owner>  hash    the last operation of each writer; patient: until when
--                         it takes no holds of others whose heartbeat has ended
--   P cl:<owner>  list    the holds that its last look for orphans gave
--   P aside       zset    ids of holds that a gateway gave back, by when it did
--   P gave        hash    id of such a hold -> the time of the request
--   P no:<owner>  zset    ids of holds that an owner gave back, by when it did
local P = KEYS[1]
local call, pack, unpack_s = redis.call, struct.pack, struct.unpack
local insert, format, sub, floor = table.insert, string.format, string.sub, math.floor
local unpack = unpack

local clock = call('TIME')
local now = clock[1] * 1000000 + clock[2]

-- Callers give times by their idea of this server's clock. If that idea is off
-- by more than a second, because a clock was set or the call waited, only the
-- distance from the moment of the call counts.
local shift = now - tonumber(ARGV[1])
if shift >= -1000000 and shift <= 1000000 then shift = 0 end

local function at(time) -- a due time; what is past is due now
  time = time + shift
  if time < now then return now end
  return time
end

-- Numbers are written as integers: as floating point they cost several times as
-- much. Scores are given as text where there are many: turning a number into an
-- argument costs more than the rest of its way.
local function pad(n) return format('%016d', n) end

local NOW = format('%d', now)

local function push(list, a, b)
  local n = #list
  list[n + 1] = a
  list[n + 2] = b
end

local STEP = 1000 -- arguments of one command; Lua's stack ends at 8000

local function many(command, key, list)
  local n = list and #list or 0
  if n == 0 then return end
  if n <= STEP then return call(command, key, unpack(list)) end
  for i = 1, n, STEP do
    call(command, key, unpack(list, i, math.min(i + STEP - 1, n)))
  end
end

-- ask gives the values of many fields of a hash, or scores of a zset, in their
-- order.
local function ask(command, key, fields)
  local n = #fields
  if n == 0 then return {} end
  if n <= STEP then return call(command, key, unpack(fields)) end
  local out = {}
  for i = 1, n, STEP do
    for j, v in ipairs(call(command, key, unpack(fields, i, math.min(i + STEP - 1, n)))) do out[i + j - 1] = v end
  end
  return out
end

-- store sets string keys: name, value, name, value.
local function store_all(list)
  for i = 1, #list, STEP do call('MSET', unpack(list, i, math.min(i + STEP - 1, #list))) end
end

-- Records of deliveries.
local PENDING, DELIVERED, DEAD, SKIPPED, DISCARDED = 1, 2, 3, 4, 5
local REPLAYED, FAILED, PARKED, WAITING, LEASED, KEYED = 1, 2, 4, 8, 16, 32
local RECORD = '>BBI4I8I7I7I7'

local function record(state, flags, attempts, token, first, changed, due)
  return pack(RECORD, state, flags, attempts, token, first, changed, due)
end

-- What a script changes in lanes is collected and written at its end, in
-- finally(). A delivery that was put into a lane is not taken out again by the
-- same script.
local work = {} -- lane -> lists of arguments

local function of(lane)
  local w = work[lane]
  if not w then
    w = {
      add = {}, all = {},
      remove = nil, dead = nil, skip = nil, log = nil, logf = nil, -- as all, made when needed
      count = {}, time = {}, -- counters: what is added; the latest time
      newest = nil, -- position of the newest delivery that was added
      stats = nil, number = nil, -- counters, if they have been read; the number of a new lane
      records = {}, -- m -> record, false for none
      put = {}, -- m, record as it is stored
      changed = nil, -- m of the records that were changed, made when needed
    }
    work[lane] = w
  end
  return w
end

-- needing gives one of the lists that are made when needed.
local function needing(w, list)
  local l = w[list] or {}
  w[list] = l
  return l
end

-- parse gives a record as a table; false for none.
local function parse(raw)
  if not raw then return false end
  local state, flags, attempts, token, first, changed, due = unpack_s(RECORD, raw)
  return { state = state, flags = flags, attempts = attempts, token = token, first = first, changed = changed, due = due }
end

-- Where nearly all records take one way, as they are leased and delivered, the
-- bytes are cut and joined: SHORT has state, flags, attempts and token, the
-- first 14 bytes; the time of the change are bytes 22 to 28.
local SHORT = '>BBI4I8'

-- fetch reads the records of many deliveries of a lane at once.
local function fetch(lane, list)
  local records = of(lane).records
  for i, raw in ipairs(ask('HMGET', P .. 'd:' .. lane, list)) do records[list[i]] = parse(raw) end
end

local function get(m, lane)
  local records = of(lane).records
  local r = records[m]
  if r == nil then
    r = parse(call('HGET', P .. 'd:' .. lane, m))
    records[m] = r
  end
  return r
end

local function put(m, lane, r)
  local w = of(lane)
  w.records[m] = r
  if not r.dirty then
    r.dirty = true
    insert(needing(w, 'changed'), m)
  end
end

local function has(r, flag) return floor(r.flags / flag) % 2 == 1 end
local function set(r, flag) if not has(r, flag) then r.flags = r.flags + flag end end
local function clear(r, flag) if has(r, flag) then r.flags = r.flags - flag end end

local function add(lane, m, due)
  push(of(lane).add, due, m)
end

local function remove(lane, m) insert(needing(of(lane), 'remove'), m) end

local function count(lane, field, n)
  local c = of(lane).count
  c[field] = (c[field] or 0) + n
end

-- Counters of a lane: deliveries that are pending; the position of the newest
-- delivery; deliveries that are retrying, dead, skipped; attempts that succeeded and
-- failed; times of the last attempt, success, failure. Behind them is the lane's
-- number, 4 bytes, 0 if no message ever was for it.
local COUNTERS = '>I7I7I7I7I7I7I7I7I7I7'

-- counted gives a lane's counters with what was counted in it.
local function counted(raw, w)
  local c, t, max, field = w.count, w.time, math.max, next(w.count)
  if raw and field == 'pending' and not next(c, field) and not next(t) and not w.number then -- as most appends
    local pending, newest = unpack_s('>I7I7', raw)
    return pack('>I7I7', max(pending + c.pending, 0), max(newest, w.newest or 0)) .. sub(raw, 15)
  end
  local pending, newest, retrying, dead, skipped, ok, failed, last, lastok, lastfailed = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
  if raw then
    pending, newest, retrying, dead, skipped, ok, failed, last, lastok, lastfailed = unpack_s(COUNTERS, raw)
  end
  return pack(COUNTERS, max(pending + (c.pending or 0), 0), max(newest, w.newest or 0),
    max(retrying + (c.retrying or 0), 0), max(dead + (c.dead or 0), 0), max(skipped + (c.skipped or 0), 0),
    ok + (c.ok or 0), failed + (c.failed or 0),
    max(last, t.last or 0), max(lastok, t.lastok or 0), max(lastfailed, t.lastfailed or 0))
    .. (w.number or raw and sub(raw, 71) or '\0\0\0\0')
end

-- counters writes what was counted in lanes and the times of their attempts.
local function counters()
  local lanes, adds = {}, {}
  for lane, w in pairs(work) do
    if next(w.count) or next(w.time) then
      if w.stats == nil then
        lanes[#lanes + 1] = lane
      else
        push(adds, lane, counted(w.stats, w))
      end
    end
  end
  for i, raw in ipairs(ask('HMGET', P .. 'stats', lanes)) do push(adds, lanes[i], counted(raw, work[lanes[i]])) end
  many('HSET', P .. 'stats', adds)
end

-- turned is how a dead letter or skipped one is written among those of all lanes.
local function turned(m, lane) return pad(9007199254740991 - m) .. lane end

local function turn(key, lane, list)
  local out = {}
  for i = 1, #list, 2 do push(out, 0, turned(list[i], lane)) end
  many('ZADD', key, out)
end

-- firsts writes the earliest times of lanes into lanes. It gives {lane, due, ...}
-- of those whose time has moved forward.
local function firsts(touched)
  local moved, adds = {}, {}
  for i, old in ipairs(ask('ZMSCORE', P .. 'lanes', touched)) do
    local lane = touched[i]
    local head = call('ZRANGE', P .. 'lane:' .. lane, 0, 0, 'WITHSCORES')
    if not head[1] then
      if old then call('ZREM', P .. 'lanes', lane) end
    elseif old ~= head[2] then
      push(adds, head[2], lane)
      local due = tonumber(head[2])
      if not old or due < tonumber(old) then push(moved, lane, due) end
    end
  end
  many('ZADD', P .. 'lanes', adds)
  return moved
end

-- records writes the records of a lane that are new or changed.
local function records(lane, w)
  for _, m in ipairs(w.changed or {}) do
    local r = w.records[m]
    push(w.put, m, record(r.state, r.flags, r.attempts, r.token, r.first, r.changed, r.due))
  end
  many('HSET', P .. 'd:' .. lane, w.put)
end

-- alive renews a heartbeat for so many ms. A gateway whose heartbeat had ended could
-- not reach the server. It may have been away, so that the heartbeats of others have
-- ended, too, who live: they get half of the time to say so. Who cannot reach it
-- tries each second. One that is new may have started during such an outage: it
-- waits 5 s, if that is less.
local function alive(owner, ttl)
  local ends, wait = call('ZSCORE', P .. 'owners', owner), ttl * 500
  if not ends then wait = math.min(wait, 5000000) end
  if not ends or tonumber(ends) < now then call('HSET', P .. 'op:' .. owner, 'patient', now + wait) end
  call('ZADD', P .. 'owners', now + ttl * 1000, owner)
end

-- publish tells other gateways what has moved. A gateway that is alone has told
-- itself. A user who may not publish makes others wait for their poll, no more.
local function publish(moved)
  if #moved == 0 or call('ZCARD', P .. 'owners') < 2 then return end
  local news = {}
  for i = 1, #moved, 2 do insert(news, pack('>BI7', #moved[i], moved[i + 1]) .. moved[i]) end
  redis.pcall('PUBLISH', P .. 'due', table.concat(news))
end

-- finally gives {lane, due, ...} of the lanes whose earliest time moved forward.
local function finally()
  local touched = {}
  for lane, w in pairs(work) do
    records(lane, w)
    many('ZREM', P .. 'lane:' .. lane, w.remove)
    many('ZADD', P .. 'lane:' .. lane, w.add)
    many('ZADD', P .. 'all:' .. lane, w.all)
    many('ZADD', P .. 'dead:' .. lane, w.dead)
    many('ZADD', P .. 'skip:' .. lane, w.skip)
    if w.dead then turn(P .. 'deads', lane, w.dead) end
    if w.skip then turn(P .. 'skips', lane, w.skip) end
    many('ZADD', P .. 'log:' .. lane, w.log)
    many('ZADD', P .. 'logf:' .. lane, w.logf)
    if #w.add > 0 or w.remove then insert(touched, lane) end
  end
  counters()
  local moved = firsts(touched)
  publish(moved)
  return moved
end

-- advance makes the first delivery of a key the one that is attempted.
local function advance(lane, key)
  local head = call('ZRANGE', P .. 'k:' .. lane .. '\0' .. key, 0, 0)[1]
  if not head then
    call('HDEL', P .. 'act:' .. lane, key)
    return
  end
  call('HSET', P .. 'act:' .. lane, key, head)
  local r = get(head, lane)
  if r and r.state == PENDING then
    clear(r, WAITING)
    put(head, lane, r)
    add(lane, head, r.due)
  end
end

local function key_of(m, lane) return call('HGET', P .. 'key:' .. lane, m) end

