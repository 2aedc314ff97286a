-- Gives a slot back that was kept for a customer: the agent is in no room of theirs, and it is noted no longer that they may be. What was
-- noted under another lock is not ours to say; the sweep looks, and they stay counted until then.
-- KEYS: load    ARGV: agent, customer hash
local opening, note = prefix .. 'opening:' .. ARGV[2], 'agent:' .. ARGV[1]
local fence = redis.call('HGET', opening, note)
if fence and fence ~= (redis.call('GET', prefix .. 'lock:' .. ARGV[2]) or '') then return 0 end
settle(ARGV[1], ARGV[2])
redis.call('HDEL', opening, note)
return 1
