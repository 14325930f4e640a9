import Testing

@testable import RuleKit

@Suite("Files of a workspace")
struct WorkspaceFileTests {
  private let generated = GeneratedFile("new\n", comment: "--", version: 2)

  @Test("what is missing is made")
  func missing() {
    #expect(WorkspaceFile("a", text: "x").step(for: nil) == .make("x"))
    #expect(WorkspaceFile("a", generated).step(for: nil) == .make(generated.text))
    #expect(WorkspaceFile("a", .current).step(for: nil) == .make(LanguageServerSettings.current.text))
  }

  @Test("what was written once is the user's")
  func kept() {
    #expect(WorkspaceFile("a", text: "x").step(for: Array("y".utf8)) == .keep(remark: nil))
    #expect(WorkspaceFile("a", text: "x").step(for: []) == .keep(remark: nil))
  }

  @Test("a generated file is renewed when it differs, and left when it was edited")
  func generatedFiles() {
    let file = WorkspaceFile("a", generated)
    let older = GeneratedFile("old\n", comment: "--", version: 1).text
    #expect(file.step(for: Array(generated.text.utf8)) == .keep(remark: nil))
    #expect(file.step(for: Array(older.utf8)) == .renew(generated.text))
    guard case .keep(_?) = file.step(for: Array((older + "-- mine\n").utf8)) else {
      Issue.record("an edited file was renewed")
      return
    }
  }

  @Test("each file lies somewhere else, inside the workspace")
  func paths() {
    let paths = Workspace.files(configuration: "").map(\.path)
    #expect(Set(paths).count == paths.count)
    #expect(!paths.contains { $0.hasPrefix("/") || $0.contains("..") })
    #expect(paths.contains("library/betterbot.lua"))
    let others = Workspace.files(configuration: "", hasRules: true).map(\.path)
    #expect(others == paths.filter { !$0.hasPrefix("rules/") } && others.count < paths.count)
  }

  @Test("the settings are those of the example, without the parameters of rules that are not there")
  func configuration() {
    let text = Workspace.configuration(
      example:
        "# About the example.\n# Copy it.\n#\n# Keys.\n\nrules: rules\n\n# P.\nparams:\n  a:\n    b: 1\n\nfeeds:\n  x: 1\n"
    )
    #expect(
      text
        == "# The settings of this workspace, with every key. All of them may be left out.\n#\n# Keys.\n\nrules: rules\n\n# P.\n#params:\n#  a:\n#    b: 1\n\nfeeds:\n  x: 1\n"
    )
  }
}
