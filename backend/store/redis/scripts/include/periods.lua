-- Counters of one application or service lie in five hashes: ten minutes, eight hours, a week (its days and itself), a
-- year (its months and itself), eternity. A field is slot .. account .. name: the slot names the window inside of the
-- hash, the account is `u` (used), `t` (taken; missing means = used) or `c` (a response code). The field `T` in the hash
-- of eternity says that the application has, or had, windows with a `taken` of their own.
-- The seven periods, smallest first, lie in these hashes:
local HASH_OF = { 1, 2, 3, 3, 4, 4, 5 }
-- A service's totals are written for these periods; the others are sums of them.
local IS_TOTAL = { true, true, true, false, true, false, true }
-- A set value moves a week by another amount than its day, and a year than its month: what the longer one moves beyond
-- the shorter is written as a correction in its own window.
local CORRECTED = { { 4, 3 }, { 6, 5 } }
local HAS_TAKEN = 'T'
