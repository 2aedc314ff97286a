-- Notes since when agents with rooms are away; returns those who are for long, the longest first.
-- KEYS: load, away    ARGV: for how long (ms), who is there, ...
local here, busy, due = {}, {}, {}
for i = 2, #ARGV do here[ARGV[i]] = true end
for _, agent in ipairs(redis.call('HKEYS', KEYS[1])) do busy[agent] = true end
for _, agent in ipairs(redis.call('HKEYS', KEYS[2])) do
    if here[agent] or not busy[agent] then redis.call('HDEL', KEYS[2], agent) end
end
for agent in pairs(busy) do
    if not here[agent] then
        redis.call('HSETNX', KEYS[2], agent, string.format('%.0f', now))
        local since = tonumber(redis.call('HGET', KEYS[2], agent))
        if now - since >= tonumber(ARGV[1]) then due[#due + 1] = {agent, since} end
    end
end
redis.call('EXPIRE', KEYS[2], lifetime)
table.sort(due, function(a, b) return a[2] < b[2] or a[2] == b[2] and a[1] < b[1] end)
for i, entry in ipairs(due) do due[i] = entry[1] end
return due
