-- Notes for epochs which applications others need what they hold of.
--
-- KEYS  1 documents, 2 ... and on: a sorted set for each epoch (application -> ms)
-- ARGV  1 store id, 2 now (ms), 3 how long a note is kept (ms), 4 how many, 5 ... and on: for each epoch the applications
--       as a JSON list of texts
-- Returns  OK; or an error: STORELOST
if redis.call('HGET', KEYS[1], '') ~= ARGV[1] then
  return redis.error_reply('STORELOST the configuration is empty or belongs to another store')
end
local now, kept, most = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
for index = 2, #KEYS do
  for _, application in ipairs(cjson.decode(ARGV[index + 3])) do redis.call('ZADD', KEYS[index], ARGV[2], application) end
  redis.call('ZREMRANGEBYSCORE', KEYS[index], '-inf', string.format('%.0f', now - kept))
  redis.call('ZREMRANGEBYRANK', KEYS[index], 0, -1 - most)
  redis.call('PEXPIRE', KEYS[index], string.format('%.0f', 2 * kept))
end
return redis.status_reply('OK')
