-- places.lua finds the deliveries of lanes by position: in each lane the lowest
-- positions, or the highest. It looks at a bounded number of them; the caller
-- goes on in the lane where it stopped.
--
-- ARGV[2]  the state, 0 for all
-- ARGV[3]  "1" for the highest first
-- ARGV[4]  at most how many of a lane
-- ARGV[5]  at most how many of all together
-- ARGV[6]  how many to look at
-- ARGV[7]  the lowest position that is wanted; only with the highest first
-- ARGV[8..]  for each lane: its name, the position behind which to look; 0 is
--          its end
--
-- Result: {now, done, last, places}; done is how many of the lanes need no other
-- look, last is the last position looked at in the lane behind these, 0 if it was
-- not looked at; places are for each lane that was looked at: its positions, 7
-- bytes each.
local state, newest = tonumber(ARGV[2]), ARGV[3] == '1'
local want, total, budget = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local lowest = tonumber(ARGV[7])
local FEW = 1000 -- pending ones that are sorted rather than looked for among all

-- sorted gives all pending deliveries of a lane, in order; nil if they are many.
-- Those that wait for another of their key are only in the queues of the keys.
local function sorted(lane)
  local queue, active = P .. 'lane:' .. lane, P .. 'act:' .. lane
  if call('ZCARD', queue) > FEW or call('HLEN', active) > FEW then return nil end
  local list, seen = call('ZRANGE', queue, 0, -1), {}
  local keys = call('HKEYS', active)
  if #keys > 0 then
    for _, m in ipairs(list) do seen[m] = true end
    for _, key in ipairs(keys) do
      local waiting = call('ZRANGE', P .. 'k:' .. lane .. '\0' .. key, 0, FEW)
      if #list + #waiting > FEW then return nil end
      for _, m in ipairs(waiting) do
        if not seen[m] then insert(list, m) end
        seen[m] = true
      end
    end
  end
  table.sort(list, newest and function(a, b) return a > b end or nil)
  return list
end

local index = P .. (({ [DEAD] = 'dead:', [SKIPPED] = 'skip:' })[state] or 'all:')
local exact = state == 0 or state == DEAD or state == SKIPPED -- all in the index are wanted

local function page(lane, last, size)
  local edge = '(' .. pad(last)
  if newest then
    return call('ZREVRANGEBYSCORE', index .. lane, last > 0 and edge or '+inf', ARGV[7], 'LIMIT', 0, size)
  end
  return call('ZRANGEBYSCORE', index .. lane, edge, '+inf', 'LIMIT', 0, size)
end

-- pending gives the next of a sorted list.
local function pending(list, last, size)
  local out = {}
  for _, m in ipairs(list) do
    local seq = tonumber(m)
    if #out == size then break end
    local behind = last == 0 or seq > last
    if newest then behind = seq >= lowest and (last == 0 or seq < last) end
    if behind then insert(out, m) end
  end
  return out
end

-- wanted keeps those that are in the state.
local function wanted(lane, list)
  if exact then return list end
  local out = {}
  for i, raw in ipairs(ask('HMGET', P .. 'd:' .. lane, list)) do
    if raw and string.byte(raw) == state then insert(out, list[i]) end
  end
  return out
end

-- look gives the positions of a lane; more is whether there may be others.
local function look(lane, last)
  local found, size = {}, exact and math.min(want, STEP) or math.min(2 * want + 14, STEP)
  local list = state == PENDING and sorted(lane)
  while true do
    local some = list and pending(list, last, size) or page(lane, last, size)
    budget = budget - #some - 1
    if #some > 0 then last = tonumber(some[#some]) end
    for _, m in ipairs(wanted(lane, some)) do
      if #found < want then insert(found, pack('>I7', tonumber(m))) end
    end
    if #found == want or #some < size then return found, last, false end
    if budget <= 0 then return found, last, true end
    size = STEP
  end
end

local done, last, places = 0, 0, {}
for i = 8, #ARGV, 2 do
  if budget <= 0 or total <= 0 then break end
  local found, at_m, more = look(ARGV[i], tonumber(ARGV[i + 1]))
  insert(places, table.concat(found))
  total = total - #found
  if more then
    last = at_m
    break
  end
  done = done + 1
end
return { now, done, last, places }
