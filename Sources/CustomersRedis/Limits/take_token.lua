-- Token buckets that start full. Takes one token from each, or none. Returns 0 when each had one, else the seconds until the
-- first that had none has one again.
-- KEYS: buckets    ARGV: for each: tokens a period, seconds a period
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local rest = {}
for i, key in ipairs(KEYS) do
    local size = tonumber(ARGV[2 * i - 1])
    local rate = size / tonumber(ARGV[2 * i])
    local tokens, at = size, now
    local stored = redis.call('GET', key)
    if stored then
        local t, a = string.match(stored, '^(%S+) (%S+)$')
        if t then tokens, at = tonumber(t), tonumber(a) end
    end
    tokens = math.min(size, tokens + math.max(0, now - at) * rate)
    if tokens < 1 then return math.ceil((1 - tokens) / rate) end
    rest[i] = {tokens - 1, math.ceil(size / rate) + 1}
end
for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.6f %.6f', rest[i][1], now), 'EX', rest[i][2])
end
return 0
