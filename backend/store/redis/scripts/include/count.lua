-- Counting with HINCRBY, which is exact in 64 bits and refuses what would leave them. A refusal, or a key or field of
-- another type, is noted in `failure`; `takeBack` then undoes what was counted since `steps` was 0.
local call, try = redis.call, redis.pcall
local failure, steps = nil, 0
local trailKeys, trailFields, trailAmounts = {}, {}, {}
-- 2^62 and its negative, as pairs.
local MOST, LEAST = { 4611686018, 427387904 }, { -4611686019, 572612096 }

local function negated(amount)
  if amount == '0' then return amount end
  if amount:byte(1) == 45 then return amount:sub(2) end
  return '-' .. amount
end

local function step(key, field, amount)
  local after = try('HINCRBY', key, field, amount)
  if type(after) == 'table' then
    failure = after.err
    return nil
  end
  steps = steps + 1
  trailKeys[steps], trailFields[steps], trailAmounts[steps] = key, field, amount
  return after
end

-- Adds a decimal amount of any size in steps that HINCRBY takes and takes back: what lies between two values that fit,
-- fits.
local function stepwise(key, field, amount)
  local after
  local rest = parseAny(amount)
  repeat
    local part = least(greatest(rest, LEAST), MOST)
    rest = subtract(rest, part)
    after = step(key, field, format(part))
  until after == nil or rest == 0
  return after
end

-- Adds to a counter. `size` is the amount as a number; `life` is set on a key that may be new. Answers the new value as a
-- number, or nil.
local function count(key, field, amount, size, life)
  local after
  if #amount < 19 then after = step(key, field, amount) else after = stepwise(key, field, amount) end
  if after == size and life ~= '' then call('EXPIRE', key, life, 'NX') end
  return after
end

local function takeBack()
  for index = steps, 1, -1 do call('HINCRBY', trailKeys[index], trailFields[index], negated(trailAmounts[index])) end
  steps = 0
end
