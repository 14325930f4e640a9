extension RuleTemplate {
  static let sweepRule = #"""
    -- One wallet buys its way up through one outcome: several fills, a lot of money, a price that moves.
    local R = rule {
      title    = "One wallet sweeps one outcome",
      severity = "high",
      tags     = { "accumulation", "wallet" },

      params = {
        min_usd   = param.usd(10000, { min = 1, doc = "money spent in ten minutes" }),
        min_fills = param.int(4, { min = 2, doc = "number of fills" }),
        min_move  = param.usd(0.03, { doc = "highest minus lowest price paid, dollars a share" }),
      },

      windows = {
        buys = window.sliding {
          by    = { "user", "token_id" },
          span  = "10m",                    -- (t - 10m, t]: an order exactly ten minutes old has left
          where = { side = "BUY" },
          agg   = { n = count(), usd = sum "usd", lo = min "price", hi = max "price" },
        },
      },

      -- The core tests this; Lua is entered for the few orders that pass.
      where = { ["buys.n"] = at_least "min_fills", ["buys.usd"] = at_least "min_usd" },
      dedup = { by = { "user", "token_id" }, hold = "30m" },
    }

    function R.on_order(o, w)
      local b = w.buys                      -- this order's group, this order included
      if b.hi - b.lo < R.params.min_move then return end
      signal {
        title    = ("%s swept %s: %s in %d fills"):format(
          short(o.user), o.market_slug or o.token_id, fmt.usd(b.usd), b.n),
        data     = { usd = b.usd, fills = b.n, move = b.hi - b.lo, outcome = o.token_label },
        evidence = b:orders(),
      }
    end

    return R

    """#

  static let sweepTest = #"""
    clock: 2026-03-01T12:00:00Z
    wallets:
      alice: "0xa11ce00000000000000000000000000000000001"
      bob: "0xb0b0000000000000000000000000000000000002"
    markets:
      btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" }
    tests:
      - name: fires on the fill that makes the sum
        orders: |
          +0s     alice BUY 5000 @0.50 btc.Yes
          +20s    alice BUY 5000 @0.50 btc.Yes
          +40s    alice BUY 5000 @0.50 btc.Yes
          +599s   alice BUY 4717 @0.53 btc.Yes     #> high
          +600s   alice BUY 5000 @0.53 btc.Yes     #= folded
        expect:
          - { at: 4, data: { fills: 4, move: $0.03 } }
      - name: folds repeats for half an hour
        orders: |
          +0s     alice BUY 5000    @0.50 btc.Yes  x3 every 1s
          +3s     alice BUY 3906.25 @0.64 btc.Yes  #> high
          +1790s  alice BUY 9000    @0.50 btc.Yes  x3 every 1s
          +1802s  alice BUY 9000    @0.53 btc.Yes  #= folded
          +1803s  alice BUY 9000    @0.53 btc.Yes  #> high
      - name: tells wallets and outcomes apart
        orders: |
          +0s     alice BUY 9000 @0.50 btc.Yes     x3 every 1s
          +3s     alice BUY 9000 @0.53 btc.Yes     #> high
          +4s     bob   BUY 9000 @0.50 btc.Yes     x3 every 1s
          +7s     bob   BUY 9000 @0.53 btc.Yes     #> high
          +8s     alice BUY 9000 @0.50 btc.No      x3 every 1s
          +11s    alice BUY 9000 @0.53 btc.No      #> high
      - name: is quiet when the first fill is ten minutes old
        orders: |
          +0s     alice BUY 5000 @0.50 btc.Yes
          +20s    alice BUY 5000 @0.50 btc.Yes     x2 every 10s
          +600s   alice BUY 9000 @0.53 btc.Yes
      - name: is quiet below any of the three limits
        orders: |
          +0s     alice BUY 5000    @0.50 btc.Yes  x3 every 1s
          +3s     alice BUY 4716.98 @0.53 btc.Yes
          +1h     alice BUY 9000    @0.50 btc.Yes  x2 every 1s
          +1h10s  alice BUY 9000    @0.53 btc.Yes
          +2h     alice BUY 9000    @0.50 btc.Yes  x3 every 1s
          +2h10s  alice BUY 9000    @0.529999 btc.Yes
      - name: adds up neither wallets, outcomes nor sales
        orders: |
          +0s     alice BUY  9000 @0.50 btc.Yes    x3 every 1s
          +3s     bob   BUY  9000 @0.53 btc.Yes
          +4s     alice BUY  9000 @0.53 btc.No
          +5s     alice SELL 9000 @0.53 btc.Yes

    """#
}
