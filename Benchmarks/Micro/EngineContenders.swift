internal import COrderFlow
internal import Foundation
internal import Journal
internal import OrderFlow
internal import RuleEngine
internal import Wire

/// Ways from the bytes of a line through the engine, or into the journal.
enum EngineContenders {
  /// A rule that has wallets and tokens interned and does nothing else.
  static let interning = [
    """
    local R = rule {
      windows = { none = window.sliding { by = { "user", "token_id" }, span = "1s",
                                          where = { usd = at_least(usd(1000000000)) }, agg = { n = count() } } },
      where = { usd = at_least(usd(1000000000)) },
    }
    function R.on_order(o) end
    return R
    """
  ]

  /// Rules that are called and do nothing.
  static func empty(_ count: Int) -> [String] {
    Array(repeating: "local R = rule {}\nfunction R.on_order(o) end\nreturn R\n", count: count)
  }

  /// Rules that read four fields and compare them; none of them fires.
  static func reading(_ count: Int) -> [String] {
    let source = """
      local R = rule {}
      local floor = usd(1000000000)
      function R.on_order(o)
        if o.usd > floor and o.side == "BUY" and o.price < 990000 and o.user ~= "" then signal { title = "big" } end
      end
      return R
      """
    return Array(repeating: source, count: count)
  }

  /// Scans and runs a fresh rule set; loading it is not measured.
  static func rules(_ name: String, _ lines: [UInt8], _ rules: [String]) -> Contender {
    let files = rules.enumerated().map { place, text in
      RuleSources.File(name: "rule\(place)", source: Array(text.utf8))
    }
    let box = EngineBox()
    return Contender(
      name: name, prepare: { box.engine = try? Engine(RuleSources(rules: files)) },
      run: {
        guard let engine = box.engine else { return (0, 0) }
        var output = EngineOutput()
        scan(lines) { orders in engine.process(orders, into: &output) }
        return (Int(engine.orders), engine.clock)
      })
  }

  /// Writes every order and a signal of it into a journal, 500 a transaction, without waiting for the disk.
  static func commit(_ lines: [UInt8]) -> Contender {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("betterbot-micro-\(getpid()).db")
      .path
    return Contender(
      name: "commit order + signal", prepare: { remove(path) },
      run: {
        guard let journal = try? Journal(path: path, durability: .normal) else { return (0, 0) }
        var result = (orders: 0, sum: Int64(0))
        scan(lines) { orders in
          for place in 0..<orders.count {
            result.orders += 1
            guard let base = orders.baseAddress else { return }
            base[place].seq = Int64(result.orders)
            let id = Digest128(high: UInt64(result.orders) &* 0x9E37_79B9_7F4A_7C15, low: 1)
            var signal = Signal(
              id: id, rule: "micro", version: "0", seq: Int64(result.orders), time: base[place].time,
              severity: .low,
              title: "micro")
            signal.hasOrder = true
            _ = try? journal.append(order: base + place, identity: id)
            _ = try? journal.append(signal: signal)
            if result.orders % 500 == 0 { try? journal.commit() }
          }
        }
        try? journal.commit()
        try? journal.close()
        remove(path)
        return result
      })
  }

  private final class EngineBox { var engine: Engine? }

  private static func remove(_ path: String) {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }

  private static func scan(_ lines: [UInt8], _ body: (UnsafeMutableBufferPointer<bb_order>) -> Void) {
    var scanner = OrderScanner()
    var batch = OrderBatch(capacity: 256)
    lines.withUnsafeBytes { bytes in
      for start in stride(from: 0, to: bytes.count, by: 1 << 18) {
        scanner.append(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + (1 << 18), bytes.count)]))
        var state = ScanState.more
        while state == .more {
          state = scanner.next(into: &batch)
          body(batch.orders)
        }
      }
    }
  }
}
