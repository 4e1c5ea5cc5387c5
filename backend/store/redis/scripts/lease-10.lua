-- One lease message (protocol R5). Twin of transactions/leases.ts.
--
-- KEYS  1 owner, 2 record of the lease, 3 the shard's leases, 4 holders of the application, 5-9 the application's
--       windows that hold the start of the lease, 10 active applications of the service
-- ARGV  1 store id, 2 run id, 3 freeze (ms), 4 the message, JSON:
--       id (field name of the lease), epoch, rev, used, held, want, need (decimal texts), final (1 or 0), at, living
--       (epochs), about (JSON text for a new record: chain, period (1-7), start, end ...), period, start, ended (1 when
--       every limited window is over), life (ms that the record lives), finalLife (ms), bounds: [[metric, period,
--       max]], slots, lives: [5 seconds or ""]
-- Returns  {"reply", rev, ceiling, active, elsewhere, frozen, final, {room of each bound}, {epochs that hold what
--       this lease lacks}}; {"window", period, start} when the record has another window: nothing was done; or an
--       error: STORELOST, OVERFLOW, FOREIGN
-- include: integer, fence, periods, windows
local ENDED_KEPT = 1000

local message = cjson.decode(ARGV[4])
local record = redis.call('HMGET', KEYS[2], 'about', 'ceiling', 'told', 'rev', 'final')
local about = cjson.decode(record[1] or message.about)
if about.start ~= message.start or about.period ~= message.period then
  return { 'window', about.period, string.format('%.0f', about.start) }
end
local frozen = fence(KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3]), message.at)
if frozen == nil then return LOST end

local windows = sheet({ KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9] })
local function slot(period) return message.slots:sub(period, period) end
local function want(metric, period)
  windows.want(HASH_OF[period], slot(period) .. 'u' .. metric)
  windows.want(HASH_OF[period], slot(period) .. 't' .. metric)
end
for _, metric in ipairs(about.chain) do
  for period = about.period, 7 do want(metric, period) end
end
for _, bound in ipairs(message.bounds) do want(bound[1], bound[2]) end
windows.load()

-- Holdings of other leases, of living epochs, that share a metric and a moment with this one.
local living, chain = {}, {}
for _, epoch in ipairs(message.living) do living[epoch] = true end
for _, metric in ipairs(about.chain) do chain[metric] = true end
local function shares(other)
  for _, metric in ipairs(other.chain) do
    if chain[metric] then return true end
  end
  return false
end
local rivals, gone = {}, {}
local held = redis.call('HGETALL', KEYS[4])
for index = 1, #held, 2 do
  local other = cjson.decode(held[index + 1])
  local starts, ends = tonumber(other.start), tonumber(other['end'])
  if held[index] ~= message.id then
    if ends < message.at - ENDED_KEPT then gone[#gone + 1] = held[index] end
    if living[other.epoch] and starts < about['end'] and ends > about.start and shares(other) then rivals[#rivals + 1] = other end
  end
end

local overflows = false
local function take(amount)
  if amount == 0 then return end
  for _, metric in ipairs(about.chain) do
    for period = about.period, 7 do
      local value = add(windows.taken(HASH_OF[period], slot(period), metric), amount)
      windows.set(HASH_OF[period], slot(period) .. 't' .. metric, value)
      if not fits(value) then overflows = true end
    end
  end
end

local function roomOf(bound)
  return subtract(parse(bound[3]), windows.reckoned(HASH_OF[bound[2]], slot(bound[2]), bound[1]))
end
local function room()
  local smallest = { 9223372036, 854775807 }
  for _, bound in ipairs(message.bounds) do smallest = least(smallest, roomOf(bound)) end
  return smallest
end

-- Not after its window, nor under a limit of a smaller period, which its window cannot keep.
local function canGrow()
  if message.at >= about['end'] then return false end
  for _, bound in ipairs(message.bounds) do
    if bound[2] < about.period then return false end
  end
  return true
end

local function give(ceiling, wanted, needed)
  local free = room()
  if not less(0, free) then return 0 end
  local missing = greatest(subtract(needed, ceiling), 0)
  local given = least(least(subtract(wanted, ceiling), greatest(missing, divide(free, 2 * (#rivals + 1)))), free)
  if less(given, missing) then return 0 end
  return given
end

local ceiling, told = parse(record[2] or '0'), parse(record[3] or '0')
local rev, final = tonumber(record[4] or '-1'), record[5] == '1'
if message.rev > rev then
  local fresh = rev == -1
  rev, told, final = message.rev, parse(message.used), final or message.final == 1
  local declared, wanted = parse(message.held), parse(message.want)
  if fresh and message.ended == 1 then
    -- Every limit that it could touch is over: nothing is created in windows that have ended.
    told, final = 0, true
  else
    if less(ceiling, declared) then
      -- The store forgot what it gave. The units may be spent, so no bound is asked.
      take(subtract(declared, ceiling))
      ceiling = declared
    end
    if not less(ceiling, wanted) then
      take(subtract(wanted, ceiling))
      ceiling = wanted
    elseif not frozen and not final and canGrow() then
      local given = give(ceiling, wanted, add(told, parse(message.need)))
      take(given)
      ceiling = add(ceiling, given)
    end
  end
end
if windows.foreign then return redis.error_reply('FOREIGN a counter of this application holds something else than an integer') end
if overflows then return redis.error_reply('OVERFLOW a counter of the lease would leave 64 bits') end

-- Written for a known revision too, so that WAIT on this connection covers the answer.
local life = final and message.finalLife or message.life
windows.flush(message.lives)
if next(windows.changed) then
  redis.call('HSET', KEYS[9], HAS_TAKEN, 1)
  redis.call('ZADD', KEYS[10], 0, about.application)
end
redis.call('HSET', KEYS[2], 'about', record[1] or message.about, 'ceiling', format(ceiling), 'told', format(told),
  'rev', string.format('%.0f', rev), 'final', final and '1' or '0')
redis.call('PEXPIRE', KEYS[2], string.format('%.0f', life))
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.0f', message.at))
redis.call('ZADD', KEYS[3], string.format('%.0f', message.at + life), message.id)
if #gone > 0 then redis.call('HDEL', KEYS[4], unpack(gone)) end
if final then
  redis.call('HDEL', KEYS[4], message.id)
else
  redis.call('HSET', KEYS[4], message.id, cjson.encode({
    epoch = message.epoch,
    chain = about.chain,
    start = string.format('%.0f', about.start),
    ['end'] = string.format('%.0f', about['end']),
    unspent = format(greatest(subtract(ceiling, told), 0)),
  }))
  if redis.call('PTTL', KEYS[4]) < life then redis.call('PEXPIRE', KEYS[4], string.format('%.0f', life)) end
end

local active = #rivals + ((final or not living[message.epoch]) and 0 or 1)
local elsewhere, short, rooms = 0, {}, {}
for _, rival in ipairs(rivals) do elsewhere = add(elsewhere, parse(rival.unspent)) end
for index, bound in ipairs(message.bounds) do rooms[index] = format(roomOf(bound)) end
local lacks = less(room(), 4 * math.max(1, active)) or less(ceiling, parse(message.want))
if not final and less(0, elsewhere) and lacks then
  for _, rival in ipairs(rivals) do
    if rival.unspent ~= '0' then short[#short + 1] = rival.epoch end
  end
end
return { 'reply', string.format('%.0f', rev), format(ceiling), math.max(1, active), format(elsewhere), frozen and 1 or 0,
  final and 1 or 0, rooms, short }
