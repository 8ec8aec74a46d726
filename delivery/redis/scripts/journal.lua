-- journal.lua stores intents and messages: what waited in one gateway for Hold,
-- Release and Append, in the order of arrival. It does all or, if the server
-- refuses the first write, nothing.
--
-- ARGV[2]  the gateway, 16 bytes
-- ARGV[3]  ms until its heartbeat ends
-- ARGV[4]  n, the number of lanes that the targets name by index
-- ARGV[5..4+n]  the lanes
-- then the operations, each of
--   "H", id, time of the request, bytes      store a hold; they begin with the gateway:
--                                            joining here costs a walk through them
--   "R"<count>, id, messages               release it
--   "S"<count>, id, messages               release it, maybe for the second time
--   "A"<count>, messages                   append
-- and a message is two arguments: its targets (see target.go), its bytes.
--
-- Result: {now, answers, moved}; answers has a character for each operation:
-- 0 done, 1 there is no such hold of this gateway, 2 the hold is another's.
--
-- A release that may be the second one counts as done if there is no hold and
-- all its messages are stored.
local owner, ttl = ARGV[2], tonumber(ARGV[3])
local held_ids = P .. 'o:' .. owner
local lanes = {}
local argc, i = #ARGV, 5 + tonumber(ARGV[4])
for j = 5, i - 1 do lanes[j - 4] = ARGV[j] end

-- What the operations are about is looked up for all of them at once.
local ops, ids, digests = {}, {}, {} -- ids: of holds; digests: of all messages
local known = {} -- digest -> whether the message is stored
local namesakes = {} -- beginning of the digest -> entries of messages with the same id
local mine = {} -- id -> this gateway has the hold
local intents = {} -- id -> bytes to store, false to remove
local back = {} -- ids that were given back, and are released

