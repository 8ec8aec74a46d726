-- disclaim.lua makes holds nobody's, whosever they are: everybody may release them, and
-- looks for orphans find them.
--
-- ARGV[2]   the gateway that asks, which is not to have them again at once
-- ARGV[3..] the holds
--
-- Result: {now}
for i = 3, #ARGV do
  local id = ARGV[i]
  local bytes = call('HGET', P .. 'h', id)
  local owner = bytes and P .. 'o:' .. sub(bytes, 1, 16)
  local created = owner and call('ZSCORE', owner, id)
  if created then
    call('ZREM', owner, id)
    call('ZADD', P .. 'aside', NOW, id)
    call('HSET', P .. 'gave', id, ARGV[2] .. created)
  end
end
return { now }
