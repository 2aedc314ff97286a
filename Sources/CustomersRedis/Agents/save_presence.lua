-- Shares what was learned of a tenant's agents for a moment; what the chat server said itself is remembered for longer. Gives the
-- turn back.
-- KEYS: presence, seen, lease    ARGV: fence, time to live (ms), memory's time to live (s), from the chat server (1/0), source,
-- username, "status id", ...
redis.call('DEL', KEYS[1])
redis.call('HSET', KEYS[1], '-', ARGV[5], unpack(ARGV, 6))
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if ARGV[4] == '1' then
    local time = redis.call('TIME')
    redis.call('DEL', KEYS[2])
    redis.call('HSET', KEYS[2], '-', string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)), unpack(ARGV, 6))
    redis.call('EXPIRE', KEYS[2], ARGV[3])
end
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
return 1
