-- Replaces a direct room by its successor, the former agent's slot freed. Returns 1, or 0 and changes nothing.
-- KEYS: former room, successor, customer    ARGV: former rid, former agent, former department, rid, agent, field, value, ...
local room = redis.call('HMGET', KEYS[1], 'state', 'agent', 'department')
if not room[1] or not open[room[1]] or room[2] ~= ARGV[2] or room[3] ~= ARGV[3] then return 0 end
leaveQueue(room[3], ARGV[1])
endPromotion(KEYS[1], ARGV[1])
free(room[2], ARGV[1])
give(ARGV[5], ARGV[4], KEYS[3])
if ARGV[1] ~= ARGV[4] then
    redis.call('HSET', KEYS[1], 'state', 'moved', 'agent', '')
    redis.call('EXPIRE', KEYS[1], lifetime)
    redis.call('HDEL', KEYS[3], 'open:' .. ARGV[1])
    redis.call('ZREM', prefix .. 'open', ARGV[1])
end
redis.call('DEL', KEYS[2])
redis.call('HSET', KEYS[2], unpack(ARGV, 6))
redis.call('EXPIRE', KEYS[2], lifetime)
redis.call('ZREM', prefix .. 'closing', ARGV[4])
touch(KEYS[2], ARGV[4])
redis.call('HSET', KEYS[3], 'slot:direct', ARGV[4], 'open:' .. ARGV[4], '1')
redis.call('EXPIRE', KEYS[3], lifetime)
remember(KEYS[3], ARGV[5])
return 1
