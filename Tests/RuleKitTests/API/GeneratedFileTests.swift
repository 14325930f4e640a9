import Testing

@testable import RuleKit

@Suite("Generated files")
struct GeneratedFileTests {
  private let file = GeneratedFile("one\ntwo\n", comment: "--", version: 1)

  @Test("the first line says what it is")
  func firstLine() {
    #expect(file.text.hasPrefix("-- Made by `betterbot init`"))
    #expect(file.text.contains("API version 1, checksum "))
    #expect(file.text.hasSuffix("\none\ntwo\n"))
  }

  @Test("one of another version is known as unedited")
  func otherVersion() {
    #expect(GeneratedFile.isUnedited(GeneratedFile("three\n", comment: "#", version: 9).text))
  }

  @Test("an edit is known as one", arguments: ["one\ntwo", "one\ntwo\n\n", "one\nTwo\n", ""])
  func edited(_ body: String) {
    let first = file.text.prefix { $0 != "\n" }
    #expect(GeneratedFile.isUnedited(first + "\none\ntwo\n"))
    #expect(!GeneratedFile.isUnedited(first + "\n" + body))
  }

  @Test("so is a file of somebody else", arguments: ["", "x", "-- checksum 0\n", "\n\n"])
  func others(_ text: String) { #expect(!GeneratedFile.isUnedited(text)) }
}
