import NIOCore
import Testing

@testable import Broadcast

@Suite("Frames of a client")
struct FrameReaderTests {
  typealias Event = FrameReader.Event

  /// What is read of bytes that come in pieces of these sizes, again and again.
  static func read(_ bytes: [UInt8], limit: Int = 1000, pieces: [Int] = [Int.max]) -> [Event] {
    var reader = FrameReader(maximumMessageBytes: limit)
    var events: [Event] = []
    var start = 0
    var turn = 0
    while start < bytes.count {
      let end = start + min(pieces[turn % pieces.count], bytes.count - start)
      Array(bytes[start..<end]).withUnsafeBytes { piece in
        var offset = 0
        while let event = reader.next(piece, from: &offset) { events.append(event) }
        #expect(offset == piece.count)
      }
      start = end
      turn += 1
    }
    return events
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let bytes: [UInt8]
    let events: [Event]
    var testDescription: String { name }

    init(_ name: String, _ frames: [ClientFrame], _ events: Event...) {
      self.name = name
      bytes = frames.flatMap(\.bytes)
      self.events = events
    }
  }

  static func violation(_ text: String) -> Event { .violation(.protocolError, text) }
  static let notText = Event.violation(.invalidText, "a text that is not UTF-8")
  static let long = [UInt8](repeating: 7, count: 126)

  static let right = [
    Case("a text", [.init(1, "hällo")], .text(Array("hällo".utf8))),
    Case("an empty text", [.init(1)], .text([])),
    Case("bytes", [.init(2, [0, 255])], .binary([0, 255])),
    Case("125 bytes", [.init(2, Array(long.dropLast()))], .binary(Array(long.dropLast()))),
    Case("126 bytes", [.init(2, long)], .binary(long)),
    Case(
      "a message in pieces", [.init(1, "a", isFinal: false), .init(0, "b", isFinal: false), .init(0, "c")],
      .text(Array("abc".utf8))),
    Case(
      "a character in pieces", [.init(1, [0xF0, 0x9F], isFinal: false), .init(0, [0x98, 0x80])],
      .text([0xF0, 0x9F, 0x98, 0x80])),
    Case(
      "a ping between pieces", [.init(1, "a", isFinal: false), .init(9, "p"), .init(0, "b")],
      .ping(Array("p".utf8)), .text(Array("ab".utf8))),
    Case("empty pieces", [.init(2, isFinal: false), .init(0, isFinal: false), .init(0)], .binary([])),
    Case("ping and pong", [.init(9), .init(10, "x")], .ping([]), .pong(Array("x".utf8))),
    Case(
      "two messages", [.init(1, "a"), .init(2, [1])], .text(Array("a".utf8)), .binary([1])),
    Case("an empty close", [.init(8)], .close(nil, reason: "")),
    Case("a close with a reason", [.init(8, [3, 232] + Array("bye".utf8))], .close(.normal, reason: "bye")),
    Case("nothing after a close", [.init(8), .init(1, "a")], .close(nil, reason: "")),
    Case("a mask of zeros", [.init(1, Array("abc".utf8), mask: [0, 0, 0, 0])], .text(Array("abc".utf8))),
  ]

  static let wrong = [
    Case("no mask", [.init(1, [1], mask: nil)], violation("a frame without a mask")),
    Case("reserved bit 1", [.init(1, [1], reserved: 4)], violation("reserved bits are set")),
    Case("reserved bit 2", [.init(1, [1], reserved: 2)], violation("reserved bits are set")),
    Case("reserved bit 3", [.init(9, [1], reserved: 1)], violation("reserved bits are set")),
    Case("a ping in pieces", [.init(9, isFinal: false)], violation("a control frame in pieces")),
    Case("a large ping", [.init(9, long)], violation("a control frame of more than 125 bytes")),
    Case("a large close", [.init(8, long)], violation("a control frame of more than 125 bytes")),
    Case("a rest of nothing", [.init(0)], violation("the rest of a message that did not begin")),
    Case(
      "a rest after the end", [.init(1, "a"), .init(0)], .text(Array("a".utf8)),
      violation("the rest of a message that did not begin")),
    Case(
      "a message inside of another", [.init(1, isFinal: false), .init(1)],
      violation("a new message before the end of the last one")),
    Case(
      "a long form of 2 bytes", [.init(1, [65], lengthBytes: 2)],
      violation("a length in a longer form than needed")),
    Case(
      "a long form of 8 bytes", [.init(1, long, lengthBytes: 8)],
      violation("a length in a longer form than needed")),
    Case(
      "the top bit of a length", [.init(1, [], claimed: 1 << 63)], violation("a length of more than 63 bits")),
    Case("a close of one byte", [.init(8, [3])], violation("a close frame of one byte")),
    Case(
      "a reason that is no text", [.init(8, [3, 232, 0xFF])],
      .violation(.invalidText, "a reason that is not UTF-8")),
    Case("no text", [.init(1, [0xC0])], notText),
    Case(
      "half a character", [.init(1, [0xE2, 0x82])],
      .violation(.invalidText, "a text that ends inside of a character")),
    Case(
      "nothing after a violation", [.init(0), .init(1, "a"), .init(8)],
      violation("the rest of a message that did not begin")),
  ]

  @Test("what is right is read, however it is cut", arguments: right, [[Int.max], [1], [3, 1, 7]])
  func readsRight(sample: Case, pieces: [Int]) {
    #expect(FrameReaderTests.read(sample.bytes, pieces: pieces) == sample.events)
  }

