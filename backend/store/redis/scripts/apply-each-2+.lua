-- One shard's part of a batch, once, entry by entry: for set values, and where a sum could not be counted. An entry that
-- cannot be counted is taken back and named; the others count. Twin, with apply, of transactions/apply.ts.
--
-- KEYS  1 owner, 2 marks of the epoch, and on: the keys that the entries name by their position, five windows each in a
--       row, five top sets (day to eternity) each in a row
-- ARGV  1 store id, 2 run id, 3 freeze (ms), 4 now (ms), 5 sequence, 6 slice, 7 digest, 8 floor, 9 how long marks live (s),
--       10 the entries, JSON: [{index, application, active, windows, totals (positions), slots: [7 texts], lives: [5 texts],
--       additions: [[metric, use, take, set (1 or 0), top sets (position)]], codes: [[code, use]]}]
-- Returns  {"applied" | "repeat" | "conflict", index, reason, index, reason ...}; or an error: STORELOST
-- include: integer, fence, periods, count, top, marks
if fence(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])) == nil then return LOST end
local before, slices = known(KEYS[2], ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9])
if before then return { before } end

local function countTotal(entry, period, field, amount)
  local hash = HASH_OF[period]
  count(KEYS[entry.totals + hash - 1], field, amount, tonumber(amount), entry.lives[hash])
end

local ranks, isNew

local function countAddition(entry, addition)
  local name, use, take, isSet, top = addition[1], addition[2], addition[3], addition[4] == 1, addition[5]
  local amounts = {}
  for period = 1, 7 do
    local hash, slot = HASH_OF[period], entry.slots[period]
    local key, used, taken = KEYS[entry.windows + hash - 1], slot .. 'u' .. name, slot .. 't' .. name
    local found = redis.pcall('HMGET', key, used, taken)
    local stored = parse(found[1] or '0')
    if found.err or stored == nil then
      failure = found.err or 'type'
      return
    end
    local amount, moved = use, take
    if isSet then
      amount = format(subtract(parseAny(use), stored))
      moved = amount
    end
    if found[2] then count(key, taken, moved, tonumber(moved), '') end
    local size = tonumber(amount)
    local value = not failure and count(key, used, amount, size, entry.lives[hash])
    if not failure and IS_TOTAL[period] then countTotal(entry, period, used, amount) end
    if failure then return end
    amounts[period] = amount
    if period >= FIRST_TOP and climbed(value - size, value) then
      ranks[#ranks + 1] = { KEYS[top + period - FIRST_TOP], value, entry.lives[hash] }
    end
    isNew = isNew or period == 7 and not found[1]
  end
  for _, pair in ipairs(CORRECTED) do
    local long, short = amounts[pair[1]], amounts[pair[2]]
    if long ~= short and not failure then
      countTotal(entry, pair[1], entry.slots[pair[1]] .. 'u' .. name, format(subtract(parseAny(long), parseAny(short))))
    end
  end
end

local reply = { 'applied' }
for _, entry in ipairs(cjson.decode(ARGV[10])) do
  steps, failure, ranks, isNew = 0, nil, {}, false
  for _, addition in ipairs(entry.additions) do
    if not failure then countAddition(entry, addition) end
  end
  for _, code in ipairs(entry.codes) do
    for period = 1, 7 do
      local field = entry.slots[period] .. 'c' .. code[1]
      if not failure then count(KEYS[entry.windows + HASH_OF[period] - 1], field, code[2], tonumber(code[2]), entry.lives[HASH_OF[period]]) end
      if not failure and IS_TOTAL[period] then countTotal(entry, period, field, code[2]) end
    end
  end
  if failure then
    reply[#reply + 1] = entry.index
    reply[#reply + 1] = failure:find('overflow') and 'a counter would leave 64 bits'
      or 'a counter holds something else than an integer'
    takeBack()
  else
    for _, each in ipairs(ranks) do rank(each[1], entry.application, each[2], each[3]) end
    if isNew then redis.call('ZADD', KEYS[entry.active], 0, entry.application) end
  end
end
mark(KEYS[2], ARGV[5], ARGV[6], ARGV[7], slices)
return reply
