-- The rooms that an agent has, in the order in which they were opened.
-- KEYS: what the agent is counted for    ARGV: agent, how many at most
local rooms = {}
for _, rid in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], forever, '+inf')) do
    local room = redis.call('HMGET', prefix .. 'room:' .. rid, 'state', 'agent', 'opened')
    if (room[1] == 'assigned' or room[1] == 'offline') and room[2] == ARGV[1] then
        rooms[#rooms + 1] = {rid, tonumber(room[3] or '0')}
    end
end
table.sort(rooms, function(a, b) return a[2] < b[2] or a[2] == b[2] and a[1] < b[1] end)
local found = {}
for i = 1, math.min(#rooms, tonumber(ARGV[2])) do found[i] = rooms[i][1] end
return found
