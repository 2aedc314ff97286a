-- What is noted of a customer's openings; nil while an agent is on the way into the customer's direct room.
-- KEYS: opening, customer
local rid = redis.call('HGET', KEYS[2], 'slot:direct')
if rid and tonumber(redis.call('HGET', prefix .. 'room:' .. rid, 'promoting_until') or '0') > now then return false end
return redis.call('HGETALL', KEYS[1])
