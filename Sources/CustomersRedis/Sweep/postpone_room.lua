-- A room that could not be closed is due again later; one whose record is gone, never. Who was touched meanwhile stays so.
-- KEYS: sorted set, room    ARGV: rid, age at which the set's rooms are due (ms), delay (ms)
if not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
if redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('ZREM', KEYS[1], ARGV[1])
    return 0
end
redis.call('HINCRBY', KEYS[2], 'sweep_failures', 1)
redis.call('EXPIRE', KEYS[2], lifetime)
redis.call('ZADD', KEYS[1], 'XX', 'GT', string.format('%.0f', now - tonumber(ARGV[2]) + tonumber(ARGV[3])), ARGV[1])
redis.call('EXPIRE', KEYS[1], lifetime)
return 1
