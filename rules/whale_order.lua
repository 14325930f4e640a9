-- One fill of $10,000 or more.
--
-- Every match reaches us twice, once for each side. Both people traded that amount, so both can fire;
-- `data.role` says who crossed the spread ("taker") and who had been waiting in the book ("maker").
local R = rule {
  title    = "One very large fill",
  severity = "medium",
  tags     = { "size" },

  params = {
    min_usd      = param.usd(10000, { min = 1, doc = "smallest fill that fires" }),
    high_usd     = param.usd(50000, { doc = "from here on the signal is high" }),
    critical_usd = param.usd(250000, { doc = "from here on the signal is critical" }),
  },

  -- usd_floor and not usd: a fill worth $9,999.9999997 rounds to $10,000 but is not $10,000.
  where = { usd_floor = at_least "min_usd" },
}

local function severity(amount)
  if amount >= R.params.critical_usd then return "critical" end
  if amount >= R.params.high_usd then return "high" end
  return nil                            -- the header's
end

function R.on_order(o)
  signal {
    title      = ("%s: %s %s of %s at %s"):format(
      short(o.user), o.side, fmt.usd(o.usd), o.token_label or "an outcome", fmt.cents(o.price)),
    severity   = severity(o.usd_floor),
    confidence = 1,                     -- a fact about one fill, not an estimate
    data       = { usd = o.usd, shares = o.shares, price = o.price, outcome = o.token_label, role = o.role },
  }
end

return R
