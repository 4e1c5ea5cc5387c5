-- Whose shard is this (protocol R8)? `owner` is a hash: store (id of the store, written when it was founded), run (run
-- id of the server that last ran a script; empty before the first), frozen (ms: no grants before).
-- Answers whether grants are frozen; nil when the shard is empty or belongs to another store.
local function fence(owner, store, run, freeze, at)
  local known = redis.call('HMGET', owner, 'store', 'run', 'frozen')
  if known[1] ~= store then return nil end
  if known[2] == run then return at < tonumber(known[3]) end
  local untilTime = known[2] == '' and 0 or at + freeze
  redis.call('HSET', owner, 'run', run, 'frozen', string.format('%.0f', untilTime))
  return at < untilTime
end

local LOST = redis.error_reply('STORELOST this shard is empty or belongs to another store')
