-- Keeps a free slot: of the first agent who has one, or of the one with the fewest rooms. It is free again after a while.
-- KEYS: load, queue    ARGV: least busy (1/0), not past the queue (1/0), unique, agent, capacity, ...
if ARGV[2] == '1' and redis.call('ZCARD', KEYS[2]) > 0 then return false end
local agent = pick(4, ARGV[1] == '1', '')
if agent then hold(agent, 'take:' .. ARGV[3], string.format('%.0f', now + patience)) end
return agent or false
