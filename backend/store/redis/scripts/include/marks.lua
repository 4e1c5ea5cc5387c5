-- Has this part of a batch been applied (protocol R11)? The marks of an epoch are a hash: floor, and for each sequence
-- above it {slice: digest} as JSON. Answers "repeat", "conflict", or nil and the marks of the sequence.
local MAX_OPEN = 1024

local function known(marks, sequence, slice, digest, floor, life)
  local found = redis.call('HMGET', marks, 'floor', sequence)
  local oldFloor, newFloor = tonumber(found[1] or '0'), tonumber(floor)
  -- Written even for a repeat, so that WAIT on this connection covers the answer.
  redis.call('HSET', marks, 'floor', string.format('%.0f', math.max(oldFloor, newFloor)))
  redis.call('EXPIRE', marks, life)
  if newFloor > oldFloor then
    local passed = {}
    for number = oldFloor, math.min(newFloor, oldFloor + MAX_OPEN) - 1 do passed[#passed + 1] = string.format('%.0f', number) end
    redis.call('HDEL', marks, unpack(passed))
  end
  local slices = found[2] and cjson.decode(found[2]) or {}
  if slices[slice] ~= nil and slices[slice] ~= digest then return 'conflict' end
  if slices[slice] ~= nil or tonumber(sequence) < oldFloor then return 'repeat' end
  return nil, slices
end

local function mark(marks, sequence, slice, digest, slices)
  slices[slice] = digest
  redis.call('HSET', marks, sequence, cjson.encode(slices))
end
