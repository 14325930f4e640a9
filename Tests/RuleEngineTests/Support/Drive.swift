import COrderFlow
import OrderFlow
@testable import RuleEngine

/// A run that ticks now and then, and that can be cut and taken up again from what a journal would hold.
struct Drive {
  enum Event {
    case order(TestOrder)
    case tick(Int64)
  }

  var engine: Engine
  var signals: [Signal] = []
  var folds: [Digest128: Int64] = [:]

  mutating func take(_ output: EngineOutput) {
    signals += output.signals.map(\.signal)
    for (id, count) in output.folds { folds[id] = count }
  }

  /// Feeds events, orders in batches of up to `batch`, and returns what the journal would hold.
  mutating func feed(_ events: ArraySlice<Event>, batch: Int, _ log: inout EventLog) {
    var waiting: [TestOrder] = []
    var output = EngineOutput()
    func flush(_ drive: inout Drive, _ log: inout EventLog) {
      if waiting.isEmpty { return }
      let laid = OrderBatch(waiting[...])
      let orders = UnsafeMutableBufferPointer(rebasing: laid.orders[..<waiting.count])
      drive.engine.process(orders, into: &output)
      for place in 0..<output.orderCount { log.entries.append(.order(laid.orders[place], laid)) }
      drive.take(output)
      waiting = []
    }
    for event in events {
      switch event {
      case .order(let order):
        waiting.append(order)
        if waiting.count == batch { flush(&self, &log) }
      case .tick(let time):
        flush(&self, &log)
        if engine.tick(time, into: &output) {
          log.entries.append(.tick(seq: engine.lastSequence, time: engine.clock))
          take(output)
        }
      }
    }
    flush(&self, &log)
  }

  /// Orders, some of them late, with a tick now and then.
  static func events(_ seed: UInt64, _ count: Int) -> [Event] {
    var random = SeededRandom(seed)
    var time: Int64 = 1_000_000
    var events: [Event] = []
    for place in 0..<count {
      time += Int64.random(in: 0...4, using: &random) * 1000
      let back = Int.random(in: 0..<20, using: &random) == 0 ? Int64.random(in: 0...25, using: &random) : 0
      events.append(
        .order(
          TestOrder(time - back * 1000) {
            $0.user = "u\(Int.random(in: 0..<6, using: &random))"
            $0.token = "\(Int.random(in: 0..<4, using: &random))"
            $0.shares = Int64.random(in: 1...9, using: &random) * 1_000_000
            $0.transaction = "0x\(place)"
          }))
      if Int.random(in: 0..<30, using: &random) == 0 {
        time += Int64.random(in: 5...40, using: &random) * 1000
        events.append(.tick(time))
      }
    }
    return events
  }
}

/// What a journal would hold: orders and ticks as they were numbered.
struct EventLog {
  enum Entry {
    case order(bb_order, OrderBatch)
    case tick(seq: Int64, time: Int64)

    var seq: Int64 {
      switch self {
      case .order(let order, _): order.seq
      case .tick(let seq, _): seq
      }
    }
  }

  var entries: [Entry] = []

  /// Puts everything behind `base` into an engine that has begun.
  func restore(into engine: Engine, after base: Int64) {
    for entry in entries where entry.seq > base {
      switch entry {
      case .order(var order, let keeper):
        order.clock = 0
        for field in TextField.allCases {
          var text = order[field]
          text.symbol = 0
          order[field] = text
        }
        // No journal keeps it.
        order[.label] = bb_text()
        withExtendedLifetime(keeper) {
          withUnsafeMutablePointer(to: &order) {
            engine.restore(UnsafeMutableBufferPointer(start: $0, count: 1))
          }
        }
      case .tick(let seq, let time): engine.restore(tick: seq, time: time)
      }
    }
  }

  /// Puts everything behind `base` into a draft, some orders at a time.
  func fill(_ draft: RuleSetDraft, after base: Int64) {
    var waiting: [bb_order] = []
    func flush() {
      waiting.withUnsafeMutableBufferPointer { if !$0.isEmpty { draft.take($0) } }
      waiting = []
    }
    for entry in entries where entry.seq > base {
      switch entry {
      case .order(var order, _):
        order.clock = 0
        for field in TextField.allCases {
          var text = order[field]
          text.symbol = 0
          order[field] = text
        }
        // No journal keeps it.
        order[.label] = bb_text()
        waiting.append(order)
        if waiting.count == 64 { flush() }
      case .tick(let seq, let time):
        flush()
        draft.take(tick: seq, time: time)
      }
    }
    flush()
  }
}
