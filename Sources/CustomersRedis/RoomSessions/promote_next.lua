-- Finds a free slot for the first room in a queue that can have one, and counts it. Returns {rid, agent, room}. The room keeps
-- its place until it is handed over; meanwhile nobody else is found for it.
-- A room that came back because its agent was away has them again if they are there first. So has one whose promotion was cut short:
-- that agent may be in it already, and is counted for it.
-- KEYS: load, queue    ARGV: random (0), least busy (1) or the customer's last agent (2); agent, capacity, ...
local function isCandidate(agent)
    for i = 2, #ARGV, 2 do if ARGV[i] == agent then return true end end
    return false
end

local function whoIsCounted(rid, isFit)
    for i = 2, #ARGV, 2 do
        if isFit(ARGV[i]) and redis.call('ZSCORE', counted(ARGV[i]), rid) then return ARGV[i] end
    end
end

for _, rid in ipairs(redis.call('ZRANGE', KEYS[2], 0, 99)) do
    local key = prefix .. 'room:' .. rid
    local room = redis.call(
        'HMGET', key, 'state', 'agent', 'department', 'promoting_until', 'returned', 'customer', 'kind')
    if room[1] ~= 'waiting' or prefix .. 'queue:' .. room[3] ~= KEYS[2] then
        redis.call('ZREM', KEYS[2], rid)
    elseif tonumber(room[4] or '0') <= now then
        endPromotion(key, rid)
        local agent
        if room[5] and room[2] ~= '' and isCandidate(room[2]) then
            agent = room[2]
        else
            local last = ARGV[1] == '2' and redis.call('HGET', prefix .. 'customer:' .. room[6], 'last_agent')
            local function isFit(other) return other ~= room[2] and not isHandled(key, other) end
            agent = whoIsCounted(rid, isFit) or pick(2, ARGV[1] == '1', last, isFit)
        end
        if agent then
            hold(agent, rid)
            redis.call('HSET', key, 'promoting', agent, 'promoting_until', string.format('%.0f', now + patience))
            if room[7] == 'group' then
                if agent ~= room[2] then handle(key, agent) end
            else
                -- Another room will be made for it.
                noteOpening(room[6], 'slot:direct', 'promotion')
                noteOpening(room[6], 'agent:' .. agent, 'promotion')
            end
            return {rid, agent, redis.call('HGETALL', key)}
        end
        -- Only who has an agent already, after a transfer, may be the one whom the free agent does not suit.
        if room[2] == '' then return false end
    end
end
return false
