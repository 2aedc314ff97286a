-- Shares what was learned of a tenant's agents for a moment; what the chat server said itself is remembered for longer. Gives the
-- turn back.
-- KEYS: presence, seen, lease    ARGV: fence, time to live (ms), memory's time to live (s), from the chat server (1/0), source,
-- username, "status id", ...
-- Lua refuses more than some 8,000 arguments at once.
local function store(key, mark)
    redis.call('DEL', key)
    redis.call('HSET', key, '-', mark)
    for i = 6, #ARGV, 1000 do redis.call('HSET', key, unpack(ARGV, i, math.min(i + 999, #ARGV))) end
end

store(KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
if ARGV[4] == '1' then
    local time = redis.call('TIME')
    store(KEYS[2], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)))
    redis.call('EXPIRE', KEYS[2], ARGV[3])
end
if redis.call('GET', KEYS[3]) == ARGV[1] then redis.call('DEL', KEYS[3]) end
return 1
