-- Counting with HINCRBY, which is exact in 64 bits and refuses what would leave them. A refusal, or a key or field of
-- another type, is noted in `failure`; `takeBack` then undoes what was counted since `trail` was empty.
local trail, failure = {}, nil
-- 2^62 and its negative, as pairs.
local MOST, LEAST = { 4611686018, 427387904 }, { -4611686019, 572612096 }

local function negated(amount)
  if amount == '0' then return amount end
  if amount:byte(1) == 45 then return amount:sub(2) end
  return '-' .. amount
end

local function step(key, field, amount)
  local after = redis.pcall('HINCRBY', key, field, amount)
  if type(after) == 'table' then
    failure = after.err
    return nil
  end
  local last = #trail
  trail[last + 1], trail[last + 2], trail[last + 3] = key, field, amount
  return after
end

-- Adds a decimal amount of any size to a counter in steps that HINCRBY takes and takes back: what lies between two
-- values that fit, fits. Answers the new value as a number, or nil. `life` is set on a key that may be new.
local function count(key, field, amount, life)
  local after
  if #amount < 19 then
    after = step(key, field, amount)
  else
    local rest = parseAny(amount)
    repeat
      local part = least(greatest(rest, LEAST), MOST)
      rest = subtract(rest, part)
      after = step(key, field, format(part))
    until after == nil or rest == 0
  end
  if after == nil then return nil end
  if life ~= '' and after == tonumber(amount) then redis.call('EXPIRE', key, life, 'NX') end
  return after
end

local function takeBack()
  for index = #trail - 2, 1, -3 do redis.call('HINCRBY', trail[index], trail[index + 1], negated(trail[index + 2])) end
  trail = {}
end
