-- One wallet buys its way up through one outcome: many fills, a lot of money, a price that moves.
local R = rule {
  title    = "One wallet sweeps one outcome",
  severity = "high",
  tags     = { "accumulation", "wallet" },

  params = {
    min_usd   = param.usd(25000, { min = 1, doc = "money spent in ten minutes" }),
    min_fills = param.int(5, { min = 2, doc = "number of fills" }),
    min_move  = param.usd(0.04, { doc = "highest minus lowest price paid, dollars a share" }),
  },

  windows = {
    buys = window.sliding {
      by    = { "user", "token_id" },
      span  = "10m",                    -- (t - 10m, t]
      where = { side = "BUY", usd_floor = at_least(usd(100)) },
      agg   = { n = count(), usd = sum "usd", lo = min "price", hi = max "price" },
    },
  },

  where = { ["buys.n"] = at_least "min_fills", ["buys.usd"] = at_least "min_usd" },
  dedup = { by = { "user", "token_id" }, hold = "30m" },
}

function R.on_order(o, w)
  local b = w.buys                      -- this order's group, this order included
  if b.hi - b.lo < R.params.min_move then return end
  signal {
    title      = ("%s swept %s: %s in %d fills"):format(
      short(o.user), o.market_slug or o.token_id, fmt.usd(b.usd), b.n),
    severity   = b.usd >= 4 * R.params.min_usd and "critical" or nil,
    confidence = 0.8,
    data       = { usd = b.usd, fills = b.n, move = b.hi - b.lo, outcome = o.token_label },
    evidence   = b:orders(),
  }
end

return R
