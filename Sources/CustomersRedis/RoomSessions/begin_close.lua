-- Makes a room one that nobody resumes, serves or transfers; it counts until it is gone. Returns it as it was, or nil.
-- KEYS: room    ARGV: rid, sorted set that must say that nobody was there (or ""), for how long (ms)
local state = redis.call('HGET', KEYS[1], 'state')
if not state or state == 'archived' then return false end
if ARGV[2] ~= '' then
    local touched = redis.call('ZSCORE', prefix .. ARGV[2], ARGV[1])
    if not open[state] or not touched or tonumber(touched) > now - tonumber(ARGV[3]) then return false end
end
endPromotion(KEYS[1], ARGV[1])
local room = redis.call('HGETALL', KEYS[1])
leaveQueue(redis.call('HGET', KEYS[1], 'department'), ARGV[1])
redis.call('HSET', KEYS[1], 'state', 'closing')
redis.call('HDEL', KEYS[1], 'sweep_failures')
redis.call('EXPIRE', KEYS[1], lifetime)
redis.call('ZREM', prefix .. 'open', ARGV[1])
note('closing', now, ARGV[1])
return room
