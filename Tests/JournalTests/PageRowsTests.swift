import COrderFlow
import OrderFlow
import Testing

@testable import Journal

@Suite("Rows of pages, and looking up one")
struct PageRowsTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file()
  }

  private func write(_ body: (Journal) throws -> Void) throws -> JournalReader {
    let journal = try Journal(path: path, durability: .normal)
    try body(journal)
    try journal.commit()
    try journal.close()
    return try JournalReader(path: path)
  }

  @Test("an order comes back with its texts and its figures; what the venue did not say is nil")
  func order() throws {
    let reader = try write { journal in
      try journal.append(OrderBox(seq: 1), identity: digest(1))
      try journal.append(OrderBox(seq: 2, [:]), identity: digest(2))
    }
    let rows = try reader.page(of: OrderFilter(), PageRequest(isNewestFirst: false)).rows
    #expect(rows.count == 2)
    #expect(rows[0].market == OrderBox.usual[.marketSlug] && rows[0].token == OrderBox.usual[.tokenID])
    #expect(rows[0].user == OrderBox.usual[.user] && rows[0].title == OrderBox.usual[.title])
    #expect(rows[0].transaction == OrderBox.usual[.txHash] && rows[0].orderHash == OrderBox.usual[.orderHash])
    #expect(rows[0].conditionID == OrderBox.usual[.conditionID] && rows[0].tokenLabel == "No")
    #expect(rows[0].price == 560_000 && rows[0].shares == 9_000_000 && rows[0].usd == 5_040_000)
    #expect(rows[0].time == 1_762_480_391_000 && !rows[0].late)
    #expect(rows[1].market == nil && rows[1].user == nil && rows[1].title == nil && rows[1].source == nil)
  }

  @Test(
    "orders are looked up by number; those that are gone are left out, and the order of the numbers is kept")
  func evidence() throws {
    let reader = try write { journal in
      for number in [1, 2, 3, 7] as [Int64] {
        try journal.append(OrderBox(seq: number), identity: digest(Int(number)))
      }
    }
    #expect(try reader.orders(numbered: [7, 5, 1, .max, .min, 0, -1, 2]).map(\.seq) == [7, 1, 2])
    #expect(try reader.orders(numbered: []).isEmpty)
    #expect(try reader.orders(numbered: [1, 1]).map(\.seq) == [1, 1])
  }

  @Test("a signal is found by its id, and the range of numbers follows what retention leaves")
  func signals() throws {
    let reader = try write { journal in
      for number in 1...10 as ClosedRange<Int64> { try journal.append(signal: signal(number)) }
      try journal.commit()
      while try journal.prune(olderThan: nil, maximumRows: 4) > 0 {}
    }
    #expect(try reader.signalRange() == 7...10)
    #expect(try reader.signal(id: signal(8).id)?.number == 8)
    #expect(try reader.signal(id: signal(8).id)?.signal == signal(8))
    #expect(try reader.signal(id: signal(2).id) == nil)
    #expect(try reader.page(of: SignalFilter(), PageRequest(limit: 2)).rows.map(\.number) == [10, 9])
    let old = try reader.page(of: SignalFilter(), PageRequest(after: 2, isNewestFirst: false, limit: 2))
    #expect(old.rows.map(\.number) == [7, 8] && old.next == 8)
  }

  @Test("messages that could not be read come with their bytes, page by page")
  func deadLetters() throws {
    let reader = try write { journal in
      for line in 1...5 as ClosedRange<UInt64> {
        try journal.append(
          deadLetter: DeadLetter(
            source: "in", line: line, offset: line * 100, reason: "no brace", text: [0xFF, 0x00, UInt8(line)])
        )
      }
      try journal.append(
        deadLetter: DeadLetter(source: "in", line: .max, offset: .max, reason: "far", text: []))
    }
    let page = try reader.deadLetters(PageRequest(limit: 2))
    #expect(page.rows.map(\.line) == [.max, 5] && page.next == 5)
    #expect(page.rows[0].offset == .max && page.rows[0].text.isEmpty)
    #expect(page.rows[1].text == [0xFF, 0x00, 5] && page.rows[1].reason == "no brace")
    let rest = try reader.deadLetters(PageRequest(after: page.next, limit: 10))
    #expect(rest.rows.map(\.line) == [4, 3, 2, 1] && rest.next == nil)
    #expect(try reader.deadLetters(PageRequest(isNewestFirst: false, limit: 1)).rows.map(\.line) == [1])
  }

  @Test("changes of the rule set are listed with how they ended")
  func reloads() throws {
    let reader = try write { journal in
      for number in 1...4 as ClosedRange<Int64> {
        try journal.append(
          reload: ReloadRecord(
            version: "v\(number)", previous: number == 1 ? nil : "v\(number - 1)", seq: number * 10,
            createdMilliseconds: number * 1000, outcome: number == 3 ? "rejected" : "running",
            reason: number == 3 ? "a typo" : nil))
      }
    }
    let page = try reader.reloads(PageRequest(limit: 3))
    #expect(page.rows.map(\.version) == ["v4", "v3", "v2"] && page.next == 2)
    #expect(page.rows[1].reason == "a typo" && page.rows[1].outcome == "rejected" && page.rows[1].seq == 30)
    let rest = try reader.reloads(PageRequest(after: page.next, limit: 3))
    #expect(rest.rows.map(\.previous) == [nil] && rest.next == nil)
  }

  @Test("the failures of one rule, newest first")
  func failures() throws {
    let reader = try write { journal in
      for number in 1...6 as ClosedRange<Int64> {
        try journal.append(
          failure: RuleFailure(
            rule: number % 2 == 0 ? "even" : "odd", version: "v", seq: number, kind: "error",
            hook: "on_order",
            message: "m\(number)", trace: "t", order: number == 6 ? "" : "o"))
      }
    }
    let found = try reader.failures(of: "even", limit: 2)
    #expect(found.map(\.message) == ["m6", "m4"] && found.map(\.order) == ["", "o"])
    #expect(try reader.failures(of: "none", limit: 2).isEmpty)
  }

  @Test("markets are summed over the newest orders, those with the most money first")
  func markets() throws {
    let reader = try write { journal in
      for (place, market) in ["a", "b", "a", "c", "b", "b"].enumerated() {
        let box = OrderBox(
          seq: Int64(place + 1), time: Int64(place) * 10, [.marketSlug: market, .title: "Market \(market)"])
        box.pointer.pointee.usd = market == "c" ? .max / 2 : 1_500_000
        try journal.append(box, identity: digest(place + 1))
      }
      try journal.append(OrderBox(seq: 9, [:]), identity: digest(9))
    }
    let markets = try reader.markets(limit: 10)
    #expect(markets.map(\.market) == ["c", "b", "a"] && markets.map(\.orders) == [1, 3, 2])
    #expect(markets[1].usd == 4_500_000 && markets[1].newest == 50 && markets[1].title == "Market b")
    #expect(markets[1].conditionID == nil)
    #expect(try reader.markets(limit: 1).map(\.market) == ["c"])
  }
}
