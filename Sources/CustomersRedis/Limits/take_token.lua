-- A token bucket that starts full. Returns 0 when there was a token, else the seconds until there is one.
-- KEYS: bucket    ARGV: tokens a period, seconds a period
local size, rate = tonumber(ARGV[1]), tonumber(ARGV[1]) / tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local tokens, at = size, now
local stored = redis.call('GET', KEYS[1])
if stored then
    local t, a = string.match(stored, '^(%S+) (%S+)$')
    if t then tokens, at = tonumber(t), tonumber(a) end
end
tokens = math.min(size, tokens + math.max(0, now - at) * rate)
if tokens < 1 then return math.ceil((1 - tokens) / rate) end
redis.call('SET', KEYS[1], string.format('%.6f %.6f', tokens - 1, now), 'EX', math.ceil(size / rate) + 1)
return 0
