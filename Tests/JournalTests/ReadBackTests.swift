import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Reading a journal back")
struct ReadBackTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private enum Item: Equatable {
    case order(Int64)
    case tick(Int64, Int64)
    case gap(Int64, GapRecord)
  }

  private func items(
    _ journal: Journal, after seq: Int64, through last: Int64 = .max, batch: Int
  ) throws -> (items: [Item], batches: [Int]) {
    var items: [Item] = []
    var batches: [Int] = []
    try journal.readBack(after: seq, through: last, batch: batch) { stored in
      switch stored {
      case .orders(let orders):
        items += orders.map { .order($0.seq) }
        batches.append(orders.count)
      case .tick(let seq, let clock): items.append(.tick(seq, clock))
      case .gap(let seq, let gap): items.append(.gap(seq, gap))
      }
    }
    return (items, batches)
  }

  /// Ticks at 1, 5, 6 and 12, orders at the other numbers to 11.
  private func mixed() throws -> Journal {
    let journal = try Journal(path: directory.file())
    for seq: Int64 in 1...12 {
      if [1, 5, 6, 12].contains(seq) {
        try journal.append(tick: seq, clock: seq * 1_000)
      } else {
        try journal.append(OrderBox(seq: seq), identity: digest(Int(seq)))
      }
    }
    return journal
  }

  private static let all: [Item] = (1...12).map { seq in
    [1, 5, 6, 12].contains(seq) ? .tick(seq, seq * 1_000) : .order(seq)
  }

  @Test(
    "orders and ticks come in one order, in batches that a tick ends",
    arguments: [
      (1, [1, 1, 1, 1, 1, 1, 1, 1]), (2, [2, 1, 2, 2, 1]), (100, [3, 5]), (-4, Array(repeating: 1, count: 8)),
    ])
  func merged(_ batch: Int, _ expected: [Int]) throws {
    let journal = try mixed()
    let read = try items(journal, after: 0, batch: batch)
    #expect(read.items == ReadBackTests.all)
    #expect(read.batches == expected)
    try journal.commit()
    #expect(try items(journal, after: 0, batch: batch).items == ReadBackTests.all)
  }

  @Test("gaps come at their numbers among orders and ticks", arguments: [1, 2, 100])
  func gaps(_ batch: Int) throws {
    let journal = try Journal(path: directory.file())
    // Every order of the three kinds, four numbers long, one after another.
    var expected: [Item] = []
    for shape in 0..<81 {
      var rest = shape
      for place in 1...4 {
        let seq = Int64(shape * 4 + place)
        switch rest % 3 {
        case 0:
          try journal.append(OrderBox(seq: seq), identity: digest(Int(seq)))
          expected.append(.order(seq))
        case 1:
          try journal.append(tick: seq, clock: seq)
          expected.append(.tick(seq, seq))
        default:
          let gap = GapRecord(source: "a", from: seq, to: seq + 9, backfilled: seq % 2 == 0)
          try journal.append(gap: seq, gap)
          expected.append(.gap(seq, gap))
        }
        rest /= 3
      }
    }
    try journal.commit()
    #expect(try items(journal, after: 0, batch: batch).items == expected)
    for first in 300...310 {
      let read = try items(journal, after: Int64(first), through: 320, batch: batch).items
      #expect(read == Array(expected[first..<320]))
    }
  }

  @Test("it begins after a number and ends with another")
  func ranges() throws {
    let journal = try mixed()
    for first: Int64 in 0...13 {
      for last: Int64 in 0...13 {
        let expected = ReadBackTests.all.indices.filter { $0 + 1 > first && $0 + 1 <= last }
        let read = try items(journal, after: first, through: last, batch: 3).items
        #expect(read == expected.map { ReadBackTests.all[$0] })
      }
    }
    #expect(try items(journal, after: .max, batch: 3).items == [])
    #expect(try items(journal, after: .min, batch: 3).items == ReadBackTests.all)
  }

  @Test("an order comes back as it was written, down to absent fields")
  func exact() throws {
    let path = directory.file()
    let journal = try Journal(path: path)
    try journal.registerSource(number: 4, name: "four")
    let full = OrderBox(seq: 10, time: -5)
    full.set(.title, Array("é\u{0}\u{1F600} long ".utf8) + Array(repeating: 65, count: 5_000))
    full.pointer.pointee.price = 333_333
    full.pointer.pointee.shares = 5_000_001
    full.pointer.pointee.usd = 1_666_665
    full.pointer.pointee.block_number = 0
    full.pointer.pointee.log_index = Int64.max
    full.pointer.pointee.side = UInt8(BB_SIDE_SELL)
    full.pointer.pointee.venue = UInt8(BB_VENUE_KALSHI)
    full.pointer.pointee.role = UInt8(BB_ROLE_MAKER)
    full.pointer.pointee.late = 1
    full.pointer.pointee.twin = .max
    full.pointer.pointee.source = 4
    full.pointer.pointee.origin = UInt8(BB_ORIGIN_AUDIT)
    let bare = OrderBox(seq: 11, [:])
    bare.pointer.pointee.role = UInt8(BB_ROLE_TAKER)
    bare.pointer.pointee.origin = UInt8(BB_ORIGIN_BACKFILL)
    try journal.append(full, identity: digest(1))
    try journal.append(bare, identity: digest(2))
    try journal.commit()
    var seen = 0
    try journal.readBack(after: 0, batch: 10) { batch in
      guard case .orders(let orders) = batch else { return }
      for (order, box) in zip(orders, [full, bare]) {
        expectSame(order, box.pointer.pointee, source: box.pointer.pointee.source)
        seen += 1
      }
      #expect(orders[0].usd_floor == 1_666_665)
      #expect(orders[1].usd_floor == 5_040_000)
    }
    #expect(seen == 2)
    // A reader has no numbers of feeds.
    var read = 0
    try JournalReader(path: path).orders { order in
      expectSame(order.pointee, [full, bare][read].pointer.pointee, source: 0)
      read += 1
    }
    #expect(read == 2)
  }

  private func expectSame(_ order: Order, _ written: Order, source: UInt16) {
    #expect(order.seq == written.seq)
    #expect(order.time == written.time)
    #expect(order.price == written.price)
    #expect(order.shares == written.shares)
    #expect(order.usd == written.usd)
    #expect(order.block_number == written.block_number)
    #expect(order.log_index == written.log_index)
    #expect(order.side == written.side)
    #expect(order.venue == written.venue)
    #expect(order.role == written.role)
    #expect(order.late == written.late)
    #expect(order.twin == written.twin)
    #expect(order.source == source)
    #expect(order.origin == written.origin)
    for field in TextField.allCases where field != .label {
      #expect(order.string(field) == written.string(field), "\(field)")
    }
  }

  @Test("texts of a batch stay apart, however long they are")
  func arena() throws {
    let journal = try Journal(path: directory.file())
    for seq: Int64 in 1...500 {
      let box = OrderBox(seq: seq)
      box.set(.title, Array("\(seq):".utf8) + Array(repeating: UInt8(seq % 26) + 97, count: Int(seq) * 7))
      try journal.append(box, identity: digest(Int(seq)))
    }
    var seen: Int64 = 0
    try journal.readBack(after: 0, batch: 90) { batch in
      guard case .orders(let orders) = batch else { return }
      for order in orders {
        seen += 1
        let letter = String(UnicodeScalar(UInt8(seen % 26) + 97))
        #expect(order.string(.title) == "\(seen):" + String(repeating: letter, count: Int(seen) * 7))
        #expect(order.string(.user) == OrderBox.usual[.user])
      }
    }
    #expect(seen == 500)
  }

  @Test("feeds come back under the numbers of this run")
  func sources() throws {
    let path = directory.file()
    do {
      let journal = try Journal(path: path)
      for number: UInt16 in 1...3 { try journal.registerSource(number: number, name: "feed \(number)") }
      for seq: Int64 in 1...8 {
        let box = OrderBox(seq: seq)
        box.pointer.pointee.source = UInt16(seq % 4)
        try journal.append(box, identity: digest(Int(seq)))
      }
      try journal.commit()
      try journal.close()
    }
    let journal = try Journal(path: path)
    try journal.registerSource(number: 7, name: "feed 1")
    try journal.registerSource(number: 2, name: "feed 3")
    var numbers: [UInt16] = []
    try journal.readBack(after: 0, batch: 100) { batch in
      if case .orders(let orders) = batch { numbers += orders.map(\.source) }
    }
    #expect(numbers == [7, 0, 2, 0, 7, 0, 2, 0])
  }

  @Test("an error of the body ends it, and the journal goes on")
  func bodyThrows() throws {
    let journal = try mixed()
    struct Enough: Error {}
    var calls = 0
    #expect(throws: Enough.self) {
      try journal.readBack(after: 0, batch: 2) { _ in
        calls += 1
        if calls == 2 { throw Enough() }
      }
    }
    #expect(calls == 2)
    try journal.append(OrderBox(seq: 20), identity: digest(20))
    try journal.commit()
  }

  @Test("a row whose amounts cannot be is an error, not a crash")
  func damaged() throws {
    let journal = try mixed()
    try journal.usable().connection.execute(
      "UPDATE events SET price = 9223372036854775807, shares = 9223372036854775807 WHERE seq = 4")
    #expect {
      try journal.readBack(after: 0, batch: 100) { _ in }
    } throws: {
      ($0 as? JournalError)?.code == .corrupt && ($0 as? JournalError)?.message.contains("order 4") == true
    }
  }

  @Test("a reader sees one moment while the writer goes on")
  func reader() throws {
    let journal = try mixed()
    try journal.commit()
    let reader = try JournalReader(path: directory.file())
    var seen: [Int64] = []
    try reader.readBack(batch: 1) { batch in
      switch batch {
      case .orders(let orders): seen += orders.map(\.seq)
      case .tick(let seq, _), .gap(let seq, _): seen.append(seq)
      }
      if seen.count == 1 {
        try journal.append(OrderBox(seq: 13), identity: digest(13))
        try journal.append(tick: 14, clock: 14_000)
        try journal.commit()
      }
    }
    #expect(seen == Array(1...12))
    // A reading inside a reading sees the same moment.
    var pairs = 0
    try reader.orders(in: 10...20) { _ in try reader.orders(in: 10...20) { _ in pairs += 1 } }
    #expect(pairs == 9)
    var later: [Int64] = []
    try reader.orders(in: 10...20) { later.append($0.pointee.seq) }
    #expect(later == [10, 11, 13])
  }
}
