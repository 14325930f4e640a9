extension RuleTemplate {
  static let whaleRule = #"""
    -- One purchase of $10,000 or more.
    local R = rule {
      title    = "One very large purchase",
      severity = "medium",
      tags     = { "size" },

      params = {
        min_usd  = param.usd(10000, { min = 1, doc = "smallest purchase that fires" }),
        high_usd = param.usd(50000, { min = 1, doc = "from here on the signal is high" }),
      },

      -- usd_floor and not usd: a fill worth $9,999.9999997 rounds to $10,000 but is not $10,000.
      where = { side = "BUY", usd_floor = at_least "min_usd" },
    }

    function R.on_order(o)
      signal {
        title    = ("%s bought %s of %s at %s"):format(
          short(o.user), fmt.usd(o.usd), o.token_label or "an outcome", fmt.cents(o.price)),
        severity = o.usd_floor >= R.params.high_usd and "high" or nil,
        data     = { usd = o.usd, shares = o.shares, price = o.price, outcome = o.token_label },
      }
    end

    return R

    """#

  static let whaleTest = #"""
    clock: 2026-03-01T12:00:00Z
    wallets:
      alice: "0xa11ce00000000000000000000000000000000001"
    markets:
      btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" }
    tests:
      - name: fires from $10,000 on, and is high from $50,000 on
        orders: |
          +0s  alice BUY     20000 @0.50 btc.Yes   #> medium
          +1s  alice BUY  19999.99 @0.50 btc.Yes
          +2s  alice BUY    100000 @0.50 btc.Yes   #> high
          +3s  alice BUY  99999.99 @0.50 btc.Yes   #> medium
      - name: is quiet about sales
        orders: |
          +0s  alice SELL 20000 @0.50 btc.Yes

    """#
}
