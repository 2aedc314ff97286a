-- Appends to the log of a room, of which the newest are kept.
-- KEYS: log    ARGV: entry without its time, how many, time to live (s)
redis.call('RPUSH', KEYS[1], string.format('%.0f', now) .. '\t' .. ARGV[1])
redis.call('LTRIM', KEYS[1], -tonumber(ARGV[2]), -1)
return redis.call('EXPIRE', KEYS[1], ARGV[3])
