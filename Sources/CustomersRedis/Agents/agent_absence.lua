-- For how long an agent with rooms has been away, in milliseconds; nil when nobody noted it.
-- KEYS: away    ARGV: agent
local since = redis.call('HGET', KEYS[1], ARGV[1])
return since and math.max(0, now - tonumber(since))
