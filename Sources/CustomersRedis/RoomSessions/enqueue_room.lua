-- Puts an open room into a department's queue; an agent who has it stays. Returns its place, or nil when it is not open.
-- KEYS: room, queue, customer    ARGV: rid, department, group name
local room = redis.call('HMGET', KEYS[1], 'state', 'department', 'kind')
if not room[1] or not open[room[1]] then return false end
endPromotion(KEYS[1], ARGV[1])
if room[2] ~= ARGV[2] then leaveQueue(room[2], ARGV[1]) end
if not redis.call('ZSCORE', KEYS[2], ARGV[1]) then arrive(KEYS[1], ARGV[2], ARGV[1]) end
redis.call('HSET', KEYS[1], 'state', 'waiting', 'department', ARGV[2], 'group_name', ARGV[3])
touch(KEYS[1], ARGV[1])
moveSlot(KEYS[3], room[3], room[2], ARGV[2], ARGV[1])
return redis.call('ZRANK', KEYS[2], ARGV[1]) + 1
