-- replay.lua makes a delivery pending again, or due.
--
-- ARGV[2]  the lane
-- ARGV[3]  m
-- ARGV[4]  when it is due
--
-- Result: {now, found, moved}; found is 0 if there is no such message.
local lane, m, due = ARGV[2], ARGV[3], at(tonumber(ARGV[4]))
if call('EXISTS', P .. 'm:' .. m) == 0 then return { now, 0, {} } end
local seq, old = tonumber(m), get(m, lane)

-- join adds the lane to those of the message.
local function join()
  local id, number = call('GETRANGE', P .. 'm:' .. m, 1, 10), lane_numbers({ lane })[1]
  local entries, b, out = call('HGET', P .. 'ids', id) or '', 1, {}
  while b < #entries do
    local from, one, numbers = b, nil, nil
    one, b, numbers = entry(entries, b)
    if one == m then
      insert(out, m .. pack('>H', #numbers / 4 + 1) .. numbers .. number)
    else
      insert(out, sub(entries, from, b - 1))
    end
  end
  call('HSET', P .. 'ids', id, table.concat(out))
end

if old and old.state == PENDING then
  if has(old, WAITING) then
    old.due = due
    put(m, lane, old)
  elseif not has(old, LEASED) then
    add(lane, m, due)
  end
  return { now, 1, finally() }
end

local r = { state = PENDING, flags = REPLAYED, attempts = 0, token = 0, first = due, changed = now, due = due }
local key = old and has(old, KEYED) and key_of(m, lane)
if key then r.flags = r.flags + KEYED + WAITING end
put(m, lane, r)
count(lane, 'pending', 1)
if not old then
  of(lane).all, of(lane).newest = { seq, m }, seq
  join()
elseif old.state == DEAD then
  call('ZREM', P .. 'dead:' .. lane, m)
  call('ZREM', P .. 'deads', turned(seq, lane))
  count(lane, 'dead', -1)
elseif old.state == SKIPPED then
  call('ZREM', P .. 'skip:' .. lane, m)
  call('ZREM', P .. 'skips', turned(seq, lane))
  count(lane, 'skipped', -1)
end
call('HDEL', P .. 'why:' .. lane, m)
if not key then
  add(lane, m, due)
  return { now, 1, finally() }
end

-- It goes before later ones of its key, but not before one that is leased.
call('ZADD', P .. 'k:' .. lane .. '\0' .. key, seq, m)
local active = call('HGET', P .. 'act:' .. lane, key)
local other = active and active ~= m and get(active, lane)
if not other then
  advance(lane, key)
elseif active > m and not has(other, LEASED) then
  if other.state == PENDING then
    other.due = tonumber(call('ZSCORE', P .. 'lane:' .. lane, active) or now)
    set(other, WAITING)
    put(active, lane, other)
    remove(lane, active)
  end
  advance(lane, key)
end
return { now, 1, finally() }
