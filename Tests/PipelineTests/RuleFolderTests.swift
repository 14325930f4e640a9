import Glibc
import RuleEngine
import Testing

@testable import Pipeline

@Suite struct RuleFolderTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func message(_ path: String) -> String {
    do throws(RuleFolder.Failure) {
      return "read: \(try RuleFolder.read(path).rules.map(\.name))"
    } catch {
      return error.description
    }
  }

  @Test("rules, libraries and tables are read, sorted, and nothing else")
  func contents() throws {
    for name in [
      "b.lua", "a.lua", "notes.txt", ".hidden.lua", "a.lua~", "lib/x.lua", "lib/readme", "tables/t.csv",
    ] {
      try workspace.write("-- \(name)", to: name)
    }
    try workspace.write("wallet,label\n0xA,fund\n", to: "tables/wallets.csv")
    for path in [workspace.path, workspace.path + "/", workspace.path + "///"] {
      let sources = try RuleFolder.read(path, parameters: ["a": ["n": "1"]])
      #expect(sources.rules.map(\.name) == ["a", "b"])
      #expect(sources.rules.first?.source == Array("-- a.lua".utf8))
      #expect(sources.libraries.map(\.name) == ["x"])
      #expect(sources.tables.map(\.name) == ["t.csv", "wallets.csv"])
      #expect(sources.labels == ["0xa": "fund"])
      #expect(sources.parameters == ["a": ["n": "1"]])
    }
  }

  @Test("a folder that is not there, is a file, or has no rule is refused with its name")
  func refused() throws {
    let missing = workspace.file("missing")
    #expect(message(missing) == "cannot read the rules folder \(missing): No such file or directory")
    let file = try workspace.write("", to: "file")
    #expect(message(file) == "cannot read the rules folder \(file): Not a directory")
    #expect(message(workspace.path).hasPrefix("there is no rule in \(workspace.path)"))
  }

  @Test("a folder in place of a rule, or a file in place of the libraries, is an error and not skipped")
  func wrongKinds() throws {
    try workspace.write("", to: "one/a.lua/inner")
    #expect(message(workspace.file("one")) == "cannot read \(workspace.file("one/a.lua")): Is a directory")
    try workspace.write("", to: "two/a.lua")
    try workspace.write("", to: "two/lib")
    #expect(
      message(workspace.file("two"))
        == "cannot read the rules folder \(workspace.file("two/lib")): Not a directory")
  }

  @Test("a wrong watch list names its file and line")
  func watchList() throws {
    try workspace.write("", to: "a.lua")
    let table = try workspace.write("wallet;label\n", to: "tables/wallets.csv")
    #expect(message(workspace.path).hasPrefix("\(table):1: "))
  }

  @Test("a rule of over 64 MiB is refused instead of read")
  func enormous() throws {
    let path = try workspace.write("", to: "a.lua")
    #expect(truncate(path, 65 << 20) == 0)
    #expect(message(workspace.path) == "\(path) is over 64 MiB")
  }

  @Test("what editors leave in any of the folders is not read")
  func temporary() throws {
    for name in ["a.lua", "4913", "#a.lua#", "lib/.#x.lua", "tables/t.csv", "tables/t.csv~", "tables/4913"] {
      try workspace.write("x", to: name)
    }
    for name in ["tables/t.csv.tmp", "tables/#t.csv#", "tables/t.csv.swp"] {
      try workspace.write("", to: name)
    }
    let sources = try RuleFolder.read(workspace.path)
    #expect(sources.rules.map(\.name) == ["a"] && sources.libraries.isEmpty)
    #expect(sources.tables.map(\.name) == ["t.csv"])
  }

  @Test("a pipe in place of a rule is an error, and not waited for")
  func pipe() throws {
    #expect(mkfifo(workspace.file("a.lua"), 0o600) == 0)
    #expect(message(workspace.path) == "cannot read \(workspace.file("a.lua")): it is no file")
  }

  @Test("the version of files is the version of the engine that is made of them")
  func version() throws {
    try workspace.write(TestRules.big, to: "big.lua")
    try workspace.write("wallet,label\n0xA,one\n", to: "tables/wallets.csv")
    let sources = try RuleFolder.read(workspace.path)
    #expect(try Engine(sources).version == sources.version)
    try workspace.write("wallet,label\n0xA,two\n", to: "tables/wallets.csv")
    #expect(try RuleFolder.read(workspace.path).version != sources.version)
  }
}
