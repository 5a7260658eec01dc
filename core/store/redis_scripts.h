// What the server does as a whole, in its Lua.
#ifndef HELOVET_CORE_STORE_REDIS_SCRIPTS_H_
#define HELOVET_CORE_STORE_REDIS_SCRIPTS_H_

namespace helovet {

// KEYS[1]: a fact. Its value, or nil, and the milliseconds it has left.
inline constexpr char kFindScript[] =
    "return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}";

// KEYS: facts. Of those that live: key, value, milliseconds; one after the other.
inline constexpr char kListScript[] = R"(local facts = {}
for _, key in ipairs(KEYS) do
  local value = redis.pcall('GET', key)
  if type(value) == 'string' then
    facts[#facts + 1] = key
    facts[#facts + 1] = value
    facts[#facts + 1] = redis.call('PTTL', key)
  end
end
return facts)";

// A lease is a member of a sorted set by the millisecond in which it ends.
// KEYS[1]: the leases; ARGV: their limit, the lifetime in milliseconds, the new lease's id. 1: it
// was given.
inline constexpr char kAcquireScript[] = R"(local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], string.format('%.0f', now + ARGV[2]), ARGV[3])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', last[2]))
return 1)";

// KEYS[1]: the leases; ARGV[1]: an id. 1: it had not ended.
inline constexpr char kReleaseScript[] = R"(local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('%.0f', now))
return redis.call('ZREM', KEYS[1], ARGV[1]))";

// KEYS[1]: a month; ARGV: name, increment; one after the other.
inline constexpr char kCountScript[] = R"(for i = 1, #ARGV, 2 do
  redis.call('HINCRBY', KEYS[1], ARGV[i], ARGV[i + 1])
end
return 1)";

}  // namespace helovet

#endif  // HELOVET_CORE_STORE_REDIS_SCRIPTS_H_
