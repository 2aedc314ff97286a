-- An agent who is put into a room, or was taken out: who is in it without having it must not stay, and is counted for it until they are
-- out. The slot that was kept for the room's customer becomes that.
-- KEYS: room    ARGV: agent, in (1) or out (0), rid
local room = redis.call('HMGET', KEYS[1], 'state', 'agent', 'promoting', 'customer')
if ARGV[2] == '0' and room[2] ~= ARGV[1] and room[3] ~= ARGV[1] then free(ARGV[1], ARGV[3]) end
if not room[1] then return 0 end
if ARGV[2] == '1' then
    handle(KEYS[1], ARGV[1])
    hold(ARGV[1], ARGV[3])
    settle(ARGV[1], room[4] or '')
    return redis.call('EXPIRE', KEYS[1], lifetime)
end
return forgetVisitor(KEYS[1], ARGV[3], ARGV[1])
