-- Compares a room with the slots and its queue, and repairs those.
-- KEYS: room    ARGV: rid
-- Returns {slot was missing (1/0), queue entry was missing, an entry was too much, an agent is on the way, visitor, ...}.
local room = redis.call('HMGET', KEYS[1], 'state', 'agent', 'department', 'promoting_until', 'queued', 'opened')
if not room[1] or not open[room[1]] then
    redis.call('ZREM', prefix .. 'open', ARGV[1])
    redis.call('ZREM', prefix .. 'waiting', ARGV[1])
    return {0, 0, 0, 0}
end
local slot, missing, stray = 0, 0, 0
if room[2] ~= '' and tonumber(redis.call('ZSCORE', counted(room[2]), ARGV[1]) or '0') < tonumber(forever) then
    hold(room[2], ARGV[1])
    slot = 1
end
local queue = prefix .. 'queue:' .. room[3]
local isQueued = redis.call('ZSCORE', queue, ARGV[1])
if room[1] == 'waiting' and not isQueued then
    local arrival = tonumber(room[5] or room[6] or now) * 1000
    redis.call('ZADD', queue, string.format('%.0f', arrival), ARGV[1])
    redis.call('EXPIRE', queue, lifetime)
    tellOfFirst(queue)
    missing = 1
elseif room[1] ~= 'waiting' and isQueued then
    leaveQueue(room[3], ARGV[1])
    stray = 1
end
local found = {slot, missing, stray, tonumber(room[4] or '0') > now and 1 or 0}
for _, visitor in ipairs(visitors(KEYS[1])) do
    -- They will be taken out.
    if found[4] == 0 and visitor ~= room[2] then handle(KEYS[1], visitor) end
    found[#found + 1] = visitor
end
return found
