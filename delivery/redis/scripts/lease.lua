-- lease.lua takes deliveries of a lane that are due.
--
-- ARGV[2]  the lane
-- ARGV[3]  at most how many
-- ARGV[4]  the end of the leases
-- ARGV[5]  bytes of messages after which no more is taken
--
-- Result: {now, next, leases}; next is the lane's earliest time, -1 for
-- none; leases has for each: m, token, attempt, replayed, first, message.
local lane, limit, till, room = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]) + shift, tonumber(ARGV[5])
local queue = P .. 'lane:' .. lane
local due = call('ZRANGEBYSCORE', queue, '-inf', now, 'LIMIT', 0, limit)
local leases, ends = {}, format('%.0f', till)
if #due > 0 then
  local token = call('HINCRBY', P .. 'meta', 'token', #due) - #due
  for i, m in ipairs(due) do
    local r, blob = get(m, lane), call('GET', P .. 'm:' .. m)
    if not r or not blob or r.state ~= PENDING then
      remove(lane, m) -- the server has evicted it: there is nothing to send
    else
      token = token + 1
      set(r, LEASED)
      r.attempts, r.token = r.attempts + 1, token
      put(m, lane, r)
      add(lane, m, ends)
      for _, v in ipairs({ m, token, r.attempts, r.flags % 2, r.first, blob }) do
        leases[#leases + 1] = v
      end
      room = room - #blob
      if room <= 0 then break end
    end
  end
end
finally()
local head = call('ZRANGE', queue, 0, 0, 'WITHSCORES')
return { now, tonumber(head[2] or -1), leases }
