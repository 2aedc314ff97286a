-- Notes of a customer's openings are over. What was noted since they were read stays.
-- KEYS: opening    ARGV: field, ...
local over = {}
for _, field in ipairs(ARGV) do over[field] = true end
endOpening(string.match(KEYS[1], ':opening:(.*)$'), function(field) return over[field] end)
return 1
