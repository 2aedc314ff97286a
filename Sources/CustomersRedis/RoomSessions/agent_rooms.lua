-- What the scripts about rooms share; stands before each of them, behind `whole_tenant.lua`.
--
-- Sorted set `agent:<id>`: what an agent is counted for. Rooms by id, and slots kept for rooms that do not exist yet
-- (`take:<customer hash>`, for as long as the customer's lock is held, and until it is known what came of the opening). Counting a
-- room twice counts it once, and giving back what is gone does nothing, so a call may be made again whose answer was lost. What died
-- without being given back is found out when an agent looks full.
-- Hash `load`: agent -> how many that are.
local load = prefix .. 'load'
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
-- Seconds that state lives from its last use; milliseconds after which a promotion that nobody keeps up, or a slot without its
-- customer's lock, is taken for the rest of a gateway that died; that a troublesome room rests.
local lifetime, patience, rest = 2592000, 4000, 10000
local open = {assigned = true, waiting = true, offline = true}

-- The score of a room: it counts until it is given back.
local forever = '9007199254740991'

local function counted(agent) return prefix .. 'agent:' .. agent end

-- Tells all gateways that there is something to look after where there was nothing: a queue, or agents with rooms. One that nobody is
-- connected to lies still until it hears of it, by the channel that it listens to for revocations. With the change itself, so that
-- no gateway can die in between. A user whom the ACL does not let publish has the room all the same: they look from time to time.
local function tell() redis.pcall('PUBLISH', 'cg:revoked', 'rooms') end

local function total(agent)
    local number = redis.call('ZCARD', counted(agent))
    if number == 0 then
        redis.call('HDEL', load, agent)
    else
        if number == 1 and redis.call('EXISTS', load) == 0 then tell() end
        redis.call('HSET', load, agent, number)
        redis.call('EXPIRE', load, lifetime)
        redis.call('EXPIRE', counted(agent), lifetime)
    end
    return number
end

local function free(agent, rid)
    if not agent or agent == '' then return end
    if redis.call('ZREM', counted(agent), rid) == 1 then total(agent) end
end

local function hold(agent, rid, untilWhen)
    redis.call('ZADD', counted(agent), untilWhen or forever, rid)
    total(agent)
end

-- Gives back the slot that was kept for a customer.
local function settle(agent, customer) free(agent, 'take:' .. customer) end

-- A room counts until it is gone from the chat server, also while it is being closed; for its agent, for whoever is on the way into it,
-- and for whoever was and may be in it.
local function isAlive(agent, rid)
    local found = redis.call(
        'HMGET', prefix .. 'room:' .. rid, 'state', 'agent', 'promoting', 'promoting_until', 'visitor:' .. agent)
    if not open[found[1]] and found[1] ~= 'closing' then return false end
    return found[2] == agent or found[5] or found[3] == agent and tonumber(found[4] or '0') > now
end

-- Forgets the slots whose time is over, but for those of customers whose locks are held, or whose opening was cut short and nobody
-- has looked yet what came of it: the agent may be in a room of which nobody knows. Returns how many.
local function dropExpired(agent)
    local key, dropped = counted(agent), 0
    for _, kept in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', string.format('%.0f', now))) do
        local customer = string.match(kept, '^take:(.*)$')
        if not customer
            or redis.call('EXISTS', prefix .. 'lock:' .. customer) == 0
                and redis.call('HEXISTS', prefix .. 'opening:' .. customer, 'agent:' .. agent) == 0
        then
            dropped = dropped + redis.call('ZREM', key, kept)
        end
    end
    return dropped
end

-- How many rooms an agent has; below `capacity` the dead may be among them. A long list is not gone through all the time.
local function count(agent, capacity)
    local key = counted(agent)
    local number = redis.call('ZCARD', key)
    if number < capacity then return number end
    dropExpired(agent)
    if number <= 64 or redis.call('SET', prefix .. 'checked:' .. agent, '1', 'NX', 'PX', 5000) then
        for _, rid in ipairs(redis.call('ZRANGEBYSCORE', key, forever, '+inf')) do
            if not isAlive(agent, rid) then redis.call('ZREM', key, rid) end
        end
    end
    return total(agent)
end

-- The first of the agents in ARGV (agent, capacity, ...) with a free slot, or the one with the fewest rooms, or the preferred one if
-- they have a free slot.
local function pick(first, least, preferred, isFit)
    local best, fewest
    for i = first, #ARGV, 2 do
        local agent, capacity = ARGV[i], tonumber(ARGV[i + 1])
        if agent == preferred and isFit(agent) and count(agent, capacity) < capacity then return agent end
    end
    for i = first, #ARGV, 2 do
        local agent, capacity = ARGV[i], tonumber(ARGV[i + 1])
        if not isFit or isFit(agent) then
            local number = count(agent, capacity)
            if number < capacity and (not fewest or number < fewest) then
                best, fewest = agent, number
                if not least then break end
            end
        end
    end
    return best
end

-- Whose room it is to be: the slot that was kept for the customer, or the promotion, becomes the room itself.
local function give(agent, rid, customer)
    if agent == '' then return end
    hold(agent, rid)
    settle(agent, string.match(customer, ':customer:(.*)$'))
end

-- Nobody is promoted to the room any more. Who was on the way into a group may be in it by now: they are a visitor, and counted until
-- they are out, or the group is gone. A direct room is not entered; they would have got another one.
local function endPromotion(key, rid)
    local room = redis.call('HMGET', key, 'promoting', 'agent', 'kind')
    local promoting = room[1]
    if promoting and promoting ~= '' and promoting ~= room[2] and room[3] ~= 'group' then free(promoting, rid) end
    redis.call('HDEL', key, 'promoting', 'promoting_until')
    return promoting
end

-- The agents who are in a room, or may be, without having it.
local function visitors(key)
    local found = {}
    for _, field in ipairs(redis.call('HKEYS', key)) do
        local visitor = string.match(field, '^visitor:(.*)$')
        if visitor then found[#found + 1] = visitor end
    end
    return found
end

-- Somebody is just putting this agent into the room, or taking them out of it. Nobody else does either until that is over, or has not
-- been kept up: what one of them puts in, the other one would take out.
-- Sorted set `visited`: rooms with visitors, by when one was handled last.
local function handle(key, agent)
    local at = string.format('%.0f', now)
    redis.call('HSET', key, 'visitor:' .. agent, at)
    redis.call('ZADD', prefix .. 'visited', at, string.match(key, ':room:(.*)$'))
    redis.call('EXPIRE', prefix .. 'visited', lifetime)
end

local function forgetVisitor(key, rid, agent)
    local isKnown = redis.call('HDEL', key, 'visitor:' .. agent)
    if #visitors(key) == 0 then redis.call('ZREM', prefix .. 'visited', rid) end
    return isKnown
end

local function isHandled(key, agent)
    return tonumber(redis.call('HGET', key, 'visitor:' .. agent) or '0') > now - patience
end

-- The room is gone, and with it everybody who was in it.
local function freeVisitors(key, rid, except)
    for _, visitor in ipairs(visitors(key)) do
        if visitor ~= except then free(visitor, rid) end
        forgetVisitor(key, rid, visitor)
    end
end

local function leaveQueue(department, rid)
    if department then redis.call('ZREM', prefix .. 'queue:' .. department, rid) end
    redis.call('ZREM', prefix .. 'waiting', rid)
end

-- The place in a department's queue, 1 = next, or 0; and how long a place takes there at the moment, in milliseconds, or 0 when nobody
-- was served from that queue for a day.
local function standing(department, rid)
    local rank = redis.call('ZRANK', prefix .. 'queue:' .. department, rid)
    if not rank then return 0, 0 end
    return rank + 1, tonumber(redis.call('GET', prefix .. 'pace:' .. department) or '0')
end

-- A room was put into a queue. While somebody waits in it all gateways that have heard of it look at it.
local function tellOfFirst(queue)
    if redis.call('ZCARD', queue) == 1 then tell() end
end

-- A room comes into a queue at its end: from when and where its wait is measured.
local function arrive(key, department, rid)
    local queue = prefix .. 'queue:' .. department
    redis.call('ZADD', queue, 'NX', string.format('%.0f', time[1] * 1000000 + time[2]), rid)
    redis.call('EXPIRE', queue, lifetime)
    tellOfFirst(queue)
    redis.call('HSET', key, 'queued', string.format('%.0f', now), 'queued_place', redis.call('ZRANK', queue, rid) + 1)
    redis.call('HDEL', key, 'returned')
end

-- A room is served from the queue: the moving average of its department takes it in, the newest for a fifth.
local function learnPace(key, department)
    local queued = redis.call('HMGET', key, 'queued', 'queued_place')
    if not queued[1] then return end
    local pace, name = (now - tonumber(queued[1])) / math.max(1, tonumber(queued[2])), prefix .. 'pace:' .. department
    local known = tonumber(redis.call('GET', name) or '')
    if known then pace = known * 0.8 + pace * 0.2 end
    redis.call('SET', name, string.format('%.0f', math.max(1, pace)), 'EX', 86400)
end

-- Who had the customer last, for those who like to get the same agent again.
local function remember(customer, agent)
    if agent ~= '' and redis.call('EXISTS', customer) == 1 then redis.call('HSET', customer, 'last_agent', agent) end
end

local function note(set, at, rid)
    redis.call('ZADD', prefix .. set, 'GT', string.format('%.0f', at), rid)
    redis.call('EXPIRE', prefix .. set, lifetime)
end

-- What somebody is about to make for a customer, or whom they took for that: hash `opening:<customer>`, `slot:<slot>` and
-- `agent:<id>` -> the fence of the lock under which it was noted first. Sorted set `opening`: the customers, for the sweep.
local function noteOpening(customer, field, fence)
    local key = prefix .. 'opening:' .. customer
    redis.call('HSETNX', key, field, fence or '')
    redis.call('HDEL', key, 'sweep_failures')
    redis.call('EXPIRE', key, lifetime)
    note('opening', now, customer)
    return key
end

-- Those notes of a customer are over of which `isOver` says so; slots that were kept are free.
local function endOpening(customer, isOver)
    local key, isLeft = prefix .. 'opening:' .. customer, false
    local notes = redis.call('HGETALL', key)
    for i = 1, #notes, 2 do
        local agent = string.match(notes[i], '^agent:(.*)$')
        if agent or string.match(notes[i], '^slot:') then
            if isOver(notes[i], notes[i + 1]) then
                if agent then settle(agent, customer) end
                redis.call('HDEL', key, notes[i])
            else
                isLeft = true
            end
        end
    end
    if isLeft then return end
    redis.call('DEL', key)
    redis.call('ZREM', prefix .. 'opening', customer)
end

-- The customer was there. Sorted sets tell the sweep for how long nobody was: `open` for all open rooms, `waiting` for those in
-- a queue that no agent has. `find_customer` does the same.
local function touch(key, rid, at)
    local room = redis.call('HMGET', key, 'state', 'agent')
    if not open[room[1]] then return false end
    at = math.min(at or now, now)
    note('open', at, rid)
    if room[1] == 'waiting' and room[2] == '' then note('waiting', at, rid) end
    redis.call('HSET', key, 'touched', string.format('%.0f', at))
    redis.call('HDEL', key, 'sweep_failures')
    redis.call('EXPIRE', key, lifetime)
    return true
end

-- The customer's slot of a group follows its department.
local function moveSlot(customer, kind, from, to, rid)
    if from == to or kind ~= 'group' or redis.call('EXISTS', customer) == 0 then return end
    if redis.call('HGET', customer, 'slot:' .. from) == rid then redis.call('HDEL', customer, 'slot:' .. from) end
    redis.call('HSETNX', customer, 'slot:' .. to, rid)
end
