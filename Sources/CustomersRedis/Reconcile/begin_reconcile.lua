-- Takes the turn to reconcile a tenant; nil when somebody had it not long ago. Slots and queues are compared with the rooms and repaired,
-- some agents at a time.
-- KEYS: load, lease, how far the former turns came    ARGV: lease (ms), how many at a time, department, ...
-- Returns {lost slots, wrong numbers, wrong queue entries, {rid, ...}}.
if not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return false end
local lost, wrong, strays = 0, 0, 0
local agents = redis.call('HSCAN', load, redis.call('HGET', KEYS[3], 'agents') or '0', 'COUNT', ARGV[2])
for i = 1, #agents[2], 2 do
    local agent, noted, key = agents[2][i], tonumber(agents[2][i + 1]), counted(agents[2][i])
    local number = redis.call('ZCARD', key)
    if number ~= noted then wrong = wrong + 1 end
    lost = lost + dropExpired(agent)
    for _, rid in ipairs(redis.call('ZRANGEBYSCORE', key, forever, '+inf')) do
        if not isAlive(agent, rid) then lost = lost + redis.call('ZREM', key, rid) end
    end
    total(agent)
end
for i = 3, #ARGV do
    local queue = prefix .. 'queue:' .. ARGV[i]
    for _, rid in ipairs(redis.call('ZRANGE', queue, 0, 499)) do
        local room = redis.call('HMGET', prefix .. 'room:' .. rid, 'state', 'department')
        if room[1] ~= 'waiting' or room[2] ~= ARGV[i] then strays = strays + redis.call('ZREM', queue, rid) end
    end
end
local rooms = redis.call('ZSCAN', prefix .. 'open', redis.call('HGET', KEYS[3], 'rooms') or '0', 'COUNT', ARGV[2])
redis.call('HSET', KEYS[3], 'agents', agents[1], 'rooms', rooms[1])
redis.call('EXPIRE', KEYS[3], lifetime)
local found, isFound = {}, {}
local function add(rid)
    if not isFound[rid] then found[#found + 1] = rid end
    isFound[rid] = true
end
-- First those in which a crash left somebody who does not belong there.
local left = redis.call(
    'ZRANGEBYSCORE', prefix .. 'visited', '-inf', string.format('%.0f', now - patience), 'LIMIT', 0, ARGV[2])
for _, rid in ipairs(left) do
    if #visitors(prefix .. 'room:' .. rid) > 0 then add(rid) else redis.call('ZREM', prefix .. 'visited', rid) end
end
for i = 1, #rooms[2], 2 do add(rooms[2][i]) end
return {lost, wrong, strays, found}
