/**
 * What runs inside Redis. Each script is one atomic step over keys of one hash slot, all of them declared.
 *
 * A record is a string: its version, the second in which it runs out (`-` for never), a nonce of the write that made it,
 * and the value, with a space between each. A notice is a stream entry of one field, `n`: version, until, and the second
 * of Redis's clock from which it may go, then the text.
 *
 * A client may send a command twice when its connection broke in between; the nonce tells that from a second caller.
 */

// KEYS: record, feed. ARGV: 1 the record without its version, 2 how many seconds it stays, '' for ever; 3 to 6 the notice:
// until, how many seconds it stays, text, channel; until is '' without one.
// INVARIANT: what may be refused (a key of another type, no memory left) is refused before the first write.
const WRITE = `
local function write(version)
  if ARGV[3] ~= '' then
    local now = tonumber(redis.call('TIME')[1])
    for _, entry in ipairs(redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', 4)) do
      local ends = tonumber(string.match(entry[2][2], '^%d+ %d+ (%d+) '))
      if ends and ends > now then break end
      redis.call('XDEL', KEYS[2], entry[1])
    end
    local ends = string.format('%d', now + ARGV[4])
    redis.call('XADD', KEYS[2], '*', 'n', version .. ' ' .. ARGV[3] .. ' ' .. ends .. ' ' .. ARGV[5])
    if redis.call('TTL', KEYS[2]) < tonumber(ARGV[4]) then
      redis.call('EXPIRE', KEYS[2], ARGV[4])
    end
    redis.pcall('PUBLISH', ARGV[6], '')
  end
  if ARGV[2] == '' then
    redis.call('SET', KEYS[1], version .. ARGV[1])
  else
    redis.call('SET', KEYS[1], version .. ARGV[1], 'EX', ARGV[2])
  end
end`

/** ARGV 7: the caller's now, 8: the id; KEYS from 3 on: the indexes. Answers 1 if it inserted, 0 if not. */
export const INSERT: string = `${WRITE}
local held = redis.call('GET', KEYS[1])
if held == '1' .. ARGV[1] then return 1 end
if held then
  local ends = string.match(held, '^%d+ ([%d-]+) ')
  if not ends then return redis.error_reply('ERR no record of sallyport') end
  if ends == '-' or tonumber(ends) > tonumber(ARGV[7]) then return 0 end
end
local now = tonumber(redis.call('TIME')[1])
for place = 3, #KEYS do
  local left = redis.call('TTL', KEYS[place])
  local ends = '+inf'
  if ARGV[2] ~= '' then ends = string.format('%d', now + ARGV[2]) end
  redis.call('ZREMRANGEBYSCORE', KEYS[place], '-inf', now)
  redis.call('ZADD', KEYS[place], 'GT', ends, ARGV[8])
  if ARGV[2] == '' then
    redis.call('PERSIST', KEYS[place])
  elseif left == -2 or (left >= 0 and left < tonumber(ARGV[2])) then
    redis.call('EXPIRE', KEYS[place], ARGV[2])
  end
end
write('1')
return 1`

/** ARGV 7: the version that is expected, 8: the next. Answers 1 if it swapped, else with the record that is there, if any. */
export const CAS: string = `${WRITE}
local held = redis.call('GET', KEYS[1])
if not held then return false end
if held == ARGV[8] .. ARGV[1] then return 1 end
if string.sub(held, 1, #ARGV[7] + 1) ~= ARGV[7] .. ' ' then return held end
write(ARGV[8])
return 1`

/** Answers with the new version. */
export const INCR: string = `${WRITE}
local held = redis.call('GET', KEYS[1])
local version = '0'
if held then
  version = string.match(held, '^(%d+) ')
  if not version then return redis.error_reply('ERR no record of sallyport') end
  if held == version .. ARGV[1] then return tonumber(version) end
end
write(string.format('%d', version + 1))
return version + 1`

/**
 * KEYS: feed. ARGV: the id of the last entry read, `-` for none; how many. Answers with ids and entries by turns.
 *
 * If the entry of the cursor is gone, so may others be that came after it: the stream was deleted, or a replica that had not
 * heard of it became the primary. Then it starts over.
 */
export const FEED: string = `
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2] + 1)
local first = 1
if ARGV[1] ~= '-' then
  if entries[1] and entries[1][1] == ARGV[1] then
    first = 2
  else
    entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[2])
  end
end
local found = {}
for place = first, #entries do
  found[#found + 1] = entries[place][1]
  found[#found + 1] = entries[place][2][2]
end
return found`

/**
 * KEYS: index. ARGV: score and id of the last one read, '' and '' for the first page; how many. Answers with ids and scores
 * by turns.
 */
export const LIST: string = `
local start = 0
if ARGV[1] ~= '' then
  local rank = redis.call('ZRANK', KEYS[1], ARGV[2])
  if rank and redis.call('ZSCORE', KEYS[1], ARGV[2]) == ARGV[1] then
    start = rank + 1
  else
    start = redis.call('ZCOUNT', KEYS[1], '-inf', '(' .. ARGV[1])
  end
end
return redis.call('ZRANGE', KEYS[1], start, start + ARGV[3] - 1, 'WITHSCORES')`

/**
 * KEYS: feed. ARGV: where to start, the caller's now. Forgets what has run out among the next 500 entries; answers with how
 * many those were, and where to go on, '' at the end.
 */
export const SWEEP: string = `
local entries = redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', 501)
local gone = 0
for place = 1, math.min(#entries, 500) do
  local ends = tonumber(string.match(entries[place][2][2], '^%d+ (%d+) '))
  if ends and ends <= tonumber(ARGV[2]) then
    gone = gone + redis.call('XDEL', KEYS[1], entries[place][1])
  end
end
local next = ''
if entries[501] then next = entries[501][1] end
return { tostring(gone), next }`
