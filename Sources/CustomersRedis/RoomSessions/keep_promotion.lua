-- A promotion takes its time: whoever carries it out is alive. Returns 1, or 0 when it is not (any more) what is to be done; then they
-- take the agent out of the room again.
-- KEYS: room    ARGV: agent
if redis.call('HEXISTS', KEYS[1], 'visitor:' .. ARGV[1]) == 1 then handle(KEYS[1], ARGV[1]) end
if redis.call('HGET', KEYS[1], 'promoting') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'promoting_until', string.format('%.0f', now + patience))
return 1
