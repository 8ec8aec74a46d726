-- settle.lua settles a delivery for good: as delivered one that is pending, as
-- discarded also a dead one.
--
-- ARGV[2]  the lane
-- ARGV[3]  m
-- ARGV[4]  its new state
-- ARGV[5]  why it is discarded
--
-- Result: {now, found, moved}; found is 0 if there is no such delivery.
local lane, m, state = ARGV[2], ARGV[3], tonumber(ARGV[4])
local r = get(m, lane)
if not r then return { now, 0, {} } end
if r.state ~= PENDING and (r.state ~= DEAD or state ~= DISCARDED) then return { now, 1, {} } end

local queued = r.state == PENDING or has(r, PARKED)
if r.state == PENDING then
  count(lane, 'pending', -1)
  if has(r, FAILED) then count(lane, 'retrying', -1) end
else
  count(lane, 'dead', -1)
end
r.state, r.changed = state, now
for _, flag in ipairs({ FAILED, PARKED, WAITING, LEASED }) do clear(r, flag) end
put(m, lane, r)
call('ZREM', P .. 'dead:' .. lane, m)
call('ZREM', P .. 'deads', turned(m, lane))
if state == DISCARDED then call('HSET', P .. 'why:' .. lane, m, ARGV[5]) end
remove(lane, m)
if queued and has(r, KEYED) then
  local key = key_of(m, lane)
  call('ZREM', P .. 'k:' .. lane .. '\0' .. key, m)
  if call('HGET', P .. 'act:' .. lane, key) == m then advance(lane, key) end
end
return { now, 1, finally() }
