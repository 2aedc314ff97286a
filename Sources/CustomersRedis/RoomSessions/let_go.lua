-- The chat server does not remove a room that is closed for everybody: its agent does not wait for that, nor who was on the way.
-- KEYS: room    ARGV: rid
local room = redis.call('HMGET', KEYS[1], 'state', 'agent')
if room[1] ~= 'closing' then return 0 end
free(room[2], ARGV[1])
freeVisitors(KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], 'agent', '')
return 1
