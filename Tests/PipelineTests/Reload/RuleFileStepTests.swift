import Glibc
import Testing

@testable import Pipeline

@Suite("One step of a rule's file")
struct RuleFileStepTests {
  private let workspace: Workspace

  init() throws {
    workspace = try Workspace()
    mkdir(workspace.file("rules"), 0o755)
  }

  private func step(_ before: String?, _ after: String?, _ name: String = "a.lua") -> RuleFileStep {
    RuleFileStep(
      folder: workspace.file("rules"), name: name, before: before.map { Array($0.utf8) },
      after: after.map { Array($0.utf8) })
  }

  private var names: [String] {
    Workspace.names(in: workspace.file("rules"))
  }

  private func text(_ name: String = "a.lua") throws -> String {
    String(decoding: try RuleFolder.contents(workspace.file("rules/" + name)), as: UTF8.self)
  }

  @Test("a file comes, becomes another, goes, and each step can be taken back")
  func steps() throws {
    let come = step(nil, "one")
    try come.make()
    #expect(try text() == "one")
    let change = step("one", "another")
    try change.make()
    #expect(try text() == "another")
    try change.reversed.make()
    #expect(try text() == "one")
    try step("one", nil).make()
    #expect(names == [])
    try step("one", nil).reversed.make()
    #expect(try text() == "one")
    try come.reversed.make()
    #expect(names == [])
  }

  @Test("what is as it is to be stays untouched")
  func sameAlready() throws {
    try workspace.write("two", to: "rules/a.lua")
    try step("one", "two").make()
    try step(nil, nil, "b.lua").make()
    #expect(names == ["a.lua"])
  }

  @Test("what somebody else has changed is not overwritten", arguments: [nil, "theirs"])
  func moved(theirs: String?) throws {
    if let theirs { try workspace.write(theirs, to: "rules/a.lua") }
    for after in ["two", nil] {
      if after == theirs { continue }
      let failure = #expect(throws: RuleFileStep.Failure.self) { try step("one", after).make() }
      #expect(failure?.code == .moved)
    }
    #expect(names == (theirs == nil ? [] : ["a.lua"]))
    #expect(theirs == nil ? true : try text() == theirs)
  }

  @Test("a link, a folder and a pipe are not touched", arguments: ["link", "dangling", "folder", "pipe"])
  func foreign(kind: String) throws {
    let path = workspace.file("rules/a.lua")
    try workspace.write("one", to: "elsewhere.lua")
    switch kind {
    case "link": workspace.symlink("../elsewhere.lua", "rules/a.lua")
    case "dangling": workspace.symlink("../nowhere.lua", "rules/a.lua")
    case "folder": mkdir(path, 0o755)
    default: mkfifo(path, 0o600)
    }
    for (before, after) in [("one", "two"), ("one", nil), (nil, "two")] as [(String?, String?)] {
      let failure = #expect(throws: RuleFileStep.Failure.self) { try step(before, after).make() }
      #expect(failure?.code == .foreign)
      #expect(failure?.description.contains("rules/a.lua is ") == true)
    }
    #expect(names == ["a.lua"])
    #expect(
      String(decoding: try RuleFolder.contents(workspace.file("elsewhere.lua")), as: UTF8.self) == "one")
  }

  @Test("the permissions of a file stay as they are")
  func permissions() throws {
    try workspace.write("one", to: "rules/a.lua")
    chmod(workspace.file("rules/a.lua"), 0o600)
    try step("one", "two").make()
    try step(nil, "new", "b.lua").make()
    var status = stat()
    #expect(stat(workspace.file("rules/a.lua"), &status) == 0 && status.st_mode & 0o777 == 0o600)
    #expect(stat(workspace.file("rules/b.lua"), &status) == 0 && status.st_mode & 0o600 == 0o600)
  }

  @Test("a temporary file that a dead process left is in nobody's way")
  func leftBehind() throws {
    try workspace.write("half", to: "rules/.a.lua.\(getpid()).tmp")
    try step(nil, "one").make()
    #expect(try text() == "one" && names == ["a.lua"])
  }

  @Test("where nothing can be written nothing is left")
  func unwritable() throws {
    // Something that cannot be made way for, also by root.
    mkdir(workspace.file("rules/.a.lua.\(getpid()).tmp"), 0o755)
    let failure = #expect(throws: RuleFileStep.Failure.self) { try step(nil, "one").make() }
    #expect(failure?.code == .system)
    #expect(failure?.description.contains("cannot write into \(workspace.file("rules"))") == true)
    rmdir(workspace.file("rules/.a.lua.\(getpid()).tmp"))
    #expect(names == [])
    let lost = RuleFileStep(folder: workspace.file("none"), name: "a.lua", before: nil, after: [])
    let other = #expect(throws: RuleFileStep.Failure.self) { try lost.make() }
    #expect(other?.description.contains("cannot open the rules folder") == true)
  }

  @Test("a folder that may not be written is said to be that", .enabled(if: geteuid() != 0))
  func readOnly() throws {
    chmod(workspace.file("rules"), 0o555)
    defer { chmod(workspace.file("rules"), 0o755) }
    let failure = #expect(throws: RuleFileStep.Failure.self) { try step(nil, "one").make() }
    #expect(failure?.description.contains("Permission denied") == true)
    #expect(names == [])
  }

  @Test("who reads meanwhile sees one text or the other, and never half of one")
  func atomic() async throws {
    let texts = [String(repeating: "a", count: 200_000), String(repeating: "b", count: 150_000)]
    try step(nil, texts[0]).make()
    let path = workspace.file("rules/a.lua")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while !Task.isCancelled {
          let seen = String(decoding: try RuleFolder.contents(path), as: UTF8.self)
          #expect(texts.contains(seen), "\(seen.count) bytes")
          await Task.yield()
        }
      }
      for number in 0..<40 {
        try step(texts[number % 2], texts[(number + 1) % 2]).make()
        await Task.yield()
      }
      group.cancelAll()
      try await group.waitForAll()
    }
    #expect(names == ["a.lua"])
  }
}
