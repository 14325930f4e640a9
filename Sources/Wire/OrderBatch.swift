public import COrderFlow
public import OrderFlow

/// The orders and dead letters that one call of the scanner brought.
///
/// The texts of the orders point into the scanner: they are valid until it is called again.
public struct OrderBatch: ~Copyable {
  /// The most orders it takes.
  public let capacity: Int
  /// How many orders it holds.
  public private(set) var count = 0
  /// The messages that were rejected, in the order of the input.
  public internal(set) var deadLetters: [DeadLetter] = []

  let storage: UnsafeMutablePointer<Order>

  /// Room for `capacity` orders, at least one.
  public init(capacity: Int = 512) {
    self.capacity = max(capacity, 1)
    storage = .allocate(capacity: self.capacity)
    storage.initialize(repeating: Order(), count: self.capacity)
  }

  deinit { storage.deallocate() }

  /// The orders, for the engine to number and intern them in place.
  public var orders: UnsafeMutableBufferPointer<Order> {
    UnsafeMutableBufferPointer(start: storage, count: count)
  }

  /// Forgets everything; the memory is kept.
  public mutating func removeAll() {
    count = 0
    if !deadLetters.isEmpty { deadLetters.removeAll(keepingCapacity: true) }
  }

  /// Moves the places of dead letters by what came before the scanner's input.
  public mutating func moveDeadLetters(lines: UInt64, bytes: UInt64) {
    for place in deadLetters.indices {
      deadLetters[place].line &+= lines
      deadLetters[place].offset &+= bytes
    }
  }

  /// Whether no more should be added: dead letters carry a copy of their text, so few are taken at a time.
  @inline(__always)
  var isFull: Bool { count == capacity || deadLetters.count >= 64 }

  /// Where the next order goes; only when not full.
  @inline(__always)
  var slot: UnsafeMutablePointer<Order> { storage + count }

  /// Takes the order in the slot.
  @inline(__always)
  mutating func accept(offset: UInt64, line: UInt64) {
    storage[count].offset = offset
    storage[count].line = line
    count &+= 1
  }
}
