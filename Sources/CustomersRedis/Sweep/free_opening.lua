-- Frees the slots that were kept for a customer's openings; the notes stay.
-- KEYS: opening    ARGV: agent, ...
local customer = string.match(KEYS[1], ':opening:(.*)$')
for _, agent in ipairs(ARGV) do settle(agent, customer) end
return 1
