-- Hashes that are read once, changed on paper, and written once. `keys` are their keys.
local function sheet(keys)
  local self = { keys = keys, wanted = {}, text = {}, value = {}, changed = {}, foreign = false }

  -- Marks a field for reading.
  function self.want(hash, field)
    local texts = self.text[hash]
    if texts == nil then
      texts = {}
      self.text[hash], self.value[hash], self.wanted[hash] = texts, {}, {}
    end
    if texts[field] == nil then
      texts[field] = false
      local fields = self.wanted[hash]
      fields[#fields + 1] = field
    end
  end

  -- Reads all that is wanted. A key of another type counts as foreign when it is used, not before.
  function self.load()
    for hash, fields in pairs(self.wanted) do
      local texts = self.text[hash]
      for first = 1, #fields, 1000 do
        local last = math.min(first + 999, #fields)
        local found = redis.pcall('HMGET', self.keys[hash], unpack(fields, first, last))
        for index = first, last do texts[fields[index]] = found.err and 'foreign' or found[index - first + 1] end
      end
    end
  end

  -- The value as stored; nil when there is none. Sets `foreign` when what is there is no integer.
  function self.stored(hash, field)
    local text = self.text[hash][field]
    if not text then return nil end
    local value = parse(text)
    if value == nil then self.foreign = true end
    return value
  end

  -- The value with the changes on paper; nil when there is none.
  function self.get(hash, field)
    local value = self.value[hash][field]
    if value == nil then return self.stored(hash, field) end
    return value
  end

  function self.set(hash, field, value)
    self.value[hash][field] = value
    self.changed[hash] = true
  end

  -- `taken` of a window: where it is missing it equals `used`.
  function self.taken(hash, slot, name)
    return self.get(hash, slot .. 't' .. name) or self.get(hash, slot .. 'u' .. name) or 0
  end

  -- What a limit reckons with: `taken`, or `used` where that is more (transactions/counter-cells.ts says when).
  function self.reckoned(hash, slot, name)
    return greatest(self.taken(hash, slot, name), self.get(hash, slot .. 'u' .. name) or 0)
  end

  -- Was nothing that was asked for in this hash?
  function self.isNew(hash)
    for _, text in pairs(self.text[hash]) do
      if text then return false end
    end
    return true
  end

  -- Writes every changed hash. `lives` (hash -> seconds or empty) is set on those that are new.
  function self.flush(lives)
    for hash in pairs(self.changed) do
      local fields = {}
      for field, value in pairs(self.value[hash]) do
        fields[#fields + 1] = field
        fields[#fields + 1] = format(value)
      end
      for first = 1, #fields, 1000 do
        redis.call('HSET', self.keys[hash], unpack(fields, first, math.min(first + 999, #fields)))
      end
      if lives[hash] ~= '' and self.isNew(hash) then redis.call('EXPIRE', self.keys[hash], lives[hash]) end
    end
  end

  return self
end
