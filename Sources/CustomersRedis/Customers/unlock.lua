-- Gives a lock back if it is still ours; what was noted under it is over, unless nobody can say what came of it.
-- KEYS: lock    ARGV: fence, settled (1/0)
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '1' then
    endOpening(string.match(KEYS[1], ':lock:(.*)$'), function(_, fence) return fence == ARGV[1] end)
end
return redis.call('DEL', KEYS[1])
