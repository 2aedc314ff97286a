-- An agent takes no new rooms, or does again.
-- KEYS: paused    ARGV: username in lower case, paused (1/0), time to live (s)
if ARGV[2] == '0' then return redis.call('HDEL', KEYS[1], ARGV[1]) end
local time = redis.call('TIME')
redis.call('HSETNX', KEYS[1], ARGV[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
return redis.call('EXPIRE', KEYS[1], ARGV[3])
