/// A message that could not be read.
public struct StoredDeadLetter: Equatable, Sendable {
  /// Counts up over all of them.
  public var id: Int64
  /// The input or feed it came from.
  public var source: String
  /// Its line in the input, from 1.
  public var line: Int64
  /// Where it begins in the input, bytes.
  public var offset: Int64
  /// Why it could not be read.
  public var reason: String
  /// Its bytes, or the first of them.
  public var text: [UInt8]

  static let columns = "id, source, line, offset, reason, text"

  init(_ row: Statement) {
    id = row.integer(0)
    source = row.text(1) ?? ""
    line = row.integer(2)
    offset = row.integer(3)
    reason = row.text(4) ?? ""
    text = row.blob(5)
  }
}
