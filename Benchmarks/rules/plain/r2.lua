-- R2 of the common job in plain Lua: a queue of times and amounts for each wallet.
local R = rule { title = "velocity", severity = "info" }

local LIMIT, SPAN, QUIET = usd(25000), duration "5m", duration "1m"
local wallets = {}

function R.on_order(o)
  local t, user, amount = o.t, o.user, o.usd
  local w = wallets[user]
  if not w then
    w = { times = {}, amounts = {}, first = 1, last = 0, sum = 0, fired = nil }
    wallets[user] = w
  end

  local times, amounts, last = w.times, w.amounts, w.last + 1
  times[last], amounts[last], w.last = t, amount, last

  local sum, first = w.sum + amount, w.first
  while t - times[first] >= SPAN do
    sum = sum - amounts[first]
    times[first], amounts[first] = nil, nil
    first = first + 1
  end
  w.sum, w.first = sum, first

  if sum > LIMIT and (not w.fired or t - w.fired >= QUIET) then
    w.fired = t
    signal { title = "velocity", key = user, data = { value = sum } }
  end
end

return R
