-- disclaim.lua makes holds nobody's, whosever they are: everybody may release them, and
-- looks for orphans find them.
--
-- ARGV[2]   the gateway that asks; it does not find them again for two heartbeats
-- ARGV[3]   ms of a heartbeat
-- ARGV[4..] the holds
--
-- Result: {now}
local refused = P .. 'no:' .. ARGV[2]
for i = 4, #ARGV do
  local id = ARGV[i]
  local bytes = call('HGET', P .. 'h', id)
  local owner = bytes and P .. 'o:' .. sub(bytes, 1, 16)
  local created = owner and call('ZSCORE', owner, id)
  if created then
    call('ZREM', owner, id)
    call('ZADD', P .. 'aside', NOW, id)
    call('HSET', P .. 'gave', id, created)
    call('ZADD', refused, NOW, id)
  end
end
call('PEXPIRE', refused, 2 * ARGV[3])
return { now }
