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
local keys, args = KEYS, ARGV
local SLOTS, LIVES, LISTS = 6, 13, 19

local frozen = fence(keys[1], args[1], args[2], tonumber(args[3]), tonumber(args[4]))
if frozen == nil then return LOST end
local counting = args[5] == '1'

local function numberOf(text)
  local value = parse(text)
  if value == nil then error({ err = 'FOREIGN a counter holds something else than an integer' }) end
  return value
end

local function used(period, metric)
  return numberOf(call('HGET', keys[1 + HASH_OF[period]], args[SLOTS + period] .. 'u' .. metric) or '0')
end

-- What a limit reckons with: `taken`, or `used` where that is more.
local function reckoned(period, metric)
  local slot = args[SLOTS + period]
  local found = call('HMGET', keys[1 + HASH_OF[period]], slot .. 't' .. metric, slot .. 'u' .. metric)
  local value = numberOf(found[2] or '0')
  return found[1] and greatest(numberOf(found[1]), value) or value
end

-- What an addition adds to a counter; a set value the difference to what is there.
local position = LISTS
local additions, amounts = {}, {}
for index = 1, tonumber(args[position]) do
  local addition = { metric = args[position + 1], amount = args[position + 2], isSet = args[position + 3] == '1' }
  additions[index], amounts[addition.metric] = addition, addition
  position = position + 3
end
local function amountFor(period, addition)
  if addition.isSet then return subtract(parseAny(addition.amount), used(period, addition.metric)) end
  return parseAny(addition.amount)
end

local reply, held = { 0, frozen and 1 or 0, 0 }, true
local bounds = tonumber(args[position + 1])
position = position + 1
for _ = 1, bounds do
  local metric, period = args[position + 1], tonumber(args[position + 2])
  local value, addition = reckoned(period, metric), amounts[metric]
  reply[#reply + 1] = format(value)
  if addition then value = add(value, amountFor(period, addition)) end
  if less(parseAny(args[position + 3]), value) then held = false end
  position = position + 3
end
local reads = tonumber(args[position + 1])
position = position + 1
for _ = 1, reads do
  reply[#reply + 1] = format(reckoned(tonumber(args[position + 2]), args[position + 1]))
  position = position + 2
end
if not held then return reply end
if not counting then
  reply[1] = 1
  return reply
end
if frozen and bounds > 0 then return reply end

-- Read before anything is written: an error later on would undo nothing.
for _, addition in ipairs(additions) do
  if addition.isSet then
    addition.differences = {}
    for period = 1, 7 do addition.differences[period] = format(amountFor(period, addition)) end
  end
end
local hasTaken = call('HGET', keys[6], HAS_TAKEN)
local ranks, isNew = {}, false

-- Counts a name in the application's windows and, by the same amounts, in the service's totals. `top`: position of the
-- first top set; nil for a code. `differences`: the amounts of a set value by period, or nil. Stops where one cannot be
-- counted.
local function countAll(account, name, amount, differences, top)
  local size = tonumber(amount)
  for period = 1, 7 do
    local hash = HASH_OF[period]
    local slot, life = args[SLOTS + period], args[LIVES + hash]
    local field = slot .. account .. name
    if differences then
      amount = differences[period]
      size = tonumber(amount)
    end
    if hasTaken and top and call('HEXISTS', keys[1 + hash], slot .. 't' .. name) == 1 then
      count(keys[1 + hash], slot .. 't' .. name, amount, size, '')
    end
    local value = not failure and count(keys[1 + hash], field, amount, size, life)
    if value and IS_TOTAL[period] then count(keys[7 + hash], field, amount, size, life) end
    if failure then return end
    if top and period >= FIRST_TOP and climbed(value - size, value) then
      ranks[#ranks + 1] = { keys[top + period - FIRST_TOP], value, life }
    end
    if top and period == 7 and value == size then isNew = true end
  end
  if not differences then return end
  for _, pair in ipairs(CORRECTED) do
    local beyond = format(subtract(parseAny(differences[pair[1]]), parseAny(differences[pair[2]])))
    if beyond ~= '0' and not failure then
      local hash = HASH_OF[pair[1]]
      count(keys[7 + hash], args[SLOTS + pair[1]] .. account .. name, beyond, tonumber(beyond), args[LIVES + hash])
    end
  end
end

for index, addition in ipairs(additions) do
  if not failure then
    countAll('u', addition.metric, addition.amount, addition.differences, 13 + (index - 1) * 5)
  end
end
for index = 1, tonumber(args[position + 1]) do
  if not failure then countAll('c', args[position + 1 + index], '1', nil, nil) end
end

if failure then
  takeBack()
  if not failure:find('overflow') then return redis.error_reply('FOREIGN a counter holds something else than an integer') end
  reply[3] = 1
  return reply
end
for _, top in ipairs(ranks) do rank(top[1], args[6], top[2], top[3]) end
if isNew then call('ZADD', keys[7], 0, args[6]) end
reply[1] = 1
return reply
