-- R3 of the common job in plain Lua: a queue of times and wallets for each token and side.
local R = rule { title = "cluster", severity = "info" }

local LIMIT, SPAN, WALLETS = usd(1000), duration "1h", 3
local clusters = {}

function R.on_order(o)
  if o.usd_floor < LIMIT then return end
  local t, user = o.t, o.user
  local key = o.token_id .. ":" .. o.side
  local c = clusters[key]
  if not c then
    c = { times = {}, users = {}, first = 1, last = 0, orders_of = {}, wallets = 0 }
    clusters[key] = c
  end

  local times, users, orders_of, last = c.times, c.users, c.orders_of, c.last + 1
  times[last], users[last], c.last = t, user, last
  local n = orders_of[user]
  orders_of[user] = (n or 0) + 1
  if not n then c.wallets = c.wallets + 1 end

  local first = c.first
  while t - times[first] >= SPAN do
    local gone = users[first]
    times[first], users[first] = nil, nil
    first = first + 1
    local left = orders_of[gone] - 1
    if left == 0 then
      orders_of[gone] = nil
      c.wallets = c.wallets - 1
    else
      orders_of[gone] = left
    end
  end
  c.first = first

  if c.wallets >= WALLETS then
    signal { title = "cluster", key = key, data = { value = c.wallets } }
  end
end

return R
