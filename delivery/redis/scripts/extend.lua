-- extend.lua moves the end of leases.
--
-- ARGV[2]  their new end
-- ARGV[3..]  for each lease: lane, m, token
--
-- Result: {now, lost, moved}; lost are the indices, from 0, of those that are
-- another's or finished.
local till, lost = tonumber(ARGV[2]) + shift, {}
local of_lane = {} -- lane -> m of its leases
for i = 3, #ARGV, 3 do
  local list = of_lane[ARGV[i]] or {}
  of_lane[ARGV[i]] = list
  list[#list + 1] = ARGV[i + 1]
end
for lane, list in pairs(of_lane) do fetch(lane, list) end
for i = 3, #ARGV, 3 do
  local lane, m = ARGV[i], ARGV[i + 1]
  local r = get(m, lane)
  if r and has(r, LEASED) and r.token == tonumber(ARGV[i + 2]) then
    add(lane, m, till)
  else
    lost[#lost + 1] = (i - 3) / 3
  end
end
return { now, lost, finally() }
