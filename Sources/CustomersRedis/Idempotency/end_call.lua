-- Ends a run of a call, if it still is the run that has the call.
-- KEYS: call    ARGV: fence, what ('finish', 'release', 'forget'), answer, seconds to remember it
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
if ARGV[2] == 'forget' then return redis.call('DEL', KEYS[1]) end
redis.call('HDEL', KEYS[1], 'fence', 'until')
if ARGV[2] == 'finish' then
    redis.call('HDEL', KEYS[1], 'seed')
    redis.call('HSET', KEYS[1], 'answer', ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[4])
end
return 1
