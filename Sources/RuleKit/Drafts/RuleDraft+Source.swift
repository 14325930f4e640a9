import OrderFlow

extension RuleDraft {
  /// The rule's text.
  var source: String { traits.count == 1 ? sourceOfOne : sourceOfMany }

  private static func dollars(_ micros: Int64) -> String { Micros(raw: micros).text }

  /// A line of `params`, with what the orders had behind it.
  private func parameter(_ name: String, _ value: String, _ doc: String, was: String) -> String {
    let padded = name + String(repeating: " ", count: max(0, 11 - name.count))
    return
      "    \(padded) = \(value.dropLast())\(value.last == ")" ? ", { doc = \"\(doc)\" })," : "")  -- it was \(was)"
  }

  private var leastOrder: String {
    parameter(
      "min_usd", "param.usd(\(RuleDraft.dollars(traits.leastOrder)))", "smallest order that counts",
      was: ValueText.dollars(traits.smallest))
  }

  // MARK: One order

  private var sourceOfOne: String {
    let side = traits.side ?? "BUY"
    return """
      -- One \(side == "BUY" ? "purchase" : "sale") of \(ValueText.dollars(traits.leastOrder)) or more: say here why that is worth a look.
      local R = rule {
        title    = "One large \(side == "BUY" ? "purchase" : "sale")",
        severity = "medium",

        params = {
      \(leastOrder)
        },

        where = { side = "\(side)", usd_floor = at_least "min_usd" },
      }

      function R.on_order(o)
        signal {
          title = ("%s: %s %s of %s at %s"):format(
            short(o.user), o.side, fmt.usd(o.usd), o.token_label or "an outcome", fmt.cents(o.price)),
          data  = { usd = o.usd, price = o.price, outcome = o.token_label },
        }
      end

      return R

      """
  }

  // MARK: Several orders

  private var parameters: [String] {
    var lines = [
      leastOrder,
      parameter(
        "min_orders", "param.int(\(traits.count))", "number of orders", was: "\(traits.count)"),
      parameter(
        "total_usd", "param.usd(\(RuleDraft.dollars(traits.leastSum)))", "all of them together",
        was: ValueText.dollars(traits.sum)),
    ]
    if traits.wallets > 1 {
      lines.append(
        parameter(
          "min_wallets", "param.int(\(traits.wallets))", "number of different wallets",
          was: "\(traits.wallets)"))
    }
    if let move = traits.leastMove {
      let was = ValueText.dollars(traits.highestPrice - traits.lowestPrice)
      lines.append(
        parameter(
          "min_move", "param.usd(\(RuleDraft.dollars(move)))", "highest minus lowest price, dollars a share",
          was: was))
    }
    return lines
  }

  private var conditions: String {
    var parts: [String] = []
    if let side = traits.side { parts.append("side = \"\(side)\"") }
    if traits.countsTakers { parts.append("role = \"taker\"") }
    parts.append("usd_floor = at_least \"min_usd\"")
    return parts.joined(separator: ", ")
  }

  private var aggregates: String {
    var parts = ["n = count()", "usd = sum \"usd\""]
    if traits.wallets > 1 { parts.append("wallets = distinct \"user\"") }
    if traits.leastMove != nil { parts += ["lo = min \"price\"", "hi = max \"price\""] }
    return parts.joined(separator: ", ")
  }

  private var tests: String {
    var lines = ["[\"recent.n\"] = at_least \"min_orders\"", "[\"recent.usd\"] = at_least \"total_usd\""]
    if traits.wallets > 1 { lines.append("[\"recent.wallets\"] = at_least \"min_wallets\"") }
    return lines.map { "    \($0),\n" }.joined()
  }

  /// Who did it where, as a format and its arguments.
  private var subject: (form: String, arguments: String) {
    let who = traits.wallets == 1 ? ("%s", "short(o.user), ") : ("%d wallets", "r.wallets, ")
    let place =
      traits.isOneToken || traits.isOneMarket ? (" in %s", ", o.market_slug or o.token_id") : ("", "")
    return (who.0 + ": %d orders, %s" + place.0, who.1 + "r.n, fmt.usd(r.usd)" + place.1)
  }

  private var sourceOfMany: String {
    let keys = traits.keys.map { "\"\($0)\"" }.joined(separator: ", ")
    let span = HandsomeNumber.text(traits.window)
    let guardLine =
      traits.leastMove == nil ? "" : "  if r.hi - r.lo < R.params.min_move then return end\n"
    let move = traits.leastMove == nil ? "" : ", move = r.hi - r.lo"
    let wallets = traits.wallets == 1 ? "" : ", wallets = r.wallets"
    let what = traits.wallets == 1 ? "One wallet" : "Several wallets"
    return """
      -- \(what) within \(span): \(traits.count) orders or more, \(ValueText.dollars(traits.leastSum)) together. Say here why that is worth a look.
      local R = rule {
        title    = "\(what) in a row of orders",
        severity = "medium",

        params = {
      \(parameters.joined(separator: "\n"))
        },

        windows = {
          recent = window.sliding {
            by    = { \(keys) },
            span  = "\(span)",  -- they came within \(EventTime.seconds(Double(traits.span) / 1000))
            where = { \(conditions) },
            agg   = { \(aggregates) },
          },
        },

        where = {
      \(tests)  },
        dedup = { by = { \(keys) }, hold = "\(span)" },
      }

      function R.on_order(o, w)
        local r = w.recent
      \(guardLine)  signal {
          title    = ("\(subject.form)"):format(
            \(subject.arguments)),
          data     = { usd = r.usd, orders = r.n\(wallets)\(move) },
          evidence = r:orders(),
        }
      end

      return R

      """
  }
}
