extension RuleTemplate {
  static let blankRule = #"""
    -- What the rule finds, in one sentence, and why that is worth a look.
    local R = rule {
      title    = "What the rule finds",
      severity = "medium",

      params = {
        min_usd = param.usd(1000, { min = 1, doc = "smallest fill that fires" }),
      },

      where = { usd_floor = at_least "min_usd" },
    }

    function R.on_order(o)
      signal {
        title = ("%s: %s %s at %s"):format(short(o.user), o.side, fmt.usd(o.usd), fmt.cents(o.price)),
        data  = { usd = o.usd, price = o.price, outcome = o.token_label },
      }
    end

    return R

    """#

  static let blankTest = #"""
    clock: 2026-03-01T12:00:00Z
    wallets:
      alice: "0xa11ce00000000000000000000000000000000001"
    markets:
      btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" }
    tests:
      - name: fires from $1,000 on and not below
        orders: |
          +0s  alice BUY     2000 @0.50 btc.Yes   #> medium
          +1s  alice BUY  1999.99 @0.50 btc.Yes
          +2s  alice SELL    2000 @0.50 btc.No    #> medium

    """#
}
