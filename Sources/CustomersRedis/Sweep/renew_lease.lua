-- Gives a lease so long again, if it is still ours. Returns 1, or 0.
-- KEYS: lease    ARGV: fence, lease (ms)
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end
return 0
