-- Sets one counter of an application in both accounts.
--
-- KEYS  1 owner, 2 window, 3 active applications of the service, 4 top set of the window (an unused key for a minute or hour)
-- ARGV  1 store id, 2 application, 3 field of `used`, 4 field of `taken`, 5 value, 6 how long the window lives (s, or empty),
--       7 whether there is a top set (1 or 0)
-- Returns  OK; or an error: STORELOST
if redis.call('HGET', KEYS[1], 'store') ~= ARGV[1] then
  return redis.error_reply('STORELOST this shard is empty or belongs to another store')
end
redis.call('HSET', KEYS[2], ARGV[3], ARGV[5])
redis.call('HDEL', KEYS[2], ARGV[4])
if ARGV[6] ~= '' then redis.call('EXPIRE', KEYS[2], ARGV[6]) end
redis.call('ZADD', KEYS[3], 0, ARGV[2])
if ARGV[7] == '1' then
  redis.call('ZADD', KEYS[4], ARGV[5], ARGV[2])
  if ARGV[6] ~= '' then redis.call('EXPIRE', KEYS[4], ARGV[6]) end
end
return redis.status_reply('OK')
