extension RuleTemplate {
  static let watchRule = #"""
    -- One of a few wallets trades $500 or more. Their addresses stand here: put in those that you watch.
    --
    -- For a long list use rules/tables/wallets.csv: it gives their orders an `o.label`.
    local R = rule {
      title    = "A wallet that we watch trades",
      severity = "low",
      tags     = { "watchlist", "wallet" },

      params = {
        min_usd = param.usd(500, { min = 1, doc = "smaller fills are not worth a look" }),
      },

      where = {
        user = one_of(
          "0xa11ce00000000000000000000000000000000001",
          "0xb0b0000000000000000000000000000000000002"),
        usd_floor = at_least "min_usd",
      },
      dedup = { by = { "user", "token_id", "side" }, hold = "10m" },
    }

    function R.on_order(o)
      signal {
        title = ("%s: %s %s of %s at %s"):format(
          short(o.user), o.side, fmt.usd(o.usd), o.token_label or "an outcome", fmt.cents(o.price)),
        data  = { usd = o.usd, price = o.price, outcome = o.token_label },
      }
    end

    return R

    """#

  static let watchTest = #"""
    clock: 2026-03-01T12:00:00Z
    wallets:
      alice: "0xa11ce00000000000000000000000000000000001"
      bob: "0xb0b0000000000000000000000000000000000002"
      carol: "0xca401000000000000000000000000000000000003"
    markets:
      btc: { slug: btc-150k-dec, title: "BTC 150k by Dec", Yes: "8031", No: "7120" }
    tests:
      - name: fires for those on the list, from $500 on
        orders: |
          +0s  alice BUY    1000 @0.50 btc.Yes   #> low
          +1s  bob   BUY    1000 @0.50 btc.Yes   #> low
          +2s  carol BUY    9000 @0.50 btc.Yes
          +3s  bob   BUY  999.99 @0.50 btc.No
      - name: folds what a wallet goes on with for ten minutes
        orders: |
          +0s    alice BUY  1000 @0.50 btc.Yes   #> low
          +599s  alice BUY  1000 @0.50 btc.Yes   #= folded
          +600s  alice BUY  1000 @0.50 btc.Yes   #> low
          +601s  alice SELL 1000 @0.50 btc.Yes   #> low
          +602s  alice BUY  1000 @0.50 btc.No    #> low

    """#
}
