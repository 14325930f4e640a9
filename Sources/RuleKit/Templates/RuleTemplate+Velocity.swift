extension RuleTemplate {
  static let velocityRule = #"""
    -- One wallet trades $25,000 or more within five minutes, in whatever markets.
    --
    -- Each match is reported once for each of its two wallets, so a sum by wallet counts nothing twice.
    local R = rule {
      title    = "A wallet trades fast",
      severity = "medium",
      tags     = { "velocity", "wallet" },

      params = {
        min_usd = param.usd(25000, { min = 1, doc = "money traded in five minutes" }),
      },

      windows = {
        recent = window.sliding {
          by   = { "user" },
          span = "5m",                      -- (t - 5m, t]: an order exactly five minutes old has left
          agg  = { n = count(), usd = sum "usd", markets = distinct "market_slug" },
        },
      },

      where = { ["recent.usd"] = at_least "min_usd" },
      dedup = { by = { "user" }, hold = "1m" },
    }

    function R.on_order(o, w)
      local r = w.recent
      signal {
        title    = ("%s traded %s in 5 minutes (orders: %d, markets: %d)"):format(
          short(o.user), fmt.usd(r.usd), r.n, r.markets),
        data     = { usd = r.usd, orders = r.n, markets = r.markets },
        evidence = r:orders(),
      }
    end

    return R

    """#

  static let velocityTest = #"""
    clock: 2026-03-01T12:00:00Z
    wallets:
      alice: "0xa11ce00000000000000000000000000000000001"
      bob: "0xb0b0000000000000000000000000000000000002"
    markets:
      btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" }
    tests:
      - name: fires at $25,000, purchases and sales alike, folds the next for a minute
        orders: |
          +0s    alice BUY  25000 @0.50 btc.Yes
          +299s  alice SELL 25000 @0.50 btc.No     #> medium
          +300s  alice BUY  25000 @0.50 btc.Yes    #= folded
          +358s  alice BUY  10000 @0.50 btc.Yes    #= folded
          +359s  alice BUY  10000 @0.50 btc.Yes    #> medium
        expect:
          - { at: 2, data: { orders: 2, markets: 1 } }
      - name: is quiet below, or when the first order is five minutes old
        orders: |
          +0s    alice BUY  25000    @0.50 btc.Yes
          +10s   alice BUY  24999.99 @0.50 btc.Yes
          +310s  alice BUY  25000    @0.50 btc.Yes
      - name: does not add up wallets
        orders: |
          +0s    alice BUY  25000 @0.50 btc.Yes
          +1s    bob   BUY  25000 @0.50 btc.Yes

    """#
}
