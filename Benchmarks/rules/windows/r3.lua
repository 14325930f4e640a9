-- R3 of the common job: three wallets with $1,000 or more in the same token and side within an hour.
local R = rule {
  title    = "cluster",
  severity = "info",

  windows = {
    whales = window.sliding {
      by    = { "token_id", "side" },
      span  = "1h",
      where = { usd_floor = at_least(usd(1000)) },
      agg   = { wallets = distinct "user" },
    },
  },

  where = { ["whales.wallets"] = at_least(3) },
}

function R.on_order(o, w)
  signal { title = "cluster", key = o.token_id .. ":" .. o.side, data = { value = w.whales.wallets } }
end

return R