local function read_ops()
  while i <= argc do
    local op = ARGV[i]
    local o = { kind = sub(op, 1, 1), n = 0 }
    ops[#ops + 1] = o
    i = i + 1
    if o.kind ~= 'A' then
      o.id = ARGV[i]
      ids[#ids + 1] = o.id
      i = i + 1
    end
    if o.kind == 'H' then
      o.created, o.bytes = ARGV[i], ARGV[i + 1]
      i = i + 2
    else
      o.n, o.first = tonumber(sub(op, 2)), i
      for j = i + 1, i + 2 * o.n, 2 do digests[#digests + 1] = sub(ARGV[j], 2, 21) end
      i = i + 2 * o.n
    end
  end
end

-- same finds a message among those with the same id.
local function same(entries, digest)
  local b, m = 1, nil
  while b < #entries do
    m, b = entry(entries, b)
    if call('GETRANGE', P .. 'm:' .. m, 1, 20) == digest then return true end
  end
  return false
end

local function look_up_messages()
  local fields = {}
  for j, digest in ipairs(digests) do fields[j] = sub(digest, 1, 10) end
  for j, entries in ipairs(ask('HMGET', P .. 'ids', fields)) do
    if entries then
      namesakes[fields[j]] = entries
      known[digests[j]] = same(entries, digests[j])
    end
  end
end

local function look_up()
  for j, score in ipairs(ask('ZMSCORE', held_ids, ids)) do mine[ids[j]] = score and true end
  for _, o in ipairs(ops) do
    -- What was given back everybody may release.
    if o.kind ~= 'A' and o.kind ~= 'H' and not mine[o.id] and call('HEXISTS', P .. 'gave', o.id) == 1 then
      mine[o.id] = true
      back[#back + 1] = o.id
    end
  end
  look_up_messages()
  local new, others = {}, {}
  for _, o in ipairs(ops) do
    if o.kind == 'H' and not mine[o.id] then new[#new + 1] = o end
  end
  for j, o in ipairs(new) do others[j] = o.id end
  for j, bytes in ipairs(ask('HMGET', P .. 'h', others)) do new[j].taken = bytes end
end

local function hold(o)
  if o.taken and not mine[o.id] then return '2' end
  mine[o.id], intents[o.id] = true, o
  return '0'
end

local function released_before(o)
  for j = o.first + 1, o.first + 2 * o.n, 2 do
    if not known[sub(ARGV[j], 2, 21)] then return false end
  end
  return o.n > 0 or call('HEXISTS', P .. 'h', o.id) == 0
end

local function release(o)
  if mine[o.id] then
    mine[o.id], intents[o.id] = nil, false
    return '0', true
  end
  if o.kind == 'S' and released_before(o) then return '0', false end
  return '1', false
end

-- fresh are the positions of messages to be stored, which are not yet.
local answers, fresh = {}, {}

local function messages(o)
  for j = o.first, o.first + 2 * o.n - 2, 2 do
    local d = sub(ARGV[j + 1], 2, 21)
    if not known[d] then
      known[d] = true
      fresh[#fresh + 1] = j
    end
  end
end

read_ops()
look_up()
for j, o in ipairs(ops) do
  local good = true
  if o.kind == 'H' then
    answers[j] = hold(o)
  else
    answers[j] = '0'
    if o.kind ~= 'A' then
      answers[j], good = release(o)
    end
    if good then messages(o) end
  end
end

-- settle stores and removes holds.
local function settle()
  local bytes, times, gone = {}, {}, {}
  for id, o in pairs(intents) do
    if o then
      push(bytes, id, o.bytes)
      push(times, o.created, id)
    else
      gone[#gone + 1] = id
    end
  end
  many('HSET', P .. 'h', bytes)
  many('ZADD', held_ids, times)
  many('HDEL', P .. 'h', gone)
  many('ZREM', held_ids, gone)
  many('HDEL', P .. 'gave', back)
  many('ZREM', P .. 'aside', back)
  if #times > 0 then alive(owner, ttl) end
end

-- head reads the part of a target that each has, at byte b of t.
local function head(t, b)
  local index, kind, due, keys
  index, kind, due, keys, b = unpack_s('>HBI7H', t, b)
  if due == 0 then due = now else due = at(due) end
  return lanes[index], kind, due, keys, b
end

local numbers = {} -- lane -> its number

-- target stores one target and gives the byte behind it and the lane's number.
local function target(t, b, m)
  local lane, kind, due, keys, key, text = nil, nil, nil, nil, '', ''
  lane, kind, due, keys, b = head(t, b)
  if keys > 0 then key, b = sub(t, b, b + keys - 1), b + keys end
  if kind > 0 then
    local n
    n, b = unpack_s('>H', t, b)
    text, b = sub(t, b, b + n - 1), b + n
  end
  local w, flags, state = of(lane), 0, PENDING
  if keys > 0 then
    flags = KEYED
    call('HSET', P .. 'key:' .. lane, m, key)
  end
  if kind > 0 then
    state = kind == 1 and SKIPPED or DEAD
    push(needing(w, kind == 1 and 'skip' or 'dead'), m, m)
    call('HSET', P .. 'why:' .. lane, m, text)
    count(lane, kind == 1 and 'skipped' or 'dead', 1)
  else
    count(lane, 'pending', 1)
    local active = true
    if keys > 0 then
      call('ZADD', P .. 'k:' .. lane .. '\0' .. key, m, m)
      active = call('HSETNX', P .. 'act:' .. lane, key, m) == 1
    end
    if active then add(lane, m, due) else flags = flags + WAITING end
  end
  push(w.all, m, m)
  push(w.put, m, record(state, flags, 0, 0, due, now, due))
  w.newest = tonumber(m)
  return b, numbers[lane]
end

-- plain gives what all messages with these targets have in common, or false if
-- one of the targets has a key, is skipped or is dead.
local function plain(t)
  local p, b = { records = {}, lanes = {}, dues = {}, numbers = '' }, 1
  while b <= #t do
    local lane, kind, due, keys
    lane, kind, due, keys, b = head(t, b)
    if kind > 0 or keys > 0 then return false end
    p.records[#p.records + 1] = record(PENDING, 0, 0, 0, due, now, due)
    p.lanes[#p.lanes + 1] = of(lane)
    p.dues[#p.dues + 1] = due == now and NOW or due
    p.numbers = p.numbers .. numbers[lane]
  end
  p.numbers = pack('>H', #p.records) .. p.numbers
  return p
end

local plans = {} -- targets -> plain(targets)

-- targets puts a message into its lanes and gives what P ids has of these.
local function targets(t, m, seq)
  local p = plans[t]
  if p == nil then
    p = plain(t)
    plans[t] = p
  end
  if p then
    for j, w in ipairs(p.lanes) do
      push(w.add, p.dues[j], m)
      push(w.all, m, m)
      push(w.put, m, p.records[j])
      w.count.pending = (w.count.pending or 0) + 1
      w.newest = seq
    end
    return p.numbers
  end
  local b, list, number = 1, {}, nil
  while b <= #t do
    b, number = target(t, b, m)
    insert(list, number)
  end
  return pack('>H', #list) .. table.concat(list)
end

-- stored is the time that new messages are stored at. It does not go back with
-- the clock: the order of the times is that of the positions.
local function stored()
  local last = call('ZRANGE', P .. 'messages', -1, -1, 'WITHSCORES')[2]
  if last and tonumber(last) > now then return last end
  return NOW
end

local function store()
  local n = #fresh
  if n == 0 then return end
  local last = call('HINCRBY', P .. 'meta', 'seq', n)
  for j, number in ipairs(lane_numbers(lanes)) do numbers[lanes[j]] = number end
  local index, times, blobs, bytes, time = {}, {}, {}, 0, stored()
  for j = 1, n do
    local blob, seq = ARGV[fresh[j] + 1], last - n + j
    local m, id = pad(seq), sub(blob, 2, 11)
    local entries = (namesakes[id] or '') .. m .. targets(ARGV[fresh[j]], m, seq)
    namesakes[id] = entries
    push(index, id, entries)
    push(times, time, m)
    push(blobs, P .. 'm:' .. m, blob)
    bytes = bytes + #blob
  end
  store_all(blobs)
  many('HSET', P .. 'ids', index)
  many('ZADD', P .. 'messages', times)
  call('HINCRBY', P .. 'meta', 'bytes', bytes)
end

settle()
store()
return { now, table.concat(answers), finally() }
