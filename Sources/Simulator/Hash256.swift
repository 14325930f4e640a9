/// A transaction or order hash: 32 bytes in place, or the number of an unusual text in the pool.
struct Hash256: Hashable, Sendable {
  private var words: (UInt64, UInt64, UInt64, UInt64)
  private var kind: Kind

  private enum Kind: UInt8 { case absent, bytes, text }

  /// No hash.
  static let absent = Hash256(words: (0, 0, 0, 0), kind: .absent)

  private init(words: (UInt64, UInt64, UInt64, UInt64), kind: Kind) {
    self.words = words
    self.kind = kind
  }

  /// A made-up hash.
  init(random: inout SeededRandom) {
    words = (random.next(), random.next(), random.next(), random.next())
    kind = .bytes
  }

  /// What a message carries: empty is absent, 0x and 64 lower-case digits are bytes, all else goes to the pool.
  init(_ text: UnsafeBufferPointer<UInt8>, pool: inout TextPool) {
    if text.isEmpty {
      self = .absent
      return
    }
    if let words = Hash256.parse(text) {
      self.init(words: words, kind: .bytes)
    } else {
      self.init(words: (UInt64(pool.intern(text)), 0, 0, 0), kind: .text)
    }
  }

  /// Whether the venue has one.
  var isPresent: Bool { kind != .absent }

  /// A hash of its own for each pass of the flow; the same for the first, and for what is no hash.
  func shifted(by pass: Int) -> Hash256 {
    guard pass > 0, kind == .bytes else { return self }
    var random = SeededRandom(seed: UInt64(pass))
    var copy = self
    copy.words.1 ^= random.next()
    copy.words.2 ^= random.next()
    return copy
  }

  /// Appends the text.
  func append(to bytes: inout [UInt8], pool: TextPool) {
    switch kind {
    case .absent: break
    case .text: bytes.append(contentsOf: pool[UInt32(truncatingIfNeeded: words.0)])
    case .bytes:
      bytes.append(UInt8(ascii: "0"))
      bytes.append(UInt8(ascii: "x"))
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { space in
        Hash256.write(words.0, to: space, at: 0)
        Hash256.write(words.1, to: space, at: 16)
        Hash256.write(words.2, to: space, at: 32)
        Hash256.write(words.3, to: space, at: 48)
        bytes.append(contentsOf: UnsafeBufferPointer(space))
      }
    }
  }

  static func == (left: Hash256, right: Hash256) -> Bool {
    left.kind == right.kind && left.words == right.words
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.3)
  }

  private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> (UInt64, UInt64, UInt64, UInt64)? {
    guard text.count == 66, text[0] == UInt8(ascii: "0"), text[1] == UInt8(ascii: "x") else { return nil }
    guard let first = word(text, 2), let second = word(text, 18), let third = word(text, 34),
      let fourth = word(text, 50)
    else { return nil }
    return (first, second, third, fourth)
  }

  private static func word(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> UInt64? {
    var value: UInt64 = 0
    for place in start..<start + 16 {
      let digit = text[place]
      switch digit {
      case 0x30...0x39: value = value &<< 4 | UInt64(digit &- 0x30)
      case 0x61...0x66: value = value &<< 4 | UInt64(digit &- 0x57)
      default: return nil
      }
    }
    return value
  }

  private static func write(_ word: UInt64, to space: UnsafeMutableBufferPointer<UInt8>, at start: Int) {
    for place in 0..<16 {
      let nibble = UInt8(truncatingIfNeeded: (word &>> UInt64(60 - 4 * place)) & 15)
      space[start + place] = nibble < 10 ? 0x30 &+ nibble : 0x57 &+ nibble
    }
  }
}
