import Testing

@testable import Documents

@Suite struct NearestNameTests {
  @Test(
    "a name one or two edits away is suggested, one edit for short names",
    arguments: [
      ("durabilty", "durability"), ("ruels", "rules"), ("dbb", "db"), ("lateness", "lateness"),
    ])
  func near(_ name: String, _ expected: String) {
    #expect(NearestName.nearest(name, of: ["db", "rules", "durability", "lateness"]) == expected)
  }

  @Test("nothing near is nothing", arguments: ["colour", "x", "", String(repeating: "d", count: 70)])
  func far(_ name: String) {
    #expect(NearestName.nearest(name, of: ["db", "rules", "durability", "lateness"]) == nil)
  }
}
