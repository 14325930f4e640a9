/// The way through a message that holds many: which arrays it is inside, and how far it got.
///
/// A message may bring more orders than fit a batch, so this outlives a call. Places count from the message's
/// start.
struct MessageWalk {
  /// An array of messages, an array in that, and the rows of a page: nothing is nested deeper.
  static let maximumArrays = 2

  struct Level {
    /// The next byte to read.
    var at = 0
    /// Whether the elements must be orders, not messages.
    var isRows = false
    /// Where the level above goes on; -1 for just after this array.
    var resume = -1
  }

  private var levels: InlineArray<3, Level> = .init(repeating: Level())
  private(set) var depth = 0
  /// The end of the message and the white space after it.
  private(set) var end = 0
  /// Newlines in it.
  private(set) var lines: UInt64 = 0
  private var isOneLine = true
  private var outerArrays = 0
  private var line: UInt64 = 1
  private var countedTo = 0

  /// Whether a message is being walked through.
  var isActive: Bool { depth > 0 }

  /// The innermost array.
  var top: Level {
    get { levels[max(depth - 1, 0)] }
    set { levels[max(depth - 1, 0)] = newValue }
  }

  /// Whether one more array of messages may be entered.
  var canNest: Bool { depth + outerArrays < MessageWalk.maximumArrays }

  /// Enters the array whose bracket is at `bracket`.
  mutating func begin(_ bracket: Int, isRows: Bool, resume: Int) {
    guard depth < 3 else { return }
    levels[depth] = Level(at: bracket + 1, isRows: isRows, resume: resume)
    depth += 1
  }

  /// Leaves the innermost array; `after` is the place after its bracket.
  mutating func leave(after: Int) {
    let resume = top.resume >= 0 ? top.resume : after
    depth -= 1
    if depth > 0 { top.at = resume }
  }

  /// Notes how long the whole message is, where it begins, and whether an array is around it.
  mutating func prepare(end: Int, line: UInt64, lines: UInt64, isInArray: Bool) {
    self.end = end
    self.line = line
    self.lines = lines
    // The last newline ends a message, but not an element.
    isOneLine = lines == 0 || (lines == 1 && !isInArray)
    outerArrays = isInArray ? 1 : 0
    countedTo = 0
  }

  /// The line of a place; places must not decrease.
  mutating func line(at place: Int, from start: BytePointer, _ count: (BytePointer, Int) -> UInt64) -> UInt64
  {
    if isOneLine { return line }
    line += count(start + countedTo, max(place - countedTo, 0))
    countedTo = place
    return line
  }
}
