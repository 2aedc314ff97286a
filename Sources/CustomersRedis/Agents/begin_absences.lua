-- Takes the turn to look for agents who are away and have rooms; nobody else has it for so long. Returns 1; 0 when somebody else has it;
-- nil when no agent has a room.
-- KEYS: load, away, lease    ARGV: milliseconds
if redis.call('EXISTS', KEYS[1]) == 0 then
    redis.call('DEL', KEYS[2])
    return false
end
return redis.call('SET', KEYS[3], '1', 'NX', 'PX', ARGV[1]) and 1 or 0
