import OrderFlow
import Testing

@testable import Journal

@Suite("Pages of a journal")
struct PagesTests {
  private let directory: TemporaryDirectory
  private let path: String

  init() throws {
    directory = try TemporaryDirectory()
    path = directory.file()
  }

  /// Numbers with holes of several sizes between them.
  private static let numbers: [Int64] = [3, 4, 5, 9, 10, 30, 31, 90, 91, 92, 93, 200, 201, 260]

  private func writeOrders(_ numbers: [Int64] = PagesTests.numbers) throws {
    let journal = try Journal(path: path, durability: .normal)
    for (place, number) in numbers.enumerated() {
      var fields = OrderBox.usual
      fields[.marketSlug] = place % 5 == 0 ? "rare" : "common"
      fields[.user] = "0x\(place % 3)"
      fields[.tokenID] = "token-\(place % 2)"
      let box = OrderBox(seq: number, time: 1_000 + Int64(place) * 10, fields)
      try journal.append(box, identity: digest(place + 1))
    }
    try journal.commit()
    try journal.close()
  }

  /// All rows, page by page; no walk may take more steps than there are numbers.
  private func walk<Row>(
    _ request: PageRequest, _ read: (PageRequest) throws -> Page<Row>
  ) throws -> [Row] {
    var request = request
    var rows: [Row] = []
    for _ in 0..<1_000 {
      let page = try read(request)
      #expect(page.rows.count <= request.limit)
      rows += page.rows
      guard let next = page.next else { return rows }
      #expect(page.reached == next)
      if let after = request.after { #expect(request.isNewestFirst ? next < after : next > after) }
      request.after = next
    }
    Issue.record("the pages have no end")
    return rows
  }

  @Test("every row is on one page, whatever the holes between numbers, in both directions")
  func holes() throws {
    try writeOrders()
    let reader = try JournalReader(path: path)
    for limit in [1, 2, 3, 5, 14, 15, 500] {
      for scan: Int64 in [1, 2, 7, 60, 258, 200_000, .max] {
        for isNewestFirst in [true, false] {
          let request = PageRequest(isNewestFirst: isNewestFirst, limit: limit, scan: scan)
          let seen = try walk(request) { try reader.page(of: OrderFilter(), $0) }.map(\.seq)
          #expect(seen == (isNewestFirst ? PagesTests.numbers.reversed() : PagesTests.numbers))
        }
      }
    }
  }

  @Test("a filter that seldom matches is followed to the end, past pages without a row")
  func rareMatches() throws {
    try writeOrders()
    let reader = try JournalReader(path: path)
    var filter = OrderFilter()
    filter.market = "rare"
    let wanted = PagesTests.numbers.indices.filter { $0 % 5 == 0 }.map { PagesTests.numbers[$0] }
    for limit in [1, 2, 10] {
      for scan: Int64 in [1, 10, 50, 200_000] {
        let oldest = PageRequest(isNewestFirst: false, limit: limit, scan: scan)
        #expect(try walk(oldest) { try reader.page(of: filter, $0) }.map(\.seq) == wanted)
        let newest = PageRequest(limit: limit, scan: scan)
        #expect(try walk(newest) { try reader.page(of: filter, $0) }.map(\.seq) == wanted.reversed())
      }
    }
    let empty = try reader.page(of: filter, PageRequest(after: 30, isNewestFirst: true, limit: 5, scan: 10))
    #expect(empty.rows.isEmpty && empty.next == 20)
  }

  @Test(
    "a page behind the ends of the numbers is empty or whole",
    arguments: [
      (Int64.max, 14, 0), (261, 14, 0), (260, 13, 0), (259, 13, 1), (4, 1, 12), (3, 0, 13), (2, 0, 14),
      (0, 0, 14), (-5, 0, 14), (Int64.min, 0, 14),
    ] as [(Int64, Int, Int)])
  func beyond(after: Int64, newest: Int, oldest: Int) throws {
    try writeOrders()
    let reader = try JournalReader(path: path)
    let older = try reader.page(of: OrderFilter(), PageRequest(after: after, limit: 100))
    #expect(older.rows.count == newest && older.next == nil)
    let newer = try reader.page(
      of: OrderFilter(), PageRequest(after: after, isNewestFirst: false, limit: 100))
    #expect(newer.rows.count == oldest && newer.next == nil)
  }

  @Test("the last row of a full page may be the last of all")
  func exactEnd() throws {
    try writeOrders()
    let reader = try JournalReader(path: path)
    let page = try reader.page(of: OrderFilter(), PageRequest(limit: 14))
    #expect(page.rows.count == 14 && page.next == nil)
    let short = try reader.page(of: OrderFilter(), PageRequest(limit: 13))
    #expect(short.next == 4)
  }

  @Test("a journal without rows has empty pages")
  func empty() throws {
    try Journal(path: path).close()
    let reader = try JournalReader(path: path)
    for isNewestFirst in [true, false] {
      for after in [nil, 0, 5, Int64.max] {
        let request = PageRequest(after: after, isNewestFirst: isNewestFirst)
        #expect(try reader.page(of: OrderFilter(), request).next == nil)
        #expect(try reader.page(of: SignalFilter(), request).rows.isEmpty)
        #expect(try reader.deadLetters(request).rows.isEmpty)
        #expect(try reader.reloads(request).rows.isEmpty)
      }
    }
    #expect(try reader.signalRange() == nil)
    #expect(try reader.markets(limit: 5).isEmpty)
    #expect(try reader.signal(id: digest(1)) == nil)
    #expect(try reader.failures(of: "x", limit: 5).isEmpty)
  }

  // MARK: Filters

  @Test("orders are filtered by each of their parts, and by all of them")
  func orderFilters() throws {
    try writeOrders()
    let reader = try JournalReader(path: path)
    func places(_ change: (inout OrderFilter) -> Void) throws -> [Int] {
      var filter = OrderFilter()
      change(&filter)
      let request = PageRequest(isNewestFirst: false, limit: 100)
      return try reader.page(of: filter, request).rows.compactMap {
        PagesTests.numbers.firstIndex(of: $0.seq)
      }
    }
    let all = Array(PagesTests.numbers.indices)
    #expect(try places { $0.market = "rare" } == all.filter { $0 % 5 == 0 })
    #expect(try places { $0.token = "token-1" } == all.filter { $0 % 2 == 1 })
    #expect(try places { $0.user = "0x2" } == all.filter { $0 % 3 == 2 })
    #expect(try places { $0.since = 1_050 } == all.filter { $0 >= 5 })
    #expect(try places { $0.until = 1_050 } == all.filter { $0 < 5 })
    let both = try places { filter in
      filter.market = "common"
      filter.token = "token-1"
      filter.user = "0x0"
      filter.since = 1_010
      filter.until = 1_100
    }
    #expect(both == all.filter { $0 % 5 != 0 && $0 % 2 == 1 && $0 % 3 == 0 && $0 >= 1 && $0 < 10 })
  }

  @Test("a page of signals holds exactly those that a filter matches")
  func signalFilters() throws {
    let journal = try Journal(path: path, durability: .normal)
    for place in 1...60 {
      var new = signal(Int64(place), rule: place % 4 == 0 ? "sweep" : "cluster", time: Int64(place) * 100)
      new.severity = Severity.allCases[place % 5]
      if place % 3 == 0 { new.market = "m\(place % 2)" }
      if place % 7 == 0 { new.token = "t" }
      if place % 2 == 0 { new.user = "u\(place % 3)" }
      try journal.append(signal: new)
    }
    try journal.commit()
    let reader = try JournalReader(path: path)
    let all = try walk(PageRequest(isNewestFirst: false)) { try reader.page(of: SignalFilter(), $0) }
    #expect(all.map(\.number) == Array(1...60))
    var filters: [SignalFilter] = []
    for rule in [nil, "sweep", "nothing"] {
      for severity in [nil] + Severity.allCases.map({ Optional($0) }) {
        for since: Int64? in [nil, 0, 2_500, 7_000] {
          var filter = SignalFilter(rule: rule, since: since, minimumSeverity: severity)
          filters.append(filter)
          filter.market = "m1"
          filters.append(filter)
          filter.until = 4_100
          filter.market = nil
          filter.user = "u0"
          filters.append(filter)
          filter.token = "t"
          filters.append(filter)
        }
      }
    }
    for filter in filters {
      let wanted = all.filter { filter.matches($0.signal) }.map(\.number)
      let request = PageRequest(isNewestFirst: false, limit: 4, scan: 9)
      #expect(try walk(request) { try reader.page(of: filter, $0) }.map(\.number) == wanted, "\(filter)")
    }
  }
}
