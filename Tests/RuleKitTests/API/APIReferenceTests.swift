import Testing

@testable import RuleKit

@Suite("The reference")
struct APIReferenceTests {
  @Test("docs/reference.md is what the program prints: betterbot debug reference > docs/reference.md")
  func isCurrent() {
    let file = Scenery.bytes(Scenery.root + "/docs/reference.md") ?? []
    #expect(String(decoding: file, as: UTF8.self) == APIReference.text)
  }

  @Test("each function stands once, in a row of three cells")
  func rows() {
    let rows = APIReference.text.split(separator: "\n").filter { $0.hasPrefix("| ") }
    for function in APIDescription.current.functions {
      let start = function.signature.split(separator: " -> ")[0].split(separator: "|")
        .joined(separator: "\\|")
      let own = rows.filter { $0.hasPrefix("| `\(start)` |") }
      #expect(own.count == 1, "\(function.name)")
      #expect(own.first?.hasSuffix("| \(function.doc) |") == true, "\(function.name)")
    }
  }
}
