-- Gives a slot back that was kept.
-- KEYS: load    ARGV: agent
settle(ARGV[1])
return 1
