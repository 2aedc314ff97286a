-- Gives a slot back that was kept for a customer.
-- KEYS: load    ARGV: agent, customer hash
settle(ARGV[1], ARGV[2])
return 1
