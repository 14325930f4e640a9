import Testing

/// The rules of the house that a compiler does not check.
@Suite("House rules")
struct HouseTests {
  @Test("the files are found at all")
  func found() {
    #expect(SourceFile.all.count > 100)
    #expect(
      Set(SourceFile.all.map(\.target)).isSuperset(of: [
        "CRuleVM", "OrderFlow", "Wire", "RuleEngine", "betterbot",
      ]))
  }

  @Test("no file is longer than 400 lines")
  func fileLength() {
    let long = SourceFile.all.filter { $0.lines.count > 400 }.map { "\($0.path): \($0.lines.count)" }
    #expect(long == [])
  }

  @Test("no function is longer than 70 lines")
  func functionLength() {
    var long: [String] = []
    for file in SourceFile.all {
      for (start, line) in file.code.enumerated() where HouseTests.opensFunction(line, isSwift: file.isSwift)
      {
        let indent = line.prefix { $0 == " " }
        let end = file.code[start...].firstIndex { $0.hasPrefix(indent + "}") } ?? start
        if end - start >= 70 { long.append("\(file.path):\(start + 1): \(end - start + 1) lines") }
      }
    }
    #expect(long == [])
  }

  private static func opensFunction(_ line: String, isSwift: Bool) -> Bool {
    guard line.hasSuffix("{") else { return false }
    if !isSwift { return line.first?.isLetter == true && line.contains("(") }
    return line.contains(/\b(func|init|deinit|subscript)\b/)
  }

  @Test("nothing may crash by design, and nothing is left for later")
  func forbiddenWords() {
    var found: [String] = []
    for file in SourceFile.all {
      for (number, line) in file.code.enumerated() where file.isSwift {
        let words = [/\btry!/, /\bas!/, /\bfatalError\s*\(/, /[\w\)\]\?]!(?!=)/]
        if words.contains(where: { line.contains($0) }) {
          found.append("\(file.path):\(number + 1): \(line)")
        }
      }
      for (number, line) in file.lines.enumerated() where line.contains(/\b(TODO|FIXME|XXX)\b/) {
        found.append("\(file.path):\(number + 1): \(line)")
      }
    }
    #expect(found == [])
  }

  /// Where the compiler is told to trust us, and how often: adding one is a decision, made here.
  private static let trusted: [String: Int] = [
    "Broadcast/Store/StoreReaders.swift": 1, "Feeds/RecordingFeed.swift": 1, "Feeds/RowBatch.swift": 1,
    "Journal/CheckpointThread.swift": 1, "Net/CurlBell.swift": 1, "Pipeline/BoundedQueue.swift": 1,
    "Pipeline/InputBatch.swift": 1,
    "Pipeline/InputThread.swift": 1, "Pipeline/LiveQueue.swift": 1,
    "RuleEngine/Engine+Swap.swift": 1, "RuleEngine/RuleSetDraft.swift": 1, "RuleEngine/ShardGroup.swift": 1,
    "RuleEngine/SharedSymbols.swift": 1, "betterbot/Output.swift": 2, "betterbot/RunDisplay.swift": 1,
  ]

  @Test("what is unchecked is counted, and has its reason beside it")
  func unchecked() {
    var counts: [String: Int] = [:]
    for file in SourceFile.swift {
      for (number, line) in file.code.enumerated() {
        guard line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") else { continue }
        counts[file.path, default: 0] += 1
        let around = file.lines[max(0, number - 4)...min(number + 1, file.lines.count - 1)]
        let comment = around.filter { $0.contains("//") }.joined()
        #expect(comment.count > 40, "\(file.path):\(number + 1) has no reason beside it")
      }
    }
    #expect(counts == HouseTests.trusted)
  }

  /// What each target may import of the package, and what of the system and of other packages.
  private static let rooms: [String: Set<String>] = [
    "Files": ["Glibc"],
    "Documents": ["Wire", "Yams"],
    "OrderFlow": ["COrderFlow"],
    "Wire": ["OrderFlow", "COrderFlow", "CScan"],
    "RuleEngine": ["OrderFlow", "COrderFlow", "CRuleVM", "Crypto", "Glibc", "Synchronization"],
    "RuleKit": [
      "Documents", "Files", "RuleEngine", "Wire", "OrderFlow", "COrderFlow", "Glibc", "Synchronization",
    ],
    "Journal": ["OrderFlow", "COrderFlow", "CSQLite", "Glibc", "Synchronization"],
    "Net": [
      "CCurl", "Glibc", "NIOCore", "NIOHTTP1", "NIOPosix", "NIOSSL", "NIOWebSocket", "Synchronization",
    ],
    "Feeds": [
      "Net", "Wire", "OrderFlow", "COrderFlow", "CZlib", "Glibc", "Logging", "NIOCore", "NIOPosix",
      "Synchronization",
    ],
    "Broadcast": [
      "Files", "Journal", "Net", "Wire", "OrderFlow", "COrderFlow", "CoreMetrics", "Crypto",
      "FoundationEssentials",
      "Glibc", "HTTPTypes", "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "JWTKit", "Logging",
      "NIOCore", "NIOHTTP1", "NIOHTTPTypesHTTP1", "NIOPosix", "NIOSSL", "NIOWebSocket", "ServiceLifecycle",
      "Synchronization",
    ],
    "Simulator": [
      "Documents", "Feeds", "Wire", "OrderFlow", "COrderFlow", "Glibc", "Synchronization", "NIOCore",
      "NIOPosix",
      "NIOHTTP1", "NIOWebSocket", "NIOSSL",
    ],
    "Pipeline": [
      "Documents", "Files", "Broadcast", "RuleKit", "RuleEngine", "Journal", "Feeds", "Net", "Wire",
      "OrderFlow", "COrderFlow",
      "CoreMetrics", "Crypto", "Glibc", "Logging", "NIOCore", "NIOPosix", "Synchronization",
    ],
    "betterbot": [
      "Documents", "Files", "Pipeline", "Broadcast", "Simulator", "RuleEngine", "RuleKit", "Journal", "Feeds",
      "Net",
      "Wire",
      "OrderFlow", "ArgumentParser", "CoreMetrics", "Crypto", "Glibc", "Logging", "Synchronization",
      "UnixSignals",
    ],
  ]

  @Test("imports go one way: a target imports what is below it and nothing else", arguments: SourceFile.swift)
  func imports(file: SourceFile) {
    guard let allowed = HouseTests.rooms[file.target] else {
      Issue.record("\(file.target) is not in the table of rooms")
      return
    }
    for line in file.code {
      let words = line.split(separator: " ").map(String.init)
      guard let place = words.firstIndex(of: "import"), place + 1 < words.count else { continue }
      let module =
        words[place + 1] == "struct" || words[place + 1] == "func" ? words.last ?? "" : words[place + 1]
      #expect(allowed.contains(String(module.prefix { $0 != "." })), "\(file.path) imports \(module)")
    }
  }

  @Test("Lua is seen by one target only, and only through its fence")
  func luaFence() {
    let seeing = SourceFile.all.filter { file in
      file.lines.contains { $0.contains(/#include <(lua|lauxlib|lualib)\.h>/) }
    }
    #expect(Set(seeing.map(\.target)).isSubset(of: ["CRuleVM", "CLua"]))
    #expect(seeing.contains { $0.target == "CRuleVM" })
    let header = SourceFile.all.first { $0.path == "CRuleVM/include/CRuleVM.h" }
    #expect(header?.code.contains { $0.contains("lua_State") } == false)
  }

  @Test("comments and strings do not count as code")
  func blanking() {
    let file = SourceFile(
      path: "X/Y.swift",
      text: "let a = \"try! \\\" x!\" // b!\n/* as!\n */ let b = c!\n\"\"\"\nfatalError(\"x\")\n\"\"\"\n")
    #expect(file.code[0] == "let a =                      ".prefix(file.code[0].count))
    #expect(file.code[2].hasSuffix(" let b = c!"))
    #expect(file.code.filter { $0.contains("!") }.count == 1)
    #expect(!file.code.joined().contains("fatalError"))
    #expect(file.code.count == file.lines.count + 1)
  }
}