  @Test("what breaks a rule ends it", arguments: wrong, [[Int.max], [1], [3, 1, 7]])
  func refusesWrong(sample: Case, pieces: [Int]) {
    #expect(FrameReaderTests.read(sample.bytes, pieces: pieces) == sample.events)
  }

  @Test(
    "kinds of frames that are not defined end it", arguments: [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] as [UInt8])
  func opcodes(opcode: UInt8) {
    let expected = FrameReaderTests.violation("a frame of an unknown kind")
    #expect(FrameReaderTests.read(ClientFrame(opcode).bytes) == [expected])
  }

  @Test("close codes that may not be sent end it")
  func closeCodes() {
    let good: Set<UInt16> = Set(1000...1003).union(1007...1014).union(3000...4999)
    for code in [0, 999, 1000, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 4999, 5000, .max] + Array(good)
    {
      let events = FrameReaderTests.read(ClientFrame.close(code))
      let expected: Event =
        good.contains(code)
        ? .close(CloseCode(rawValue: code), reason: "") : FrameReaderTests.violation("the close code \(code)")
      #expect(events == [expected])
    }
  }

  @Test("a broken rule is found at the byte that breaks it")
  func early() {
    let notText = ClientFrame(1, [65, 66, 0xF8], claimed: 1_000).bytes
    #expect(FrameReaderTests.read(notText) == [FrameReaderTests.notText])
    #expect(FrameReaderTests.read(Array(notText.dropLast())) == [])
    // The second byte of a surrogate, of an overlong form and of a number over 0x10FFFF.
    for bytes in [[0xED, 0xA0], [0xE0, 0x9F], [0xF0, 0x8F], [0xF4, 0x90]] as [[UInt8]] {
      #expect(FrameReaderTests.read(ClientFrame(1, bytes, claimed: 500).bytes) == [FrameReaderTests.notText])
    }
    #expect(
      FrameReaderTests.read([0x89, 0xFE]) == [
        FrameReaderTests.violation("a control frame of more than 125 bytes")
      ])
  }

  @Test("a message over the limit is refused by its header, one at the limit is read")
  func limit() {
    let tooBig = Event.violation(.tooBig, "a message of more than 10 bytes")
    let ten = [UInt8](repeating: 1, count: 10)
    #expect(FrameReaderTests.read(ClientFrame(2, ten).bytes, limit: 10) == [.binary(ten)])
    #expect(FrameReaderTests.read([0x82, 0x80 | 11], limit: 10) == [tooBig])
    #expect(FrameReaderTests.read(ClientFrame(2, [], claimed: .max >> 1).bytes, limit: 10) == [tooBig])
    let pieces = ClientFrame(2, ten, isFinal: false).bytes + ClientFrame(9, ten).bytes
    #expect(FrameReaderTests.read(pieces + [0x80, 0x81], limit: 10) == [.ping(ten), tooBig])
    #expect(FrameReaderTests.read(pieces + ClientFrame(0).bytes, limit: 10) == [.ping(ten), .binary(ten)])
  }

  @Test("random messages come through random cuts", arguments: 1...15)
  func random(seed: Int) {
    var dice = Dice(state: UInt64(seed))
    var bytes: [UInt8] = []
    var expected: [Event] = []
    for _ in 0..<30 {
      let payload = (0..<Int.random(in: 0...(dice.next() % 9 == 0 ? 70_000 : 200), using: &dice)).map { _ in
        UInt8.random(in: .min ... .max, using: &dice)
      }
      expected.append(.binary(payload))
      var rest = payload[...]
      var opcode: UInt8 = 2
      while Int.random(in: 0...3, using: &dice) == 0 {
        let part = rest.prefix(Int.random(in: 0...rest.count, using: &dice))
        rest = rest.dropFirst(part.count)
        let mask = (0..<4).map { _ in UInt8.random(in: .min ... .max, using: &dice) }
        bytes += ClientFrame(opcode, Array(part), isFinal: false, mask: mask).bytes
        opcode = 0
        if Bool.random(using: &dice) {
          expected.insert(.ping([1, 2]), at: expected.count - 1)
          bytes += ClientFrame(9, [1, 2]).bytes
        }
      }
      bytes += ClientFrame(opcode, Array(rest)).bytes
    }
    let pieces = (0..<50).map { _ in Int.random(in: 1...(Bool.random(using: &dice) ? 5 : 5_000), using: &dice)
    }
    #expect(FrameReaderTests.read(bytes, limit: 100_000, pieces: pieces) == expected)
  }

  @Test(
    "the frames of the server say their length in the shortest form",
    arguments: [0, 125, 126, 65_535, 65_536])
  func written(count: Int) {
    let payload = [UInt8](repeating: 65, count: count)
    let expected = ClientFrame(1, payload, mask: nil).bytes
    #expect(Array(Frame.text(utf8: payload).readableBytesView) == expected)
    #expect(Array(Frame.text(String(decoding: payload, as: UTF8.self)).readableBytesView) == expected)
    #expect(Array(Frame.binary(payload).readableBytesView) == ClientFrame(2, payload, mask: nil).bytes)
  }

  @Test("a reason that is too long is cut between characters")
  func longReason() {
    let frame = Array(Frame.close(.policy, reason: String(repeating: "ä", count: 100)).readableBytesView)
    #expect(frame.count == 2 + 2 + 122)
    #expect(String(validating: frame[4...], as: UTF8.self) != nil)
  }
}

/// Random numbers that are the same each time.
struct Dice: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
