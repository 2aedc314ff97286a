-- Keeps a free slot for a customer: of the first agent who has one, or of the one with the fewest rooms. While the customer's lock
-- is held it is theirs, and a second longer: when a gateway dies, the call that is made again and waits for the lock gets the same
-- one, and with it the agent who may be in the room already.
-- KEYS: load, queue    ARGV: least busy (1/0), not past the queue (1/0), customer hash, agent, capacity, ...
local function keep(agent, slot, untilWhen)
    hold(agent, slot, untilWhen)
    noteOpening(ARGV[3], 'agent:' .. agent, redis.call('GET', prefix .. 'lock:' .. ARGV[3]))
    return agent
end

local slot, untilWhen = 'take:' .. ARGV[3], string.format('%.0f', now + patience + 1000)
for i = 4, #ARGV, 2 do
    if redis.call('ZSCORE', counted(ARGV[i]), slot) then
        return keep(ARGV[i], slot, untilWhen)
    end
end
if ARGV[2] == '1' and redis.call('ZCARD', KEYS[2]) > 0 then return false end
local agent = pick(4, ARGV[1] == '1')
return agent and keep(agent, slot, untilWhen) or false
