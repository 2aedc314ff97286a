-- Takes a customer's lock, and notes what its holder is about to make at the chat server. Returns 1, or 0 when somebody else has it.
-- KEYS: lock
-- ARGV: fence, time to live (ms), slot, department and the group's name (or ""), trust and name of the customer (or "" when stored)
if not redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 0 end
local key = noteOpening(string.match(KEYS[1], ':lock:(.*)$'), 'slot:' .. ARGV[3], ARGV[1])
if ARGV[4] ~= '' then redis.call('HSET', key, 'group:' .. ARGV[4], ARGV[5]) end
if ARGV[7] ~= '' then redis.call('HSET', key, 'trust', ARGV[6], 'name', ARGV[7]) end
return 1
