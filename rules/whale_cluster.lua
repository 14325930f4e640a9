-- Three or more wallets each put $1,000 or more into the same side of one outcome within an hour.
--
-- A match never counts twice: its two legs have opposite sides, or opposite outcomes when it mints.
-- One big taker can fill several resting orders at once, and their owners then form a cluster of the
-- other side. To leave those out, add `role = "taker"` to the window's `where`: only do so on a feed
-- that sends the taker, because where the role is unknown the window would stay empty.
local outcome = require "outcome"

local R = rule {
  title    = "Several large wallets agree",
  severity = "medium",
  tags     = { "cluster", "consensus" },

  params = {
    min_usd      = param.usd(1000, { min = 1, doc = "smallest order that counts" }),
    min_wallets  = param.int(3, { min = 2, doc = "how many different wallets" }),
    high_wallets = param.int(5, { doc = "from here on the signal is high" }),
  },

  windows = {
    whales = window.sliding {
      by    = { "token_id", "side" },
      span  = "1h",
      where = { usd_floor = at_least "min_usd" },
      agg   = { n = count(), usd = sum "usd", wallets = distinct "user" },
    },
  },

  where = { ["whales.wallets"] = at_least "min_wallets" },
  dedup = { by = { "token_id", "side" }, hold = "30m" },
}

function R.on_order(o, w)
  local c = w.whales
  local bet_on = outcome.expected(o.side, o.token_label)
  signal {
    title      = ("%d wallets bet on %s in %s: %s %s, %s"):format(
      c.wallets, bet_on, o.market_slug or "a market", o.side, o.token_label or "a token", fmt.usd(c.usd)),
    severity   = c.wallets >= R.params.high_wallets and "high" or nil,
    confidence = math.min(0.95, 0.5 + 0.1 * (c.wallets - R.params.min_wallets + 1)),
    data       = {
      wallets = c.wallets, orders = c.n, usd = c.usd,
      outcome = o.token_label, direction = outcome.direction(o.side), bet_on = bet_on,
    },
    evidence   = c:orders(),
  }
end

return R
