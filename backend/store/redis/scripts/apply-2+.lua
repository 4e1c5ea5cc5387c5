-- One shard's part of a batch, once, where nothing stands in the way: the amounts of all entries are summed beforehand.
-- When a sum cannot be counted, nothing is, and the caller goes on with apply-each. Twin, with apply-each, of
-- transactions/apply.ts.
--
-- KEYS  1 owner, 2 marks of the epoch, and on: the keys that are named by their position, five windows each in a row,
--       five top sets (day to eternity) each in a row
-- ARGV  1 store id, 2 run id, 3 freeze (ms), 4 now (ms), 5 sequence, 6 slice, 7 digest, 8 floor, 9 how long marks live (s),
--       10 and on: a number of moments and for each: slots of the seven periods (7), how long the windows live (5: s, or
--       empty); a number of places (an application in a moment) and for each: position of its windows, number of the
--       moment, application, position of the service's active applications, a number of metrics and for each: name, use,
--       take, position of its top sets; a number of codes and for each: code, use; then a number of totals (a service in a
--       moment) and for each: position of its windows, number of the moment, a number of names with their account before
--       them (`uhits`) and for each: name, use
-- Returns  "applied", "repeat", "conflict", or "each" when the entries must be tried one by one; or an error: STORELOST
-- include: integer, fence, periods, count, top, marks
if fence(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])) == nil then return LOST end
local before, slices = known(KEYS[2], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
if before then return before end

local keys, args = KEYS, ARGV
local at = 9
local function nextNumber()
  at = at + 1
  return tonumber(args[at])
end

-- Where the windows of a place or total begin, and where its slots and lives stand in ARGV.
local first, slots, lives

local moments = tonumber(args[10])
at = 10 + moments * 12

local function openWindows()
  first = nextNumber() - 1
  slots = 10 + (nextNumber() - 1) * 12
  lives = slots + 7
end

-- What the top sets and the active applications are told once all is counted.
local ranks, actives = {}, {}

-- Stops where one cannot be counted, as all of these do.
local function countUsed(name, use, top, application, active)
  local size = tonumber(use)
  for period = 1, 7 do
    local hash = HASH_OF[period]
    local life = args[lives + hash]
    local value = count(keys[first + hash], args[slots + period] .. 'u' .. name, use, size, life)
    if value == nil then return end
    if period >= FIRST_TOP and climbed(value - size, value) then
      ranks[#ranks + 1] = { keys[top + period - FIRST_TOP], application, value, life }
    end
    if period == 7 and value == size then actives[#actives + 1] = { keys[active], application } end
  end
end

-- Only where windows have a `taken` of their own.
local function countTaken(name, take)
  local size = tonumber(take)
  for period = 1, 7 do
    local key, field = keys[first + HASH_OF[period]], args[slots + period] .. 't' .. name
    if not failure and call('HEXISTS', key, field) == 1 then count(key, field, take, size, '') end
  end
end

local function countCode(code, use)
  local size = tonumber(use)
  for period = 1, 7 do
    local hash = HASH_OF[period]
    if failure then return end
    count(keys[first + hash], args[slots + period] .. 'c' .. code, use, size, args[lives + hash])
  end
end

local function countPlace()
  openWindows()
  local application, active = args[at + 1], tonumber(args[at + 2])
  at = at + 2
  local hasTaken = try('HGET', keys[first + 5], HAS_TAKEN)
  if type(hasTaken) == 'table' then failure = hasTaken.err end
  for _ = 1, nextNumber() do
    local name, use, take, top = args[at + 1], args[at + 2], args[at + 3], tonumber(args[at + 4])
    at = at + 4
    if hasTaken and take ~= '0' and not failure then countTaken(name, take) end
    if failure then return end
    countUsed(name, use, top, application, active)
  end
  for _ = 1, nextNumber() do
    if failure then return end
    countCode(args[at + 1], args[at + 2])
    at = at + 2
  end
end

local function countTotal()
  openWindows()
  for _ = 1, nextNumber() do
    local name, use, size = args[at + 1], args[at + 2], tonumber(args[at + 2])
    at = at + 2
    for period = 1, 7 do
      local hash = HASH_OF[period]
      if failure then return end
      if IS_TOTAL[period] then
        count(keys[first + hash], args[slots + period] .. name, use, size, args[lives + hash])
      end
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
for _, each in ipairs(actives) do call('ZADD', each[1], 0, each[2]) end
mark(KEYS[2], ARGV[5], ARGV[6], ARGV[7], slices)
return 'applied'
