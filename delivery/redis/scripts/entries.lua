-- entries.lua is put in front of scripts that look for messages by their ids or
-- for the lanes of messages.

-- entry reads what P ids has of one message: m, the byte behind it, and the numbers
-- of its lanes.
local function entry(raw, b)
  local n = unpack_s('>H', raw, b + 16)
  return sub(raw, b, b + 15), b + 18 + 4 * n, sub(raw, b + 18, b + 17 + 4 * n)
end

-- lane_numbers gives the numbers of lanes, 4 bytes each; new ones get one, which is
-- written with their counters.
local function lane_numbers(names)
  local numbers = {}
  for i, raw in ipairs(ask('HMGET', P .. 'stats', names)) do
    local w, number = of(names[i]), raw and sub(raw, 71)
    if not number or number == '\0\0\0\0' then
      local n = call('HINCRBY', P .. 'meta', 'lane', 1)
      call('HSET', P .. 'lanename', format('%d', n), names[i])
      number = pack('>I4', n)
      w.number = number
    end
    w.stats, numbers[i] = raw, number
  end
  return numbers
end

-- lane_name gives the lane of the i-th of some numbers.
local function lane_name(numbers, i)
  return call('HGET', P .. 'lanename', format('%d', unpack_s('>I4', numbers, 4 * i - 3)))
end

