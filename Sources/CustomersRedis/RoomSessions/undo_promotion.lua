-- The agent's slot is freed, the room waits on; at the end of the queue, after a rest, when it would hold up the others. An agent who
-- could not be taken out of the room again may be in it: they are counted until they are out.
-- KEYS: room, queue    ARGV: rid, agent, to the end (1/0)
local room = redis.call('HMGET', KEYS[1], 'state', 'agent', 'promoting', 'visitor:' .. ARGV[2])
if room[2] ~= ARGV[2] then
    if room[4] and (open[room[1]] or room[1] == 'closing') and redis.call('ZSCORE', counted(ARGV[2]), ARGV[1]) then
        redis.call('HSET', KEYS[1], 'visitor:' .. ARGV[2], '0')
    else
        free(ARGV[2], ARGV[1])
    end
end
if room[1] ~= 'waiting' or room[3] ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], 'promoting', 'promoting_until')
if ARGV[3] == '1' and redis.call('ZSCORE', KEYS[2], ARGV[1]) then
    redis.call('ZADD', KEYS[2], string.format('%.0f', time[1] * 1000000 + time[2]), ARGV[1])
    redis.call('HSET', KEYS[1], 'promoting', '', 'promoting_until', string.format('%.0f', now + rest))
end
return 1
