-- The customer was there, now or at a time in the past; both are kept alive. Returns 1, or 0 when the room is not open.
-- KEYS: room, customer    ARGV: rid, time (ms) or ""
if not touch(KEYS[1], ARGV[1], tonumber(ARGV[2])) then return 0 end
redis.call('EXPIRE', KEYS[2], lifetime)
return 1
