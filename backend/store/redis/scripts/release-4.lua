-- Closes one lease of a dead epoch where it stands: what it has not given back stays taken.
-- Twin of releaseLeases in transactions/lease-queries.ts.
--
-- KEYS  1 owner, 2 record of the lease, 3 the shard's leases, 4 holders of the application
-- ARGV  1 store id, 2 id of the lease, 3 how long the record lives (ms), 4 when it goes (ms)
-- Returns  1 when it was open, else 0; or an error: STORELOST
if redis.call('HGET', KEYS[1], 'store') ~= ARGV[1] then
  return redis.error_reply('STORELOST this shard is empty or belongs to another store')
end
if redis.call('HGET', KEYS[2], 'final') ~= '0' then return 0 end
redis.call('HSET', KEYS[2], 'final', '1')
redis.call('PEXPIRE', KEYS[2], ARGV[3])
redis.call('ZADD', KEYS[3], ARGV[4], ARGV[2])
redis.call('HDEL', KEYS[4], ARGV[2])
return 1
