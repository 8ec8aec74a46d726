-- beat.lua is a gateway's heartbeat.
--
-- ARGV[2]  the gateway
-- ARGV[3]  ms until its heartbeat ends; 0 when it closes
-- ARGV[4..]  holds that it has given up without knowing whether they are stored
--
-- Result: {now}
local owner, ttl = ARGV[2], tonumber(ARGV[3])
local mine = P .. 'o:' .. owner
for i = 4, #ARGV do
  if call('ZREM', mine, ARGV[i]) == 1 then call('HDEL', P .. 'h', ARGV[i]) end
end
-- A gateway that closes leaves its holds to others at once.
if ttl > 0 then
  alive(owner, ttl)
elseif call('EXISTS', mine) == 0 then
  call('ZREM', P .. 'owners', owner)
else
  call('ZADD', P .. 'owners', 0, owner)
end
for _, kind in ipairs({ 'op:', 'cl:' }) do call('PEXPIRE', P .. kind .. owner, 3600000) end
return { now }
