import COrderFlow
import OrderFlow
import Wire

// What must hold for any bytes: nothing traps, and neither speculation, nor the size of a batch, nor where
// the blocks of the input end changes what comes out.

/// Everything a scan brings, as one number.
private struct Digest {
  private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func mix(_ number: UInt64) { value = (value ^ number) &* 0x100_0000_01B3 }

  mutating func mix(_ text: bb_text) {
    mix(UInt64(text.count))
    for byte in UnsafeBufferPointer(start: text.bytes, count: Int(text.count)) { mix(UInt64(byte)) }
  }

  mutating func mix(_ order: Order) {
    for number in [
      order.time, order.price, order.shares, order.usd, order.usd_floor, order.block_number, order.log_index,
    ] {
      mix(UInt64(bitPattern: number))
    }
    for number in [order.offset, order.line, UInt64(order.side), UInt64(order.venue), UInt64(order.role)] {
      mix(number)
    }
    for field in TextField.allCases { mix(order[field]) }
  }
}

private func scan(
  _ input: UnsafeRawBufferPointer, cuts: [Int], capacity: Int, speculates: Bool, maximum: Int
) -> [UInt64] {
  var options = ScannerOptions()
  options.speculates = speculates
  options.maximumMessageBytes = maximum
  var scanner = OrderScanner(options)
  var batch = OrderBatch(capacity: capacity)
  var orders = Digest()
  var letters = Digest()
  func drain(_ scanner: inout OrderScanner, _ batch: inout OrderBatch) {
    var state = ScanState.more
    while state == .more {
      state = scanner.next(into: &batch)
      for order in batch.orders { orders.mix(order) }
      for letter in batch.deadLetters {
        letters.mix(letter.line)
        letters.mix(letter.offset)
        for byte in letter.reason.utf8 { letters.mix(UInt64(byte)) }
        for byte in letter.text { letters.mix(UInt64(byte)) }
      }
    }
  }
  var start = 0
  for end in cuts.sorted() + [input.count] {
    scanner.append(UnsafeRawBufferPointer(rebasing: input[start..<end]))
    drain(&scanner, &batch)
    start = end
  }
  scanner.finish()
  drain(&scanner, &batch)
  let counters = scanner.counters
  return [orders.value, letters.value, counters.orders, counters.rejected, counters.skipped, counters.bytes]
}

/// Scans the input in several ways that must agree; called by libFuzzer.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzScanner(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  guard size >= 4 else { return 0 }
  // The first bytes choose how the rest is cut and how long a message may be.
  let input = UnsafeRawBufferPointer(start: data + 4, count: size - 4)
  let cuts = [Int(data[0]) | Int(data[1]) << 8, Int(data[2])].map { $0 % (input.count + 1) }
  let maximum = data[3] & 1 == 0 ? 16 << 20 : 64 + Int(data[3]) * 8
  let expected = scan(input, cuts: [], capacity: 40, speculates: true, maximum: maximum)
  let others = [
    scan(input, cuts: [], capacity: 40, speculates: false, maximum: maximum),
    scan(input, cuts: cuts, capacity: 3, speculates: true, maximum: maximum),
    scan(input, cuts: cuts, capacity: 1, speculates: false, maximum: maximum),
  ]
  precondition(others.allSatisfy { $0 == expected }, "\(expected) differs from \(others)")
  _ = JSONText.isStrict(input.bindMemory(to: UInt8.self))
  return 0
}
