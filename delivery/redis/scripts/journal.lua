-- journal.lua stores intents and messages: what waited in one gateway for Hold,
-- Release and Append, in the order of arrival. It does all or, if the server
-- refuses the first write, nothing.
--
-- ARGV[2]  the gateway, 16 bytes
-- ARGV[3]  ms until its heartbeat ends
-- ARGV[4]  n, the number of lanes that the targets name by index
-- ARGV[5..4+n]  the lanes
-- then the operations, each of
--   "H", id, time of the request, bytes      store a hold
--   "R"<count>, id, messages               release it
--   "S"<count>, id, messages               release it, maybe for the second time
--   "A"<count>, messages                   append
-- and a message is two arguments: its targets (see target.go), its bytes.
--
-- Result: {now, answers, moved}; answers has a character for each operation:
-- 0 done, 1 there is no such hold of this gateway, 2 the hold is another's.
local owner, ttl = ARGV[2], tonumber(ARGV[3])
local lanes = {}
local argc, i = #ARGV, 5 + tonumber(ARGV[4])
for j = 5, i - 1 do lanes[j - 4] = ARGV[j] end

local answers, stored = {}, {} -- stored: positions of messages in ARGV
local released, held = {}, false

local function hold(id, created, bytes)
  local key = P .. 'h:' .. id
  if call('SETNX', key, owner .. bytes) == 0 then
    if call('GETRANGE', key, 0, 15) ~= owner then return '2' end
    call('SET', key, owner .. bytes)
  end
  call('ZADD', P .. 'holds', created, id)
  call('ZADD', P .. 'o:' .. owner, created, id)
  held = true
  return '0'
end

local function release(id, again)
  if call('GETRANGE', P .. 'h:' .. id, 0, 15) == owner then
    call('DEL', P .. 'h:' .. id)
    call('ZREM', P .. 'holds', id)
    call('ZREM', P .. 'o:' .. owner, id)
    released[#released + 1] = now
    released[#released + 1] = id
    return '0', true
  end
  if again and call('ZSCORE', P .. 'rel:' .. owner, id) then return '0', false end
  return '1', false
end

local function messages(n)
  for j = 0, n - 1 do stored[#stored + 1] = i + 2 * j end
end

while i <= argc do
  local op = ARGV[i]
  local kind = sub(op, 1, 1)
  i = i + 1
  if kind == 'H' then
    answers[#answers + 1] = hold(ARGV[i], ARGV[i + 1], ARGV[i + 2])
    i = i + 3
  else
    local n, good, answer = tonumber(sub(op, 2)), true, '0'
    if kind ~= 'A' then
      answer, good = release(ARGV[i], kind == 'S')
      i = i + 1
    end
    answers[#answers + 1] = answer
    if good then messages(n) end
    i = i + 2 * n
  end
end

-- fresh are the positions of messages that are not stored yet.
local function fresh()
  local digests, list, seen = {}, {}, {}
  for j = 1, #stored do digests[j] = sub(ARGV[stored[j] + 1], 2, 21) end
  for from = 1, #stored, STEP do
    local to = math.min(from + STEP - 1, #stored)
    local known = call('HMGET', P .. 'ids', unpack(digests, from, to))
    for j = from, to do
      local d = digests[j]
      if not known[j - from + 1] and not seen[d] then
        seen[d] = true
        list[#list + 1] = stored[j]
      end
    end
  end
  return list
end

-- head reads the part of a target that each has, at byte b of t.
local function head(t, b)
  local index, kind, due, keys
  index, kind, due, keys, b = unpack_s('>HBI7H', t, b)
  if due == 0 then due = now else due = at(due) end
  return lanes[index], kind, due, keys, b
end

-- target stores one target and gives the byte behind it. fields collects the
-- fields of the delivery's hash.
local function target(t, b, m, fields)
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
    push(fields, '\0k' .. lane, key)
  end
  if kind > 0 then
    state = kind == 1 and SKIPPED or DEAD
    push(kind == 1 and w.skip or w.dead, m, m)
    push(fields, '\0r' .. lane, text)
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
  push(fields, lane, record(state, flags, 0, 0, due, now, due))
  return b
end

-- plain gives what all messages with these targets have in common, or false if
-- one of the targets has a key, is skipped or is dead.
local function plain(t)
  local p, b = { fields = {}, lanes = {}, dues = {} }, 1
  while b <= #t do
    local lane, kind, due, keys
    lane, kind, due, keys, b = head(t, b)
    if kind > 0 or keys > 0 then return false end
    push(p.fields, lane, record(PENDING, 0, 0, 0, due, now, due))
    p.lanes[#p.lanes + 1] = of(lane)
    p.dues[#p.dues + 1] = due == now and NOW or due
  end
  return p
end

local plans = {} -- targets -> plain(targets)

-- targets puts a message into its lanes and gives the fields of its hash.
local function targets(t, m)
  local p = plans[t]
  if p == nil then
    p = plain(t)
    plans[t] = p
  end
  if p then
    for j, w in ipairs(p.lanes) do
      push(w.add, p.dues[j], m)
      push(w.all, m, m)
      w.count.pending = (w.count.pending or 0) + 1
    end
    return p.fields
  end
  local b, fields = 1, {}
  while b <= #t do b = target(t, b, m, fields) end
  return fields
end

local function store(list)
  local n = #list
  if n == 0 then return end
  local last = call('HINCRBY', P .. 'meta', 'seq', n)
  local index, times, bytes = {}, {}, 0
  for j = 1, n do
    local blob, m = ARGV[list[j] + 1], pad(last - n + j)
    push(index, sub(blob, 2, 21), m)
    push(times, NOW, m)
    bytes = bytes + #blob
    call('SET', P .. 'm:' .. m, blob)
    many('HSET', P .. 'd:' .. m, targets(ARGV[list[j]], m))
  end
  many('HSET', P .. 'ids', index)
  many('ZADD', P .. 'messages', times)
  call('HINCRBY', P .. 'meta', 'bytes', bytes)
end

store(fresh())
if held then call('ZADD', P .. 'owners', now + ttl * 1000, owner) end
if #released > 0 then
  local key = P .. 'rel:' .. owner
  many('ZADD', key, released)
  call('ZREMRANGEBYRANK', key, 0, -20001)
  call('PEXPIRE', key, 3600000)
end
return { now, table.concat(answers), finally() }
