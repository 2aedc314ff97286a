-- Stands before each script that looks at more of a tenant's keys than those of KEYS.
--
-- While a slot moves to another node of a cluster, some of its keys are here and some there, and Redis looks for those of
-- KEYS only: others would be missed, or be made anew. Asked for two keys that there never are it says so, before anything
-- has been changed; the call is made again, until all keys are in one place.
local prefix = string.match(KEYS[1], '^cg:{[^}]*}:')
if type(redis.pcall('EXISTS', prefix .. 'nowhere:1', prefix .. 'nowhere:2')) == 'table' then
    return redis.error_reply('TRYAGAIN the keys are on their way to another node')
end

