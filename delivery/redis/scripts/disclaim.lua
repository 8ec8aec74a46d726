-- disclaim.lua gives back holds that a gateway has and cannot settle. Those that are
-- not its own stay where they are.
--
-- ARGV[2]   the gateway
-- ARGV[3..] the holds
--
-- Result: {now}
local owner = ARGV[2]
local mine = P .. 'o:' .. owner
for i = 3, #ARGV do
  local created = call('ZSCORE', mine, ARGV[i])
  if created then
    call('ZREM', mine, ARGV[i])
    call('ZADD', P .. 'aside', NOW, ARGV[i])
    call('HSET', P .. 'gave', ARGV[i], owner .. created)
  end
end
return { now }
