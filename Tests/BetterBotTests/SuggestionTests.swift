import Testing

@testable import betterbot

@Suite struct SuggestionTests {
  @Test(
    "a name one or two edits away is suggested, one edit for short names",
    arguments: [
      ("durabilty", "durability"), ("ruels", "rules"), ("dbb", "db"), ("lateness", "lateness"),
    ])
  func near(_ name: String, _ expected: String) {
    #expect(Suggestion.nearest(name, of: ["db", "rules", "durability", "lateness"]) == expected)
  }

  @Test("nothing near is nothing", arguments: ["colour", "x", "", String(repeating: "d", count: 70)])
  func far(_ name: String) {
    #expect(Suggestion.nearest(name, of: ["db", "rules", "durability", "lateness"]) == nil)
  }
}
