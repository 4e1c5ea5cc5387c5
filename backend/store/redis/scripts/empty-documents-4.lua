-- Forgets all documents under a new version: for tests, whose store is emptied while others use it.
--
-- KEYS  1 documents, 2 index, 3 version, 4 changes
-- ARGV  1 store id, 2 channel
-- Returns  the new version; or an error: STORELOST
if redis.call('HGET', KEYS[1], '') ~= ARGV[1] then
  return redis.error_reply('STORELOST the configuration is empty or belongs to another store')
end
redis.call('UNLINK', KEYS[1], KEYS[2], KEYS[4])
redis.call('HSET', KEYS[1], '', ARGV[1])
local version = redis.call('HINCRBY', KEYS[3], 'version', 1)
redis.call('HSET', KEYS[3], 'forgotten', string.format('%.0f', version))
redis.call('PUBLISH', ARGV[2], '[' .. string.format('%.0f', version) .. ',null]')
return version
