-- Notes that an epoch lives, and reads the version of the configuration in the same moment.
--
-- KEYS  1 documents, 2 living epochs (sorted set: epoch -> ms), 3 version
-- ARGV  1 store id, 2 epoch, 3 at (ms), 4 epochs heard before this (ms) are forgotten
-- Returns  the version; or an error: STORELOST
if redis.call('HGET', KEYS[1], '') ~= ARGV[1] then
  return redis.error_reply('STORELOST the configuration is empty or belongs to another store')
end
redis.call('ZADD', KEYS[2], 'GT', ARGV[3], ARGV[2])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4])
-- Written even when the epoch was heard later already, so that WAIT on this connection covers the version.
return redis.call('HINCRBY', KEYS[3], 'version', 0)
