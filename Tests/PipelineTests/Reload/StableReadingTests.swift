import Glibc
import RuleEngine
import Testing

@testable import Pipeline

@Suite struct StableReadingTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    try workspace.write("x", to: "rules/a.lua")
    try workspace.write("x", to: "rules/tables/t.csv")
  }

  /// What reading comes to when `change` happens in the middle of it.
  private func read(_ change: () throws -> Void = {}) -> String {
    var thrown: (any Error)?
    let reading = RuleFolder.readStable(workspace.file("rules"), parameters: ["a": ["n": "1"]]) {
      do { try change() } catch { thrown = error }
    }
    if let thrown { Issue.record(thrown) }
    return switch reading {
    case .stable(let sources): "read: " + (sources.rules + sources.tables).map(\.name).joined(separator: ", ")
    case .moved: "moved"
    case .unreadable(let failure): failure.description
    }
  }

  @Test("a folder that rests is what a plain reading finds")
  func stable() throws {
    #expect(read() == "read: a, t.csv")
    let path = workspace.file("rules")
    guard case .stable(let sources) = RuleFolder.readStable(path, parameters: ["a": ["n": "1"]]) else {
      Issue.record("it was not read")
      return
    }
    #expect(sources.version == (try RuleFolder.read(path, parameters: ["a": ["n": "1"]]).version))
    #expect(sources.version != (try RuleFolder.read(path).version))
  }

  @Test("any change meanwhile is noticed", arguments: FolderChange.files + FolderChange.folders)
  func moved(_ change: FolderChange) throws {
    try change.prepare(workspace)
    #expect(read { try change.make(workspace) } == "moved")
  }

  @Test("a rule that is written again as it was has moved too, for it was another in between")
  func sameAgain() throws {
    #expect(read { try workspace.write("longer", to: "rules/a.lua") } == "moved")
    let reading = read {
      try workspace.write("x", to: "rules/.a")
      workspace.move("rules/.a", "rules/a.lua")
    }
    #expect(reading == "moved")
  }

  @Test("what does not count may change")
  func ignored() throws {
    #expect(read { try workspace.write("", to: "rules/.a.lua.swp") } == "read: a, t.csv")
    #expect(read { try workspace.write("", to: "rules/tables/t.csv~") } == "read: a, t.csv")
  }

  @Test("a folder that cannot be read is not one that moves")
  func unreadable() throws {
    workspace.symlink("nowhere", "rules/b.lua")
    #expect(read() == "cannot read \(workspace.file("rules/b.lua")): No such file or directory")
    #expect(read { workspace.remove("rules/b.lua") } == "moved")
    workspace.remove("rules/a.lua")
    #expect(read().hasPrefix("there is no rule in"))
    workspace.move("rules", "old")
    #expect(read().contains("No such file or directory"))
  }

  @Test("the hold is a file of that name in the folder")
  func hold() throws {
    #expect(!RuleFolder.isHeld(workspace.file("rules")))
    try workspace.write("", to: "rules/.hold")
    #expect(RuleFolder.isHeld(workspace.file("rules")))
  }
}
