-- Takes the lease of a tenant's sweep and says what is due; nil when another gateway has it. With nothing due the lease is short.
-- KEYS: lease    ARGV: fence, lease (ms), short lease (ms), most of each, set, age (ms, 0 = never), ...
-- Returns {{rid, failures so far, ...} for each set}.
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return false end
local due, found = {}, false
for i = 5, #ARGV, 2 do
    local set, age, list = prefix .. ARGV[i], tonumber(ARGV[i + 1]), {}
    local record = prefix .. (ARGV[i] == 'opening' and 'opening:' or 'room:')
    if age > 0 then
        local latest = string.format('%.0f', now - age)
        for _, rid in ipairs(redis.call('ZRANGEBYSCORE', set, '-inf', latest, 'LIMIT', 0, ARGV[4])) do
            list[#list + 1] = rid
            list[#list + 1] = tonumber(redis.call('HGET', record .. rid, 'sweep_failures') or '0')
            found = true
        end
    elseif redis.call('EXISTS', set) == 1 then
        -- Nobody else forgets rooms whose records ran out.
        redis.call('ZREMRANGEBYSCORE', set, '-inf', string.format('%.0f', now - lifetime * 1000))
    end
    due[#due + 1] = list
end
if not found then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
return due
