import OrderFlow
import Testing

@testable import Journal

@Suite("Values on their way into columns")
struct EvidenceListTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(
    "evidence is JSON that SQLite reads too",
    arguments: [
      [], [0], [1, 22, 333], [.min, .max], Array(0..<5_000),
    ] as [[Int64]])
  func evidence(_ numbers: [Int64]) throws {
    let connection = try Connection(try FileClaim(writing: directory.file()), flags: 6)
    let statement = try connection.prepare("SELECT ?1, (SELECT count(*) FROM json_each(?1))")
    EvidenceList.bind(numbers, to: statement)
    #expect(try statement.step())
    #expect(EvidenceList.parse(statement.text(0) ?? "[]") == numbers)
    #expect(statement.integer(1) == Int64(numbers.count))
    #expect(statement.isNull(0) == numbers.isEmpty)
  }

  @Test(
    "what is no list of numbers is not read as one",
    arguments: [
      "", "[", "]", "1", "[1,]", "[,1]", "[1 ,2]", "[1.5]", "[99999999999999999999]", "[\"1\"]", "{}",
    ])
  func notEvidence(_ text: String) {
    #expect(EvidenceList.parse(text) == nil)
  }

  @Test("texts bound together keep their values while the memory for them grows")
  func arena() throws {
    let connection = try Connection(try FileClaim(writing: directory.file()), flags: 6)
    let statement = try connection.prepare("SELECT ?, ?, ?, ?, ?")
    let texts = [0, 3, 300, 3_000_000, 20].map { String(repeating: "é", count: $0) }
    for _ in 1...3 {
      for text in texts { statement.bind(text) }
      #expect(try statement.step())
      #expect((0..<5).map { statement.text($0) } == texts)
      statement.reset()
    }
  }

  @Test("a text beyond SQLite's limit is an error, and the statement works again afterwards")
  func tooBig() throws {
    let connection = try Connection(try FileClaim(writing: directory.file()), flags: 6)
    let statement = try connection.prepare("SELECT ?")
    let small: [UInt8] = [65]
    small.withUnsafeBufferPointer { bytes in
      // SQLite refuses the count before it looks at the bytes.
      if let start = bytes.baseAddress { statement.bindText(start, count: 4_000_000_000) }
    }
    #expect { try statement.step() } throws: { ($0 as? JournalError)?.code == .tooBig }
    statement.bind("fine")
    #expect(try statement.step())
    #expect(statement.text(0) == "fine")
  }
}
