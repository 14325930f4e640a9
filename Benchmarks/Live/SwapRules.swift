internal import Foundation

/// A hundred rules with a window each, as the shipped ones have them.
struct SwapRules {
  static let count = 100
  static let span = 3600

  private let folder: String

  /// Puts them into a folder that is there.
  init(_ folder: String) throws {
    self.folder = folder
    try writeAll(span: SwapRules.span)
  }

  /// Gives every window another span, seconds: all of them are filled anew.
  func writeAll(span: Int) throws {
    for number in 0..<SwapRules.count { try write(number, span: span) }
  }

  /// Writes one rule in place; with another `least` only its parameter differs.
  func write(_ number: Int, span: Int, least: Int = 400_000) throws {
    let keys = ["\"user\"", "\"token_id\"", "\"user\", \"token_id\"", "\"token_id\", \"side\""][number % 4]
    let side = number % 8 < 4 ? "BUY" : "SELL"
    let floor = [50, 100, 200, 500][number / 8 % 4]
    let text = """
      local R = rule {
        title = "rule \(number)", severity = "info",
        params = { least = param.usd(\(least)) },
        windows = {
          w = window.sliding {
            by = { \(keys) }, span = "\(span)s", where = { side = "\(side)", usd_floor = at_least(usd(\(floor))) },
            agg = { n = count(), usd = sum "usd", hi = max "price" },
          },
        },
        where = { ["w.usd"] = at_least "least" },
        dedup = { by = { \(keys) }, hold = "30m" },
      }
      function R.on_order(o, w) signal { title = "much", data = { usd = w.w.usd, n = w.w.n } } end
      return R

      """
    let name = String(format: "%@/swap_%02d.lua", folder, number)
    try text.write(toFile: name, atomically: false, encoding: .utf8)
  }
}
