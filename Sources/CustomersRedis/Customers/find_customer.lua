-- A customer with the room that a call is about; both are kept alive.
-- KEYS: customer    ARGV: customer hash, slot or "", rid or "", key prefix, time to live (s), now (ms)
local customer = redis.call('HGETALL', KEYS[1])
if #customer == 0 then return false end
redis.call('EXPIRE', KEYS[1], ARGV[5])
local open = {assigned = true, waiting = true, offline = true}

-- As in `agent_rooms`, by this server's clock.
local function note(set, rid)
    local time = redis.call('TIME')
    redis.call(
        'ZADD', ARGV[4] .. set, 'GT', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), rid)
    redis.call('EXPIRE', ARGV[4] .. set, ARGV[5])
end

local function room(rid, wanted)
    local key = ARGV[4] .. 'room:' .. rid
    local state = redis.call('HGET', key, 'state')
    if not state or redis.call('HGET', key, 'customer') ~= ARGV[1] then return nil end
    if wanted and not wanted[state] then return nil end
    if open[state] then
        redis.call('HSET', key, 'touched', ARGV[6])
        redis.call('HDEL', key, 'sweep_failures')
        redis.call('EXPIRE', key, ARGV[5])
        note('open', rid)
        if state == 'waiting' and redis.call('HGET', key, 'agent') == '' then note('waiting', rid) end
    end
    local department = redis.call('HGET', key, 'department')
    local place = redis.call('ZRANK', ARGV[4] .. 'queue:' .. department, rid)
    local pace = place and redis.call('GET', ARGV[4] .. 'pace:' .. department) or '0'
    return {customer, rid, redis.call('HGETALL', key), place and place + 1 or 0, tonumber(pace)}
end

if ARGV[2] == '' and ARGV[3] == '' then
    -- Not on the way of every call: forget rooms that ran out, lest they count as open for ever.
    for i = 1, #customer, 2 do
        local rid = string.match(customer[i], '^open:(.*)$')
        if rid and redis.call('EXISTS', ARGV[4] .. 'room:' .. rid) == 0 then
            redis.call('HDEL', KEYS[1], customer[i])
            customer[i], customer[i + 1] = '', ''
        end
    end
end
if ARGV[3] ~= '' then
    local found = room(ARGV[3], open)
    if found then return found end
end
if ARGV[2] ~= '' then
    local rid = redis.call('HGET', KEYS[1], 'slot:' .. ARGV[2])
    local found = rid and room(rid, nil)
    if found then return found end
end
return {customer}
