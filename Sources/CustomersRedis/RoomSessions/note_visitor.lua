-- An agent who is put into a room, or was taken out: who is in it without having it must not stay.
-- KEYS: room    ARGV: agent, in (1) or out (0)
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
if ARGV[2] == '1' then
    redis.call('HSET', KEYS[1], 'visitor:' .. ARGV[1], string.format('%.0f', now))
    return redis.call('EXPIRE', KEYS[1], lifetime)
end
return redis.call('HDEL', KEYS[1], 'visitor:' .. ARGV[1])
