-- Adds an item to a bounded list. Twin of appendItem in transactions/logs.ts.
--
-- KEYS  1 owner, 2 items (sorted set: id -> id, space, JSON), 3 last id
-- ARGV  1 store id, 2 the item as JSON, 3 how many are kept
-- Returns  the item's id; or an error: STORELOST
if redis.call('HGET', KEYS[1], 'store') ~= ARGV[1] then
  return redis.error_reply('STORELOST this shard is empty or belongs to another store')
end
local id = redis.call('INCR', KEYS[3])
redis.call('ZADD', KEYS[2], id, string.format('%.0f', id) .. ' ' .. ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -1 - tonumber(ARGV[3]))
return id
