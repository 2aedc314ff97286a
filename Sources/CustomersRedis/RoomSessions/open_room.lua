-- Writes a new session, opens its slot, and queues it when it is waiting. Returns {place or 0, pace or 0}.
-- KEYS: room, customer, queue, tombstone    ARGV: rid, slot, agent, waiting (1/0), field, value, ...
local former = redis.call('HMGET', KEYS[1], 'state', 'agent', 'department')
if former[1] then
    endPromotion(KEYS[1], ARGV[1])
    freeVisitors(KEYS[1], ARGV[1], ARGV[3])
    if former[2] ~= ARGV[3] then free(former[2], ARGV[1]) end
    leaveQueue(former[3], ARGV[1])
end
give(ARGV[3], ARGV[1], KEYS[2])
redis.call('DEL', KEYS[1], KEYS[4])
redis.call('ZREM', prefix .. 'closing', ARGV[1])
redis.call('HSET', KEYS[1], unpack(ARGV, 5))
redis.call('EXPIRE', KEYS[1], lifetime)
touch(KEYS[1], ARGV[1])
redis.call('HSET', KEYS[2], 'slot:' .. ARGV[2], ARGV[1], 'open:' .. ARGV[1], '1')
redis.call('EXPIRE', KEYS[2], lifetime)
remember(KEYS[2], ARGV[3])
if ARGV[4] ~= '1' then return {0, 0} end
local department = redis.call('HGET', KEYS[1], 'department')
arrive(KEYS[1], department, ARGV[1])
return {standing(department, ARGV[1])}
