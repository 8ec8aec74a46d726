-- lease.lua takes deliveries of a lane that are due.
--
-- ARGV[2]  the lane
-- ARGV[3]  at most how many
-- ARGV[4]  the end of the leases
-- ARGV[5]  bytes of messages after which no more is taken
--
-- Result: {now, next, leases}; next is the lane's earliest time, -1 for
-- none; leases has for each: m, record, message.
local lane, limit, till, room = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]) + shift, tonumber(ARGV[5])
local queue = P .. 'lane:' .. lane
local due = call('ZRANGEBYSCORE', queue, '-inf', NOW, 'LIMIT', 0, limit)
local ends, token = format('%d', till), 0
local SOME = 16 -- messages that are read at once: each may be large

local function blobs(from)
  local names = {}
  for i = from, math.min(from + SOME - 1, #due) do names[#names + 1] = P .. 'm:' .. due[i] end
  return call('MGET', unpack(names))
end

local w = of(lane)
local leases = {}

local function lease(m, raw, blob)
  local state, flags, attempts = 0, 0, 0
  if raw then state, flags, attempts = unpack_s('>BBI4', raw) end
  if not blob or state ~= PENDING then
    remove(lane, m) -- the server has evicted it: there is nothing to send
    return
  end
  token = token + 1
  if floor(flags / LEASED) % 2 == 0 then flags = flags + LEASED end
  raw = pack(SHORT, PENDING, flags, attempts + 1, token) .. sub(raw, 15)
  push(w.put, m, raw)
  push(w.add, ends, m)
  push(leases, m, raw)
  leases[#leases + 1] = blob
  room = room - #blob
end

if #due > 0 then
  token = call('HINCRBY', P .. 'meta', 'token', #due) - #due
  local raws = ask('HMGET', P .. 'd:' .. lane, due)
  for from = 1, #due, SOME do
    for i, blob in ipairs(blobs(from)) do
      if room > 0 then lease(due[from + i - 1], raws[from + i - 1], blob) end
    end
    if room <= 0 then break end
  end
end
finally()
local head = call('ZRANGE', queue, 0, 0, 'WITHSCORES')
return { now, tonumber(head[2] or -1), leases }
