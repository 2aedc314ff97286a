-- Gives a lock so long again. One that ran out, as while Redis was away, is taken again unless somebody else has it.
-- Returns 1, or 0 when it is somebody else's.
-- KEYS: lock    ARGV: fence, time to live (ms)
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
