-- R1 of the common job in plain Lua: an order worth $10,000 or more.
local R = rule { title = "whale", severity = "info" }

local LIMIT = usd(10000)

function R.on_order(o)
  if o.usd_floor >= LIMIT then
    signal { title = "whale", key = o.order_hash, data = { value = o.usd } }
  end
end

return R
