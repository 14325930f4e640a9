import Glibc
import RuleEngine
import Testing

@testable import Pipeline

@Suite struct WatchListTests {
  private let workspace: Workspace
  private let list: WatchList

  init() throws {
    workspace = try Workspace()
    try workspace.write(TestRules.big, to: "rules/big.lua")
    try workspace.write("wallet,label\n0xA,one\n", to: "rules/tables/wallets.csv")
    list = WatchList(folder: workspace.file("rules"))
  }

  private func begin() throws { list.set(try RuleFolder.read(workspace.file("rules"))) }

  private func write(_ text: String) throws { try workspace.write(text, to: "rules/tables/wallets.csv") }

  @Test("before it is set it is empty, and a change is none")
  func unset() {
    #expect(list.wallets == [])
    guard case .same = list.check() else { return #expect(Bool(false), "nothing runs yet") }
  }

  @Test("a file that is as it was changes nothing")
  func same() throws {
    try begin()
    #expect(list.wallets == ["0xa"])
    for _ in 0..<2 {
      guard case .same = list.check() else { return #expect(Bool(false)) }
    }
    #expect(!list.takeNews())
  }

  @Test("a changed file changes labels, tables and with them the version, once")
  func changed() throws {
    try begin()
    let before = try RuleFolder.read(workspace.file("rules"))
    try write("wallet,label\n0xa,one\n0xB,two\n")
    guard case .changed(let sources) = list.check() else { return #expect(Bool(false), "no change seen") }
    #expect(sources.labels == ["0xa": "one", "0xb": "two"])
    #expect(list.wallets.sorted() == ["0xa", "0xb"])
    #expect(list.takeNews() && !list.takeNews())
    // It is the version that a start from the same files has.
    let read = try RuleFolder.read(workspace.file("rules"))
    #expect(try Engine(sources).version == Engine(read).version)
    #expect(try Engine(sources).version != Engine(before).version)
    guard case .same = list.check() else { return #expect(Bool(false)) }
  }

  @Test("a list that cannot be read is said once, changes nothing, and can be mended")
  func broken() throws {
    try begin()
    try write("nonsense\n")
    guard case .broken(let reason) = list.check() else { return #expect(Bool(false)) }
    #expect(reason.contains("wallets.csv:1"))
    guard case .same = list.check() else { return #expect(Bool(false)) }
    #expect(list.wallets == ["0xa"] && !list.takeNews())
    try write("wallet,label\n0xc,three\n")
    guard case .changed = list.check() else { return #expect(Bool(false)) }
    #expect(list.wallets == ["0xc"])
  }

  @Test("a file that is away for a moment, as when an editor renames, changes nothing")
  func away() throws {
    try begin()
    unlink(workspace.file("rules/tables/wallets.csv"))
    guard case .same = list.check() else { return #expect(Bool(false)) }
    #expect(list.wallets == ["0xa"])
  }

  @Test("a list that comes with a reload of the rules is news for the feeds; the same wallets are not")
  func reloaded() throws {
    try begin()
    try write("wallet,label\n0xa,another label\n")
    try begin()
    #expect(!list.takeNews())
    try write("wallet,label\n0xb,one\n")
    try begin()
    #expect(list.takeNews())
    guard case .same = list.check() else { return #expect(Bool(false)) }
  }
}
