-- A room with its standing in the queue. Returns {fields, place or 0, pace or 0}, or nil.
-- KEYS: room    ARGV: rid
local room = redis.call('HGETALL', KEYS[1])
if #room == 0 then return false end
local found = redis.call('HMGET', KEYS[1], 'state', 'department')
if found[1] ~= 'waiting' then return {room, 0, 0} end
return {room, standing(found[2], ARGV[1])}
