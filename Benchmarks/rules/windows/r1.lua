-- R1 of the common job: an order worth $10,000 or more.
local R = rule {
  title    = "whale",
  severity = "info",
  where    = { usd_floor = at_least(usd(10000)) },
}

function R.on_order(o)
  signal { title = "whale", key = o.order_hash, data = { value = o.usd } }
end

return R
