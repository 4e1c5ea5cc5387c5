-- Writes documents under a new version, or nothing when an expectation fails. Twin of writeDocuments in
-- transactions/documents.ts.
--
-- KEYS  1 documents (hash: key -> JSON; the empty key -> store id), 2 their keys in order (sorted set), 3 version (hash:
--       version, forgotten), 4 changes (sorted set: version -> version, space, JSON), 5 trail (sorted set: id -> id,
--       space, JSON), 6 id of the last entry of the trail
-- ARGV  1 store id, 2 channel, 3 the changed applications as JSON, 4 how many changes are kept, 5 the plan, JSON:
--       expect: [[key, exists (1, 0 or -1: either), value as text or false]], writes: [[key, value as text or false]],
--       keys: JSON text of the keys for the channel, or "null" when they are too many, 6 the trail's entry as JSON,
--       empty for none, 7 how many entries are kept
-- Returns  the new version; -1 when an expectation failed; or an error: STORELOST
if redis.call('HGET', KEYS[1], '') ~= ARGV[1] then
  return redis.error_reply('STORELOST the configuration is empty or belongs to another store')
end
local plan = cjson.decode(ARGV[5])
for _, expectation in ipairs(plan.expect) do
  local text = redis.call('HGET', KEYS[1], expectation[1])
  if expectation[2] == 1 and not text or expectation[2] == 0 and text then return -1 end
  if expectation[3] and (text or 'null') ~= expectation[3] then return -1 end
end
for _, write in ipairs(plan.writes) do
  if write[2] then
    redis.call('HSET', KEYS[1], write[1], write[2])
    redis.call('ZADD', KEYS[2], 0, write[1])
  else
    redis.call('HDEL', KEYS[1], write[1])
    redis.call('ZREM', KEYS[2], write[1])
  end
end
if ARGV[6] ~= '' then
  local id = redis.call('INCR', KEYS[6])
  redis.call('ZADD', KEYS[5], id, string.format('%.0f', id) .. ' ' .. ARGV[6])
  redis.call('ZREMRANGEBYRANK', KEYS[5], 0, -1 - tonumber(ARGV[7]))
end
local version = redis.call('HINCRBY', KEYS[3], 'version', 1)
redis.call('ZADD', KEYS[4], version, string.format('%.0f', version) .. ' ' .. ARGV[3])
local surplus = redis.call('ZCARD', KEYS[4]) - tonumber(ARGV[4])
if surplus > 0 then
  redis.call('ZREMRANGEBYRANK', KEYS[4], 0, surplus - 1)
  redis.call('HSET', KEYS[3], 'forgotten', string.format('%.0f', version - tonumber(ARGV[4])))
end
redis.call('PUBLISH', ARGV[2], '[' .. string.format('%.0f', version) .. ',' .. plan.keys .. ']')
return version
