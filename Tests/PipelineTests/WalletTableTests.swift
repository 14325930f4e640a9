import Testing

@testable import Pipeline

@Suite struct WalletTableTests {
  @Test(
    "every spelling of the same table gives the same labels",
    arguments: [
      "wallet,label\n0xA,fund\n0xb,\"big, old\"\n", "wallet,label\r\n0xa,fund\r\n0xb,big, old",
      "\u{FEFF}wallet,label\n# a note\n\n  0xa , fund \n\"0xB\",\"big, old\"\n0xa,fund\n",
      "#first\n\nwallet,label\n0xa,fund\n   \n0xb,big, old\n",
    ])
  func spellings(_ text: String) throws {
    #expect(try WalletTable.parse(text, path: "p") == ["0xa": "fund", "0xb": "big, old"])
  }

  @Test("an empty table has no labels", arguments: ["", "\n", "wallet,label", "# nothing yet\n"])
  func empty(_ text: String) throws {
    #expect(try WalletTable.parse(text, path: "p").isEmpty)
  }

  @Test(
    "a wrong line is refused with its place",
    arguments: [
      ("0xa,fund\n", "p:1: the first line"), ("wallet,label\n0xa\n", "p:2: a line is"),
      ("wallet,label\n\n0xa,\n", "p:3: a line is"), ("wallet,label\r\n\r\n,fund\r\n", "p:3: a line is"),
      ("wallet,label\n0xa,fund\n0xA,sharp\n", "p:3: 0xa has the label fund above and sharp here"),
    ])
  func refused(_ text: String, _ expected: String) {
    do {
      Issue.record("accepted: \(try WalletTable.parse(text, path: "p"))")
    } catch {
      #expect(error.description.hasPrefix(expected))
    }
  }
}
