-- Ends a session and leaves a tombstone.
-- KEYS: room, customer, tombstone    ARGV: rid, slot, customer hash, archived (1/0), archive's and tombstone's time to live (s)
local room = redis.call('HMGET', KEYS[1], 'state', 'agent')
if room[1] and room[1] ~= 'archived' then
    endPromotion(KEYS[1], ARGV[1])
    free(room[2], ARGV[1])
    freeVisitors(KEYS[1], ARGV[1])
    if ARGV[4] == '1' then
        redis.call('HSET', KEYS[1], 'state', 'archived', 'agent', '')
        redis.call('EXPIRE', KEYS[1], ARGV[5])
    else
        redis.call('DEL', KEYS[1], prefix .. 'log:' .. ARGV[1])
    end
end
if redis.call('HGET', KEYS[2], 'slot:' .. ARGV[2]) == ARGV[1] then redis.call('HDEL', KEYS[2], 'slot:' .. ARGV[2]) end
redis.call('HDEL', KEYS[2], 'open:' .. ARGV[1])
for _, set in ipairs({'closing', 'open', 'waiting'}) do redis.call('ZREM', prefix .. set, ARGV[1]) end
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[6])
return 1
