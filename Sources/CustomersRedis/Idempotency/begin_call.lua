-- Says what became of a call that was named, and lets one gateway run it.
-- KEYS: call    ARGV: fingerprint, fence, seed, milliseconds for a run, seconds to remember
-- Returns {'run', seed}, {'running'}, {'answered', answer} or {'differs'}.
local stored = redis.call('HMGET', KEYS[1], 'fingerprint', 'answer', 'until', 'seed')
if stored[1] and stored[1] ~= ARGV[1] then return {'differs'} end
if stored[2] then return {'answered', stored[2]} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if stored[3] and tonumber(stored[3]) > now then return {'running'} end
-- A run that was cut short leaves its seed to the next one.
local seed = stored[4] or ARGV[3]
redis.call('HSET', KEYS[1], 'fingerprint', ARGV[1], 'fence', ARGV[2], 'seed', seed,
    'until', string.format('%.0f', now + tonumber(ARGV[4])))
redis.call('EXPIRE', KEYS[1], ARGV[5])
return {'run', seed}
