import COrderFlow
import Journal
import OrderFlow
import RuleEngine
import Testing
import Wire

@testable import Pipeline

@Suite("Filling the windows of a draft")
struct DraftFillingTests {
  /// A journal that gets more orders when it is told to.
  private struct Growing {
    let workspace: Workspace
    let journal: Journal
    private(set) var count = 0
    var path: String { workspace.file("live.db") }

    init() throws {
      workspace = try Workspace()
      journal = try Journal(path: workspace.file("live.db"), durability: .normal)
    }

    mutating func add(_ more: Int) throws {
      var scanner = OrderScanner()
      let lines = (count..<count + more).map { Line(second: $0, transaction: "0x\(String($0, radix: 16))") }
      Array(lines.text.utf8).withUnsafeBytes { scanner.append($0) }
      scanner.finish()
      var batch = OrderBatch()
      var isOver = false
      while !isOver {
        isOver = scanner.next(into: &batch) == .end
        guard let base = batch.orders.baseAddress else { continue }
        for place in 0..<batch.count {
          count += 1
          base[place].seq = Int64(count)
          try journal.append(order: base + place, identity: Identity.of(base + place))
        }
      }
      try journal.noteSeq(Int64(count))
      try journal.commit()
    }
  }

  private static func draft() throws -> RuleSetDraft {
    let engine = try Engine(RuleSources(rules: []))
    let file = RuleSources.File(name: "tenth", source: Array(TestRules.tenth.utf8))
    return try RuleSetDraft(RuleSources(rules: [file]), replacing: engine.outline)
  }

  @Test("it ends close behind what was there, and takes the rest where the journal is written")
  func close() throws {
    var growing = try Growing()
    try growing.add(500)
    let draft = try Self.draft()
    var rounds = 0
    try DraftFilling.fill(draft, from: JournalReader(path: growing.path)) {
      rounds += 1
      if rounds == 1 { try growing.add(400) }
      if rounds == 2 { try growing.add(10) }
    }
    #expect(rounds == 2 && draft.lastSequence == 900)
    try growing.add(300)
    try DraftFilling.follow(draft, from: JournalReader(path: growing.path)) { try growing.add(1) }
    #expect(draft.lastSequence == 1210)
    try growing.add(20)
    // A little at a time, and then the rest.
    try DraftFilling.take(growing.journal, into: draft, most: 5)
    #expect(draft.lastSequence == 1215)
    try DraftFilling.take(growing.journal, into: draft)
    #expect(draft.lastSequence == 1231)
  }

  @Test(
    "it ends too when as many orders come as it reads, and says so when they are many",
    arguments: [100, 5_000])
  func neverClose(more: Int) throws {
    var growing = try Growing()
    try growing.add(more)
    let draft = try Self.draft()
    let reader = try JournalReader(path: growing.path)
    if more < 1_000 {
      try DraftFilling.fill(draft, from: reader) { try growing.add(more) }
      #expect(draft.lastSequence == Int64(growing.count - more))
    } else {
      #expect(throws: DraftFilling.TooSlow.self) {
        try DraftFilling.fill(draft, from: reader) { try growing.add(more) }
      }
    }
  }
}
