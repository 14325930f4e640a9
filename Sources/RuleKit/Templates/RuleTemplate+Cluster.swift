extension RuleTemplate {
  static let clusterRule = #"""
    -- Three or more wallets each put $1,000 or more into the same side of one outcome within an hour.
    local R = rule {
      title    = "Several large wallets agree",
      severity = "medium",
      tags     = { "cluster", "consensus" },

      params = {
        min_usd     = param.usd(1000, { min = 1, doc = "smallest order that counts" }),
        min_wallets = param.int(3, { min = 2, doc = "how many different wallets" }),
      },

      windows = {
        large = window.sliding {
          by    = { "token_id", "side" },
          span  = "1h",                     -- (t - 1h, t]: an order exactly an hour old has left
          where = { usd_floor = at_least "min_usd" },
          agg   = { n = count(), usd = sum "usd", wallets = distinct "user" },
        },
      },

      where = { ["large.wallets"] = at_least "min_wallets" },
      dedup = { by = { "token_id", "side" }, hold = "30m" },
    }

    function R.on_order(o, w)
      local c = w.large
      signal {
        title    = ("%d wallets: %s %s of %s, %s"):format(
          c.wallets, o.side, o.token_label or "an outcome", o.market_slug or "a market", fmt.usd(c.usd)),
        data     = { wallets = c.wallets, orders = c.n, usd = c.usd, outcome = o.token_label },
        evidence = c:orders(),
      }
    end

    return R

    """#

  static let clusterTest = #"""
    clock: 2026-03-01T12:00:00Z
    wallets:
      alice: "0xa11ce00000000000000000000000000000000001"
      bob: "0xb0b0000000000000000000000000000000000002"
      carol: "0xca401000000000000000000000000000000000003"
    markets:
      btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" }
    tests:
      - name: fires on the third wallet within the hour, folds the next for half an hour
        orders: |
          +0s     alice BUY 2000 @0.50 btc.Yes
          +10s    bob   BUY 2000 @0.50 btc.Yes
          +3599s  carol BUY 2000 @0.50 btc.Yes    #> medium
          +3600s  alice BUY 2000 @0.50 btc.Yes    #= folded
      - name: fires again when the half hour is over
        orders: |
          +0s     alice BUY 2000 @0.50 btc.Yes
          +1s     bob   BUY 2000 @0.50 btc.Yes
          +2s     carol BUY 2000 @0.50 btc.Yes    #> medium
          +1801s  carol BUY 2000 @0.50 btc.Yes    #= folded
          +1802s  carol BUY 2000 @0.50 btc.Yes    #> medium
      - name: tells outcomes and sides apart
        orders: |
          +0s     alice BUY  2000 @0.50 btc.Yes
          +1s     bob   BUY  2000 @0.50 btc.Yes
          +2s     carol BUY  2000 @0.50 btc.Yes   #> medium
          +3s     alice SELL 2000 @0.50 btc.Yes
          +4s     bob   SELL 2000 @0.50 btc.Yes
          +5s     carol SELL 2000 @0.50 btc.Yes   #> medium
          +6s     alice BUY  2000 @0.50 btc.No
          +7s     bob   BUY  2000 @0.50 btc.No
          +8s     carol BUY  2000 @0.50 btc.No    #> medium
      - name: is quiet when the first order is an hour old
        orders: |
          +0s     alice BUY 2000 @0.50 btc.Yes
          +10s    bob   BUY 2000 @0.50 btc.Yes
          +3600s  carol BUY 2000 @0.50 btc.Yes
      - name: counts wallets, not orders, and only large ones on one side of one outcome
        orders: |
          +0s     alice BUY     2000 @0.50 btc.Yes  x3 every 1s
          +4s     bob   BUY     2000 @0.50 btc.Yes
          +5s     carol BUY  1999.99 @0.50 btc.Yes
          +6s     carol SELL    2000 @0.50 btc.Yes
          +7s     carol BUY     2000 @0.50 btc.No

    """#
}
