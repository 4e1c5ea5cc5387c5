-- The greatest applications of a service in one window: a sorted set of at most TOP_KEPT per shard. It is brought up to
-- date when a counter has moved by a sixteenth, not at every unit; readers take the exact values from the counters.
local TOP_KEPT = 64
-- Periods that have one: day, week, month, year, eternity.
local FIRST_TOP = 3
local frexp, floor = math.frexp, math.floor

-- Has the counter reached another sixteenth of its power of two?
local function climbed(before, after)
  if before <= 0 or after <= before then return before ~= after end
  local _, exponent = frexp(after)
  local step = 2 ^ (exponent - 5)
  return floor(after / step) ~= floor(before / step)
end

local function rank(key, application, value, life)
  if redis.pcall('ZADD', key, string.format('%.17g', value), application) ~= 1 then return end
  local members = redis.call('ZCARD', key)
  if members == 1 and life ~= '' then redis.call('EXPIRE', key, life) end
  if members > TOP_KEPT then redis.call('ZREMRANGEBYRANK', key, 0, members - TOP_KEPT - 1) end
end
