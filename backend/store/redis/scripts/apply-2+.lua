-- One shard's part of a batch, once, where nothing stands in the way: the amounts of all entries are summed beforehand.
-- When a sum cannot be counted, nothing is, and the caller goes on with apply-each. Twin, with apply-each, of
-- transactions/apply.ts.
--
-- KEYS  1 owner, 2 marks of the epoch, and on: the keys that are named by their position, five windows each in a row,
--       five top sets (day to eternity) each in a row
-- ARGV  1 store id, 2 run id, 3 freeze (ms), 4 now (ms), 5 sequence, 6 slice, 7 digest, 8 floor, 9 how long marks live (s),
--       10-23 and on: a number of places (an application in a minute) and for each: position of its windows, slots of the
--       seven periods (7), how long the windows live (5: s, or empty), application, position of the service's active
--       applications, a number of metrics and for each: name, use, take, position of its top sets; a number of codes and
--       for each: code, use; then a number of totals (a service in a minute) and for each: position of its windows,
--       slots (7), lives (5), a number of names with their account before them (`uhits`) and for each: name, use
-- Returns  "applied", "repeat", "conflict", or "each" when the entries must be tried one by one; or an error: STORELOST
-- include: integer, fence, periods, count, top, marks
if fence(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])) == nil then return LOST end
local before, slices = known(KEYS[2], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
if before then return before end

local at = 9
local function nextText()
  at = at + 1
  return ARGV[at]
end
local function nextNumber() return tonumber(nextText()) end

-- Where the windows of a place or total begin, and where its slots and lives stand in ARGV.
local first, slots, lives

local function openWindows()
  first = nextNumber() - 1
  slots, lives = at, at + 7
  at = at + 12
end

-- What the top sets and the active applications are told once all is counted.
local ranks, actives = {}, {}

local function countUsed(name, use, top, application, active)
  for period = 1, 7 do
    local hash = HASH_OF[period]
    local life = ARGV[lives + hash]
    local value = count(KEYS[first + hash], ARGV[slots + period] .. 'u' .. name, use, life)
    if value == nil then return end
    local amount = tonumber(use)
    if period >= FIRST_TOP and climbed(value - amount, value) then
      ranks[#ranks + 1] = { KEYS[top + period - FIRST_TOP], application, value, life }
    end
    if period == 7 and value == amount then actives[#actives + 1] = { KEYS[active], application } end
  end
end

-- Only where windows have a `taken` of their own.
local function countTaken(name, take)
  for period = 1, 7 do
    local key, field = KEYS[first + HASH_OF[period]], ARGV[slots + period] .. 't' .. name
    if redis.call('HEXISTS', key, field) == 1 then count(key, field, take, '') end
  end
end

local function countPlace()
  openWindows()
  local application, active = nextText(), nextNumber()
  local hasTaken = redis.pcall('HGET', KEYS[first + 5], HAS_TAKEN)
  if type(hasTaken) == 'table' then failure = hasTaken.err end
  for _ = 1, nextNumber() do
    local name, use, take, top = nextText(), nextText(), nextText(), nextNumber()
    if failure then return end
    if hasTaken and take ~= '0' then countTaken(name, take) end
    countUsed(name, use, top, application, active)
  end
  for _ = 1, nextNumber() do
    local code, use = nextText(), nextText()
    for period = 1, 7 do
      if failure then return end
      count(KEYS[first + HASH_OF[period]], ARGV[slots + period] .. 'c' .. code, use, ARGV[lives + HASH_OF[period]])
    end
  end
end

local function countTotal()
  openWindows()
  for _ = 1, nextNumber() do
    local name, use = nextText(), nextText()
    for _, period in ipairs(TOTALS) do
      if failure then return end
      local hash = HASH_OF[period]
      count(KEYS[first + hash], ARGV[slots + period] .. name, use, ARGV[lives + hash])
    end
  end
end

for _ = 1, nextNumber() do
  countPlace()
  if failure then break end
end
if not failure then
  for _ = 1, nextNumber() do
    countTotal()
    if failure then break end
  end
end
if failure then
  takeBack()
  return 'each'
end
for _, each in ipairs(ranks) do rank(each[1], each[2], each[3], each[4]) end
for _, each in ipairs(actives) do redis.call('ZADD', each[1], 0, each[2]) end
mark(KEYS[2], ARGV[5], ARGV[6], ARGV[7], slices)
return 'applied'
