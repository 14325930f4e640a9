import Testing

@testable import Broadcast

@Suite("UTF-8 in pieces")
struct UTF8CheckerTests {
  private func isText(_ bytes: [UInt8], piece: Int) -> Bool {
    var checker = UTF8Checker()
    var start = 0
    while start < bytes.count {
      let end = min(start + piece, bytes.count)
      guard Array(bytes[start..<end]).withUnsafeBytes({ checker.accept($0) }) else { return false }
      start = end
    }
    return checker.isComplete
  }

  @Test("it agrees with the standard library about all that begins with two or three bytes")
  func allShort() {
    for first in UInt8.min ... .max {
      for second in UInt8.min ... .max {
        for rest in [[], [0x80], [0xBF], [0x41], [0x80, 0x80], [0xBF, 0xBF]] as [[UInt8]] {
          let bytes = [first, second] + rest
          if isText(bytes, piece: 1) != (String(validating: bytes, as: UTF8.self) != nil) {
            Issue.record("\(bytes)")
          }
        }
      }
    }
  }

  @Test(
    "it agrees with the standard library about text with an error anywhere, in pieces of any size",
    arguments: 1...20)
  func damaged(piece: Int) {
    let text = Array("Zürich 東京 🙂 and sixteen more ASCII bytes, é".utf8)
    #expect(isText(text, piece: piece))
    for index in text.indices {
      for byte in [0x00, 0x80, 0xBF, 0xC0, 0xE0, 0xED, 0xF4, 0xFF] as [UInt8] {
        var bytes = text
        bytes[index] = byte
        #expect(isText(bytes, piece: piece) == (String(validating: bytes, as: UTF8.self) != nil))
      }
    }
  }
}
