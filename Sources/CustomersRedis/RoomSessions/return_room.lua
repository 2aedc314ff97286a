-- Puts a room back to the head of its department's queue, before all who wait there; those who came back stand in the order in which they
-- were opened: their scores are milliseconds, those of arrivals microseconds. Returns its place, or nil when it is not open or the
-- agent is another one.
-- KEYS: room, queue    ARGV: rid, agent, whether the agent stays in the room until another one comes (1/0)
local room = redis.call('HMGET', KEYS[1], 'state', 'agent', 'opened')
if not room[1] or not open[room[1]] or room[2] ~= ARGV[2] then return false end
endPromotion(KEYS[1], ARGV[1])
if ARGV[3] == '0' then
    free(room[2], ARGV[1])
    redis.call('HSET', KEYS[1], 'agent', '')
    note('waiting', now, ARGV[1])
end
if room[1] ~= 'waiting' or not redis.call('ZSCORE', KEYS[2], ARGV[1]) then
    redis.call('ZADD', KEYS[2], room[3] or string.format('%.0f', now), ARGV[1])
    redis.call('EXPIRE', KEYS[2], lifetime)
    tellOfFirst(KEYS[2])
    redis.call('HSET', KEYS[1], 'state', 'waiting', 'returned', string.format('%.0f', now))
    redis.call('HDEL', KEYS[1], 'queued', 'queued_place')
    redis.call('EXPIRE', KEYS[1], lifetime)
end
return redis.call('ZRANK', KEYS[2], ARGV[1]) + 1
