-- Hands an open room from one agent ("" for none) to another who is counted for it. Returns 1, or 0 and changes nothing.
-- KEYS: room, customer    ARGV: rid, former agent, former department, agent, state, department, group name
local room = redis.call('HMGET', KEYS[1], 'state', 'agent', 'department', 'kind')
if not room[1] or not open[room[1]] or room[2] ~= ARGV[2] or room[3] ~= ARGV[3] then return 0 end
leaveQueue(room[3], ARGV[1])
local promoting = endPromotion(KEYS[1], ARGV[1])
if room[1] == 'waiting' and promoting == ARGV[4] then learnPace(KEYS[1], room[3]) end
if room[2] ~= ARGV[4] and room[2] ~= '' then
    handle(KEYS[1], room[2])
end
-- Who had the room, or nearly had it, is in it, and counted for it, until they are taken out.
give(ARGV[4], ARGV[1], KEYS[2])
redis.call('HSET', KEYS[1], 'agent', ARGV[4], 'state', ARGV[5], 'department', ARGV[6], 'group_name', ARGV[7])
redis.call('HDEL', KEYS[1], 'queued', 'queued_place', 'returned')
forgetVisitor(KEYS[1], ARGV[1], ARGV[4])
remember(KEYS[2], ARGV[4])
touch(KEYS[1], ARGV[1])
moveSlot(KEYS[2], room[4], room[3], ARGV[6], ARGV[1])
return 1
