import Glibc
import Testing

/// A change of a rules folder that must be noticed.
struct FolderChange: Sendable, CustomTestStringConvertible {
  let testDescription: String
  /// Makes what is there before, beside `rules/a.lua`.
  var prepare: @Sendable (Workspace) throws -> Void
  var make: @Sendable (Workspace) throws -> Void

  init(
    _ name: String, before prepare: @escaping @Sendable (Workspace) throws -> Void = { _ in },
    _ make: @escaping @Sendable (Workspace) throws -> Void
  ) {
    testDescription = name
    self.prepare = prepare
    self.make = make
  }

  static let files: [FolderChange] = [
    FolderChange("a rule is written in place") { try $0.write("longer", to: "rules/a.lua") },
    FolderChange("a rule is new") { try $0.write("", to: "rules/b.lua") },
    FolderChange("a rule is gone") { $0.remove("rules/a.lua") },
    FolderChange("a rule is renamed") { $0.move("rules/a.lua", "rules/b.lua") },
    FolderChange("a rule is moved away") { $0.move("rules/a.lua", "a.lua") },
    FolderChange("a rule is moved in", before: { try $0.write("x", to: "b.lua") }) {
      $0.move("b.lua", "rules/b.lua")
    },
    FolderChange(
      "an editor renames a temporary file over a rule",
      before: { try $0.write("longer", to: "rules/.a.lua.tmp") }
    ) { $0.move("rules/.a.lua.tmp", "rules/a.lua") },
    FolderChange("an editor moves the old file away and writes a new one") {
      $0.move("rules/a.lua", "rules/a.lua~")
      try $0.write("longer", to: "rules/a.lua")
    },
    FolderChange("a rule gets a second name") { $0.link("rules/a.lua", "rules/b.lua") },
    FolderChange("a rule is a link") { $0.symlink("a.lua", "rules/b.lua") },
    FolderChange("a rule becomes unreadable") { chmod($0.file("rules/a.lua"), 0) },
    FolderChange("a library is written", before: { try $0.write("x", to: "rules/lib/l.lua") }) {
      try $0.write("longer", to: "rules/lib/l.lua")
    },
    FolderChange("a table is written", before: { try $0.write("x", to: "rules/tables/t.csv") }) {
      try $0.write("longer", to: "rules/tables/t.csv")
    },
    FolderChange("the hold begins") { try $0.write("", to: "rules/.hold") },
    FolderChange("the hold ends", before: { try $0.write("", to: "rules/.hold") }) {
      $0.remove("rules/.hold")
    },
    FolderChange(
      "what a link leads to is written",
      before: {
        try $0.write("x", to: "elsewhere/b.lua")
        $0.symlink("../elsewhere/b.lua", "rules/b.lua")
      }
    ) { try $0.write("longer", to: "elsewhere/b.lua") },
  ]

  static let folders: [FolderChange] = [
    FolderChange("the first library comes") { try $0.write("x", to: "rules/lib/l.lua") },
    FolderChange("the first table comes") { try $0.write("x", to: "rules/tables/t.csv") },
    FolderChange("the libraries go", before: { try $0.write("x", to: "rules/lib/l.lua") }) {
      $0.move("rules/lib", "old")
    },
    FolderChange(
      "a link to the libraries is swapped",
      before: {
        try $0.write("x", to: "one/l.lua")
        try $0.write("x", to: "two/l.lua")
        $0.symlink("../one", "rules/lib")
        $0.symlink("../two", "rules/next")
      }
    ) { $0.move("rules/next", "rules/lib") },
    FolderChange("the folder is removed and made again") {
      $0.remove("rules/a.lua")
      rmdir($0.file("rules"))
      try $0.write("x", to: "rules/a.lua")
    },
    FolderChange("the folder is replaced", before: { try $0.write("x", to: "next/a.lua") }) {
      $0.move("rules", "old")
      $0.move("next", "rules")
    },
    FolderChange("the folder comes", before: { $0.move("rules", "later") }) { $0.move("later", "rules") },
    FolderChange("ln -sfn swaps a link to the folder", before: releases) {
      $0.remove("rules")
      $0.symlink("releases/2", "rules")
    },
    FolderChange(
      "a rename swaps a link to the folder",
      before: {
        try releases($0)
        $0.symlink("releases/2", "next")
      }
    ) { $0.move("next", "rules") },
    FolderChange(
      "a link behind the link is swapped",
      before: {
        try releases($0)
        $0.symlink("releases/1", "current")
        $0.symlink("releases/2", "next")
        $0.remove("rules")
        $0.symlink($0.file("current"), "rules")
      }
    ) { $0.move("next", "current") },
    FolderChange(
      "a mounted configuration map of Kubernetes is updated",
      before: {
        try $0.write("x", to: "rules/..1/b.lua")
        try $0.write("x", to: "rules/..2/b.lua")
        $0.symlink("..1", "rules/..data")
        $0.symlink("..2", "rules/..data_tmp")
        $0.symlink("..data/b.lua", "rules/b.lua")
      }
    ) { $0.move("rules/..data_tmp", "rules/..data") },
  ]

  /// Two releases; `rules` is a link to the first.
  private static let releases: @Sendable (Workspace) throws -> Void = { workspace in
    try workspace.write("x", to: "releases/2/a.lua")
    workspace.move("rules", "releases/1")
    workspace.symlink("releases/1", "rules")
  }
}

extension Workspace {
  func remove(_ name: String) { #expect(unlink(file(name)) == 0, "\(name)") }
  func move(_ from: String, _ to: String) { #expect(rename(file(from), file(to)) == 0, "\(from), \(to)") }
  func link(_ from: String, _ to: String) { #expect(Glibc.link(file(from), file(to)) == 0, "\(to)") }
  func symlink(_ target: String, _ name: String) {
    #expect(Glibc.symlink(target, file(name)) == 0, "\(name)")
  }
}
