-- lanes.lua tells where something is due.
--
-- Result: {now, lanes}; for each lane that is not empty: its name, the time
-- that its first is due or its first lease ends.
return { now, call('ZRANGE', P .. 'lanes', 0, -1, 'WITHSCORES') }
