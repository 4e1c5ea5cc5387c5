-- A direct decision: every bound must hold after the additions; then, if asked for, all are counted (protocol R17).
-- Twin of transactions/decide.ts.
--
-- KEYS  1 owner, 2-6 the application's windows; when counting also 7 active applications of the service, 8-12 the
--       service's windows, and for each addition its top sets of day, week, month, year, eternity
-- ARGV  1 store id, 2 run id, 3 freeze (ms), 4 at (ms), 5 count (1 or 0), 6 application, 7-13 slots of the seven
--       periods, 14-18 how long the windows live (s, or empty: for ever), 19 a number of additions, each metric once, and
--       for each: metric, amount, set (1 or 0); a number of bounds and for each: metric, period (1-7), max; a number of
--       reads and for each: metric, period; a number of codes and the codes
-- Returns  {admitted, frozen, overflow (1 or 0 each), values of the bounds and the reads ...}; or an error: STORELOST,
--       FOREIGN when a counter holds something else than an integer
-- include: integer, fence, periods, count, top
local SLOTS, LIVES, LISTS = 6, 13, 19

local frozen = fence(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]))
if frozen == nil then return LOST end
local counting = ARGV[5] == '1'

local function numberOf(text)
  local value = parse(text)
  if value == nil then error({ err = 'FOREIGN a counter holds something else than an integer' }) end
  return value
end

local function used(period, metric)
  return numberOf(redis.call('HGET', KEYS[1 + HASH_OF[period]], ARGV[SLOTS + period] .. 'u' .. metric) or '0')
end

local function taken(period, metric)
  local slot = ARGV[SLOTS + period]
  local found = redis.call('HMGET', KEYS[1 + HASH_OF[period]], slot .. 't' .. metric, slot .. 'u' .. metric)
  return numberOf(found[1] or found[2] or '0')
end

-- What an addition adds to a counter; a set value the difference to what is there.
local position = LISTS
local additions, amounts = {}, {}
for index = 1, tonumber(ARGV[position]) do
  local addition = { metric = ARGV[position + 1], amount = ARGV[position + 2], isSet = ARGV[position + 3] == '1' }
  additions[index], amounts[addition.metric] = addition, addition
  position = position + 3
end
local function amountFor(period, addition)
  if addition.isSet then return subtract(parseAny(addition.amount), used(period, addition.metric)) end
  return parseAny(addition.amount)
end

local reply, held = { 0, frozen and 1 or 0, 0 }, true
local bounds = tonumber(ARGV[position + 1])
position = position + 1
for _ = 1, bounds do
  local metric, period = ARGV[position + 1], tonumber(ARGV[position + 2])
  local value, addition = taken(period, metric), amounts[metric]
  reply[#reply + 1] = format(value)
  if addition then value = add(value, amountFor(period, addition)) end
  if less(parseAny(ARGV[position + 3]), value) then held = false end
  position = position + 3
end
local reads = tonumber(ARGV[position + 1])
position = position + 1
for _ = 1, reads do
  reply[#reply + 1] = format(taken(tonumber(ARGV[position + 2]), ARGV[position + 1]))
  position = position + 2
end
if not held then return reply end
if not counting then
  reply[1] = 1
  return reply
end
if frozen and bounds > 0 then return reply end

local function countTotal(period, field, amount)
  local hash = HASH_OF[period]
  return count(KEYS[7 + hash], ARGV[SLOTS + period] .. field, amount, ARGV[LIVES + hash])
end

-- Counts a name in the application's windows and, by the same amounts, in the service's totals.
local function countAll(account, name, amountOf, after)
  local moved = {}
  for period = 1, 7 do
    local hash = HASH_OF[period]
    moved[period] = amountOf(period)
    local value = count(KEYS[1 + hash], ARGV[SLOTS + period] .. account .. name, moved[period], ARGV[LIVES + hash])
    if value == nil then return end
    if after then after(period, value, moved[period]) end
  end
  for _, period in ipairs(TOTALS) do
    if not countTotal(period, account .. name, moved[period]) then return end
  end
  for _, pair in ipairs(CORRECTED) do
    local long, short = moved[pair[1]], moved[pair[2]]
    if long ~= short and not countTotal(pair[1], account .. name, format(subtract(parseAny(long), parseAny(short)))) then return end
  end
end

local hasTaken = redis.call('HGET', KEYS[6], HAS_TAKEN)
local ranks = {}
for index, addition in ipairs(additions) do
  local metric, first = addition.metric, 12 + (index - 1) * 5
  countAll('u', metric, function(period)
    local amount = addition.isSet and format(amountFor(period, addition)) or addition.amount
    if hasTaken then
      local hash, field = HASH_OF[period], ARGV[SLOTS + period] .. 't' .. metric
      if redis.call('HEXISTS', KEYS[1 + hash], field) == 1 then count(KEYS[1 + hash], field, amount, '') end
    end
    return amount
  end, function(period, value, amount)
    if period >= FIRST_TOP and climbed(value - tonumber(amount), value) then
      ranks[#ranks + 1] = { KEYS[first + period - 2], value, ARGV[LIVES + HASH_OF[period]] }
    end
    if period == 7 and value == tonumber(amount) then ranks.isNew = true end
  end)
  if failure then break end
end
for index = 1, tonumber(ARGV[position + 1]) do
  if failure then break end
  countAll('c', ARGV[position + 1 + index], function() return '1' end)
end

if failure then
  takeBack()
  if not failure:find('overflow') then return redis.error_reply('FOREIGN a counter holds something else than an integer') end
  reply[3] = 1
  return reply
end
for _, top in ipairs(ranks) do rank(top[1], ARGV[6], top[2], top[3]) end
if ranks.isNew then redis.call('ZADD', KEYS[7], 0, ARGV[6]) end
reply[1] = 1
return reply
