-- A wallet of the watch list (rules/tables/wallets.csv) trades.
--
-- The core looks every wallet up and sets `o.label`; it is nil for wallets that are not on the list.
local R = rule {
  title    = "A wallet of the watch list trades",
  severity = "low",
  tags     = { "watchlist", "wallet" },

  params = {
    min_usd = param.usd(100, { doc = "smaller fills are not worth a look" }),
    big_usd = param.usd(5000, { min = 1, doc = "from here on the signal is high" }),
  },

  where = { usd_floor = at_least "min_usd" },
  dedup = { by = { "user", "token_id", "side" }, hold = "10m" },
}

-- How much a trade of such a wallet says by itself. Labels that are not here count as "watched".
local trust = { insider = 0.8, sharp = 0.7, fund = 0.6, watched = 0.5, market_maker = 0.2 }

function R.on_order(o)
  if not o.label then return end
  -- Up to 0.2 on top, growing with the size of the fill until it is big.
  local weight = math.min(1, o.usd / R.params.big_usd)
  signal {
    title      = ("%s (%s): %s %s of %s at %s"):format(
      o.label, short(o.user), o.side, fmt.usd(o.usd), o.token_label or "an outcome", fmt.cents(o.price)),
    severity   = o.usd_floor >= R.params.big_usd and "high" or nil,
    confidence = (trust[o.label] or trust.watched) + 0.2 * weight,
    data       = { label = o.label, usd = o.usd, price = o.price, outcome = o.token_label, role = o.role },
  }
end

return R
