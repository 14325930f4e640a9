import OrderFlow
import Testing
import Wire

@Suite struct FramingTests {
  static let mixed =
    "\u{FEFF}\r\n \n" + Samples.bench + "\r\n" + Samples.event + "\n\n\t\n" + Samples.dome.with("{", "{\n\n ")
    + "\n"
    + "{\"type\":\"ack\"}\n{\"a\": nope}\n" + Samples.frame + " \t\r\n[" + Samples.row + ",\n" + Samples.bench
    + "]\n"
    + Samples.bench + Samples.bench + "\n{\"cut\":\n" + Samples.bench + "\n12 \n\"half\n"
    + "xxx\r\n" + Samples.bench + "\n[[" + Samples.row + "]]\n["
    + Samples.bench

  @Test("blank lines, CRLF, a byte order mark, pretty printing and bad lines between good ones")
  func mixedInput() {
    let bytes = Array(FramingTests.mixed.utf8)
    let result = scan(bytes)
    #expect(result == ReferenceScanner.scan(bytes))
    #expect(result.orders.count == 9 && result.skipped == 1)
    #expect(result.rejected.count == 7)
  }

  @Test("where the blocks of the input end changes nothing", arguments: [1, 512])
  func anySplit(capacity: Int) {
    let bytes = Array(FramingTests.mixed.utf8)
    var whole: [DeadLetter] = []
    let expected = scan(bytes) { whole.append($0) }
    for cut in 0...bytes.count {
      var letters: [DeadLetter] = []
      let result = scan(bytes, cuts: [cut], capacity: capacity) { letters.append($0) }
      if result != expected || letters != whole { Issue.record("cut at \(cut)") }
    }
  }

  @Test("a bad line longer than a dead letter keeps is cut at the same byte, however it comes")
  func longBadLine() {
    for length in [4094, 4095, 4096, 4097, 5000] {
      let bytes = Array((String(repeating: "x", count: length) + "\r\n" + Samples.row + "\n").utf8)
      for cut in [1, 4000, 4095, 4096, 4097, 4098, 4099] {
        var letters: [DeadLetter] = []
        #expect(scan(bytes, cuts: [cut]) { letters.append($0) }.orders.count == 1)
        #expect(letters.map(\.text.count) == [min(length, 4096)], "\(length) bytes cut at \(cut)")
      }
    }
  }

  @Test("an input that comes a byte at a time gives the same")
  func byteByByte() {
    let bytes = Array(FramingTests.mixed.utf8)
    #expect(scan(bytes, cuts: Array(1..<bytes.count)) == scan(bytes))
  }

  @Test("an array longer than the longest message is taken element by element, wherever it is cut")
  func longArray() {
    let bad = Samples.bench.with("0.46", "46")
    let rows = [
      Samples.bench, Samples.frame, bad, "[\n\(Samples.dome),\n5]", "7", "{\"orders\":[\(Samples.row)]}",
      "{}",
    ]
    var bytes = Array("[\n\(rows.joined(separator: ",\n")) ,\(Samples.bench) ]\n\(Samples.bench)\n".utf8)
    let expected = scan(bytes, maximum: 1500)
    #expect(expected == ReferenceScanner.scan(bytes))
    for cut in 0..<bytes.count {
      #expect(scan(bytes, cuts: [cut], maximum: 1500) == expected, "cut at \(cut)")
    }
    bytes.removeFirst(1)
    #expect(scan(bytes, maximum: 1500).orders.count < 6)
  }

  @Test("a fault in a long array costs one line of it")
  func faultInLongArray() {
    let lines = (0..<10).map { $0 == 5 ? "{\"broken\"," : Samples.bench + ($0 == 9 ? "" : ",") }
    let bytes = Array(("[\n" + lines.joined(separator: "\n") + "\n]\n" + Samples.bench).utf8)
    let result = scan(bytes, maximum: 1000)
    #expect(result.orders.count == 10)
    #expect(result.rejected.map(\.line) == [7])
    let open = "[\n" + lines.prefix(8).joined(separator: "\n").dropLast(20)
    let cut = scan(Array(open.utf8), maximum: 1000)
    #expect(cut.rejected.map(\.line) == [7, 9] && cut.orders.count == 6)
  }

  @Test("a message longer than the limit is rejected, and the next line is read")
  func longMessage() {
    let long = Samples.bench.with("\"side\"", "\"pad\":\"\(String(repeating: "p", count: 3000))\",\"side\"")
    var found: [String] = []
    let text = Array((Samples.bench + "\n" + long + "\n" + Samples.bench).utf8)
    #expect(scan(text, maximum: 2000) { found.append($0.reason) }.orders.count == 2)
    #expect(found == ["the message is longer than 2000 bytes"])
    for cut in stride(from: 0, to: text.count, by: 3) {
      #expect(scan(text, cuts: [cut], maximum: 2000) == scan(text, maximum: 2000))
    }
  }

  @Test("nesting is bounded: 512 levels are read, more are rejected, and a million do no harm")
  func nesting() {
    func nested(_ levels: Int) -> String {
      let inside = String(repeating: "[", count: levels - 1) + String(repeating: "]", count: levels - 1)
      return Samples.bench.with("\"side\"", "\"deep\":\(inside),\"side\"")
    }
    #expect(scan(Array(nested(512).utf8)).orders.count == 1)
    let found = reasons(nested(512) + "\n" + nested(513))
    #expect(found.count == 1 && found[0].hasPrefix("not JSON: nested deeper than 512 levels, at byte "))
    #expect(reasons(String(repeating: "[", count: 1_000_000)).count == 1)
    #expect(reasons(String(repeating: "{\"a\":", count: 200_000)).count == 1)
  }

  @Test("a dead letter names line, offset and reason, and keeps 4 KiB of the text")
  func deadLetter() throws {
    let bytes = Array(
      (Samples.bench + "\n\n  {\"a\" 1, \"pad\":\"" + String(repeating: "x", count: 9000)).utf8)
    var letters: [DeadLetter] = []
    _ = scan(bytes) { letters.append($0) }
    let letter = try #require(letters.first)
    #expect(letters.count == 1 && letter.line == 3 && letter.source == "test")
    #expect(letter.offset == UInt64(Samples.bench.utf8.count + 4))
    #expect(letter.reason == "not JSON: expected a colon after the key, at byte 5 of the message")
    #expect(letter.text.count == 4096)
  }

  @Test("texts are right when thousands of them had to be unescaped in one batch")
  func manyEscapes() {
    let title = String(repeating: "\\u00e9", count: 2000)
    let message = Samples.bench.with("\"side\"", "\"title\":\"\(title)\",\"side\"")
    let lines = Array((0..<700).map { _ in message }.joined(separator: "\n").utf8)
    let result = scan(lines)
    #expect(result.orders.count == 700)
    let expected = Array(String(repeating: "é", count: 2000).utf8)
    #expect(result.orders.allSatisfy { $0.texts[TextField.title.rawValue] == expected })
  }
}
