-- Exact signed 64-bit integers. Lua's numbers are doubles, exact only below 2^53. Here a value is a number while it is
-- below 9,007,199 * 10^9 in size, and else a pair {high, low} that means high * 10^9 + low, with 0 <= low < 10^9.
local BASE = 1000000000
local SMALL = 9007199 * BASE

local function halves(value)
  if type(value) == 'table' then return value[1], value[2] end
  local high = math.floor(value / BASE)
  local low = value - high * BASE
  -- The quotient is rounded: it may have reached the next whole number.
  if low < 0 then return high - 1, low + BASE end
  return high, low
end

local function whole(high, low)
  if low >= BASE then
    high, low = high + 1, low - BASE
  elseif low < 0 then
    high, low = high - 1, low + BASE
  end
  if high > -9007199 and high < 9007199 then return high * BASE + low end
  return { high, low }
end

local function add(a, b)
  if type(a) == 'number' and type(b) == 'number' then
    local sum = a + b
    if sum < SMALL and sum > -SMALL then return sum end
  end
  local high1, low1 = halves(a)
  local high2, low2 = halves(b)
  return whole(high1 + high2, low1 + low2)
end

local function subtract(a, b)
  if type(a) == 'number' and type(b) == 'number' then
    local difference = a - b
    if difference < SMALL and difference > -SMALL then return difference end
  end
  local high1, low1 = halves(a)
  local high2, low2 = halves(b)
  return whole(high1 - high2, low1 - low2)
end

local function less(a, b)
  if type(a) == 'number' and type(b) == 'number' then return a < b end
  local high1, low1 = halves(a)
  local high2, low2 = halves(b)
  if high1 ~= high2 then return high1 < high2 end
  return low1 < low2
end

-- Does it fit in 64 bits?
local function fits(value)
  if type(value) == 'number' then return true end
  local high, low = value[1], value[2]
  if high > 9223372036 or (high == 9223372036 and low > 854775807) then return false end
  return high > -9223372037 or (high == -9223372037 and low >= 145224192)
end

-- The value of decimal digits, of any size.
local function parseAny(text)
  if #text <= 15 then return tonumber(text) end
  local high, low = tonumber(text:sub(1, -10)), tonumber(text:sub(-9))
  if text:byte(1) == 45 then low = -low end
  return whole(high, low)
end

-- The value of a stored counter; nil when it is no integer of 64 bits.
local function parse(text)
  if #text > 20 or not text:find('^%-?%d+$') then return nil end
  local value = parseAny(text)
  if fits(value) then return value end
  return nil
end

local function format(value)
  if type(value) == 'number' then return string.format('%.0f', value) end
  local high, low = value[1], value[2]
  if high >= 0 then return string.format('%.0f%09.0f', high, low) end
  if low == 0 then return string.format('-%.0f%09.0f', -high, 0) end
  return string.format('-%.0f%09.0f', -high - 1, BASE - low)
end

-- A positive value divided by a whole number below 9,000,000, rounded down.
local function divide(value, parts)
  local high, low = halves(value)
  local quotient = math.floor(high / parts)
  local rest = (high - quotient * parts) * BASE + low
  local fine = math.floor(rest / parts)
  if fine * parts > rest then fine = fine - 1 end
  return whole(quotient, fine)
end

local function least(a, b)
  return less(b, a) and b or a
end

local function greatest(a, b)
  return less(a, b) and b or a
end
