internal import CScan

extension JSONScanner {
  /// Reads a string from the byte after its opening quote; returns the place after its closing quote.
  mutating func string(_ start: BytePointer) -> BytePointer? {
    var escaped = false
    guard let close = stringEnd(start, &escaped) else { return nil }
    return close + 1
  }

  /// The closing quote of the string that begins at `start`; sets `escaped` when it holds a backslash.
  mutating func stringEnd(_ start: BytePointer, _ escaped: inout Bool) -> BytePointer? {
    var at: BytePointer = bbscan_stop(start)
    while at.pointee != Byte.quote {
      if at.pointee == Byte.backslash {
        guard let next = escape(at) else { return nil }
        escaped = true
        at = bbscan_stop(next)
      } else if at.pointee >= 0x80 {
        guard let next = sequence(at) else { return nil }
        // Text that is not Latin has one sequence after another: no search in between.
        at = next.pointee >= 0x80 ? next : bbscan_stop(next)
      } else {
        return fail(.control, at)
      }
    }
    return at
  }

  private mutating func escape(_ slash: BytePointer) -> BytePointer? {
    switch slash[1] {
    case Byte.quote, Byte.backslash, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return slash + 2
    case Byte.letterU: break
    default: return fail(.escape, slash + 1)
    }
    guard let unit = hex(slash + 2) else { return nil }
    guard unit & 0xF800 == 0xD800 else { return slash + 6 }
    // RFC 8259 leaves half a pair open; it has no UTF-8 spelling, so it could not be stored or printed.
    guard unit < 0xDC00 else { return fail(.surrogate, slash) }
    guard slash[6] == Byte.backslash else { return fail(.surrogate, slash + 6) }
    guard slash[7] == Byte.letterU else { return fail(.surrogate, slash + 7) }
    guard let low = hex(slash + 8) else { return nil }
    return low & 0xFC00 == 0xDC00 ? slash + 12 : fail(.surrogate, slash)
  }

  private mutating func hex(_ start: BytePointer) -> UInt32? {
    var unit: UInt32 = 0
    for place in 0..<4 {
      guard let digit = Byte.hex(start[place]) else {
        _ = fail(.escape, start + place)
        return nil
      }
      unit = unit &<< 4 | digit
    }
    return unit
  }

  /// Reads one UTF-8 sequence of two to four bytes.
  ///
  /// RFC 3629: no overlong forms, no surrogates, at most U+10FFFF.
  private mutating func sequence(_ start: BytePointer) -> BytePointer? {
    let length: Int
    var low: UInt8 = 0x80
    var high: UInt8 = 0xBF
    switch start.pointee {
    case 0xC2...0xDF: length = 2
    case 0xE0: (length, low) = (3, 0xA0)
    case 0xED: (length, high) = (3, 0x9F)
    case 0xE1...0xEF: length = 3
    case 0xF0: (length, low) = (4, 0x90)
    case 0xF1...0xF3: length = 4
    case 0xF4: (length, high) = (4, 0x8F)
    default: return fail(.encoding, start)
    }
    guard start[1] >= low, start[1] <= high else { return fail(.encoding, start + 1) }
    for place in 2..<max(length, 2) where start[place] & 0xC0 != 0x80 {
      return fail(.encoding, start + place)
    }
    return start + length
  }
}
