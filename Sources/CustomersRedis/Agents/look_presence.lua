-- What the fleet knows of a tenant's agents; when nothing is fresh, the turn to ask goes to one who wants it.
-- KEYS: presence, seen, paused, lease    ARGV: fence or "", lease (ms), time to live of who is paused (s)
-- Returns {paused, fresh, last, milliseconds since the last, turn (1/0)}.
local paused = redis.call('HKEYS', KEYS[3])
if #paused > 0 then redis.call('EXPIRE', KEYS[3], ARGV[3]) end
local fresh = redis.call('HGETALL', KEYS[1])
if #fresh > 0 then return {paused, fresh, {}, 0, 0} end
local turn = ARGV[1] ~= '' and redis.call('SET', KEYS[4], ARGV[1], 'NX', 'PX', ARGV[2])
local time = redis.call('TIME')
local age = time[1] * 1000 + math.floor(time[2] / 1000) - tonumber(redis.call('HGET', KEYS[2], '-') or '0')
return {paused, {}, redis.call('HGETALL', KEYS[2]), math.max(0, age), turn and 1 or 0}
