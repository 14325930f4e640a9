-- One wallet trades more than $25,000 within five minutes, in whatever markets.
--
-- Each match is reported once for each of its two wallets, so a sum by wallet counts nothing twice.
local R = rule {
  title    = "A wallet trades fast",
  severity = "medium",
  tags     = { "velocity", "wallet" },

  params = {
    over_usd = param.usd(25000, { min = 1, doc = "fires above this sum, not at it" }),
    high_usd = param.usd(100000, { doc = "from here on the signal is high" }),
  },

  windows = {
    recent = window.sliding {
      by   = { "user" },
      span = "5m",                      -- (t - 5m, t]: an order exactly five minutes old has left
      agg  = { n = count(), usd = sum "usd", markets = distinct "market_slug" },
    },
  },

  -- The core tests this; Lua is entered for the few orders that pass.
  where = { ["recent.usd"] = at_least "over_usd" },

  -- At most once a minute a wallet. What is folded is counted, and a higher severity fires at once.
  dedup = { by = { "user" }, hold = "1m" },
}

function R.on_order(o, w)
  local r = w.recent
  if r.usd <= R.params.over_usd then return end
  signal {
    title      = ("%s traded %s in 5 minutes (orders: %d, markets: %d)"):format(
      short(o.user), fmt.usd(r.usd), r.n, r.markets),
    severity   = r.usd >= R.params.high_usd and "high" or nil,
    confidence = 0.9,
    data       = { usd = r.usd, orders = r.n, markets = r.markets },
    evidence   = r:orders(),
  }
end

return R
