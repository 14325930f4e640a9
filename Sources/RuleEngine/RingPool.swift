/// Memory for the rings of a window's groups: small rings that are given back wait here to be taken again.
///
/// Groups come and go with almost every order of a wallet that trades rarely; the system's allocator was an
/// eighth of the time of such a window.
struct RingPool: ~Copyable {
  /// Capacities 4, 8, … 256 wait; bigger rings go back to the system.
  private static var classes: Int { 7 }
  /// Rings of one capacity that wait at most.
  private static var limit: Int { 4096 }

  private let stride: Int
  private let waiting: UnsafeMutablePointer<(first: UnsafeMutablePointer<Int64>?, count: Int)>

  /// A pool of rings whose items have `stride` words.
  init(stride: Int) {
    self.stride = stride
    waiting = .allocate(capacity: RingPool.classes)
    waiting.initialize(repeating: (nil, 0), count: RingPool.classes)
  }

  deinit {
    for place in 0..<RingPool.classes {
      while let ring = waiting[place].first {
        waiting[place].first = RingPool.next(ring)
        ring.deallocate()
      }
    }
    waiting.deallocate()
  }

  /// A ring with room for `capacity` items, a power of two from 4.
  @inline(__always)
  func take(capacity: Int32) -> UnsafeMutablePointer<Int64> {
    let place = capacity.trailingZeroBitCount - 2
    if place < RingPool.classes, let ring = waiting[place].first {
      waiting[place] = (RingPool.next(ring), waiting[place].count - 1)
      return ring
    }
    return .allocate(capacity: Int(capacity) * stride)
  }

  /// Takes a ring back.
  @inline(__always)
  func give(_ ring: UnsafeMutablePointer<Int64>, capacity: Int32) {
    let place = capacity.trailingZeroBitCount - 2
    if place >= RingPool.classes || waiting[place].count >= RingPool.limit {
      ring.deallocate()
      return
    }
    // The first word of a waiting ring links to the next one.
    UnsafeMutableRawPointer(ring).storeBytes(of: waiting[place].first, as: UnsafeMutablePointer<Int64>?.self)
    waiting[place] = (ring, waiting[place].count + 1)
  }

  @inline(__always)
  private static func next(_ ring: UnsafeMutablePointer<Int64>) -> UnsafeMutablePointer<Int64>? {
    UnsafeRawPointer(ring).load(as: UnsafeMutablePointer<Int64>?.self)
  }
}
