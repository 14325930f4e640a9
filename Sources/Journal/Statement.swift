import CSQLite
import OrderFlow

/// A prepared statement: bind its parameters in order, then `run` it, or `step` through its rows.
///
/// Binding never fails by itself; a refused value is reported by the next `run` or `step`.
final class Statement {
  let connection: Connection
  private let handle: OpaquePointer
  private var index: Int32 = 0
  private var refusal: Int32 = SQLITE_OK
  private var arena = TextArena()

  init(_ connection: Connection, handle: OpaquePointer) {
    self.connection = connection
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  // MARK: Binding the next parameter

  @inline(__always)
  private func note(_ code: Int32) {
    if code != SQLITE_OK, refusal == SQLITE_OK { refusal = code }
  }

  func bindNull() {
    index &+= 1
    note(sqlite3_bind_null(handle, index))
  }

  func bind(_ value: Int64) {
    index &+= 1
    note(sqlite3_bind_int64(handle, index, value))
  }

  func bind(_ value: Int64?) {
    if let value { bind(value) } else { bindNull() }
  }

  /// Binds a number; SQLite stores NaN as NULL.
  func bind(_ value: Double?) {
    guard let value else { return bindNull() }
    index &+= 1
    note(sqlite3_bind_double(handle, index, value))
  }

  /// Binds text that the caller keeps alive until the statement has run.
  func bindText(_ bytes: UnsafePointer<UInt8>, count: Int) {
    index &+= 1
    bytes.withMemoryRebound(to: CChar.self, capacity: count) { characters in
      note(sqlite3_bind_text64(handle, index, characters, UInt64(count), nil, UInt8(SQLITE_UTF8)))
    }
  }

  func bind(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      // Room for at least one byte, so that the empty text has an address and is not NULL.
      let copy = arena.reserve(max(utf8.count, 1))
      if let source = utf8.baseAddress { copy.update(from: source, count: utf8.count) }
      bindText(copy, count: utf8.count)
    }
  }

  func bind(_ text: String?) {
    if let text { bind(text) } else { bindNull() }
  }

  func bind(_ text: StaticString) {
    bindText(text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// Binds bytes as a blob.
  func bind(blob bytes: [UInt8]) {
    let copy = arena.reserve(max(bytes.count, 1))
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { copy.update(from: start, count: source.count) }
    }
    index &+= 1
    note(sqlite3_bind_blob64(handle, index, copy, UInt64(bytes.count), nil))
  }

  /// Binds a digest as a blob of 16 bytes, big-endian.
  func bind(blob digest: Digest128) {
    let copy = arena.reserve(16)
    let raw = UnsafeMutableRawPointer(copy)
    raw.storeBytes(of: digest.high.bigEndian, as: UInt64.self)
    raw.storeBytes(of: digest.low.bigEndian, toByteOffset: 8, as: UInt64.self)
    index &+= 1
    note(sqlite3_bind_blob64(handle, index, copy, 16, nil))
  }

  /// Binds text of at most `capacity` bytes that `write` puts down; it returns how many it wrote.
  func bindText(capacity: Int, _ write: (UnsafeMutablePointer<UInt8>) -> Int) {
    let copy = arena.reserve(max(capacity, 1))
    bindText(copy, count: write(copy))
  }

  // MARK: Running

  /// Runs a statement that returns no rows, and makes it ready for the next values.
  func run() throws(JournalError) {
    let isRow = try step()
    reset()
    assert(!isRow, "run() is for statements without rows")
  }

  /// Goes to the next row; false after the last, with the statement ready for the next values.
  func step() throws(JournalError) -> Bool {
    let code = refusal == SQLITE_OK ? sqlite3_step(handle) : refusal
    switch code {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      reset()
      return false
    default:
      let isRefusal = refusal != SQLITE_OK
      let failure = connection.failure(code, detail: isRefusal ? String(cString: sqlite3_errstr(code)) : nil)
      reset()
      throw failure
    }
  }

  /// Lets go of rows and of bound texts.
  func reset() {
    sqlite3_reset(handle)
    index = 0
    refusal = SQLITE_OK
    arena.clear()
  }

  // MARK: Reading the current row

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_INTEGER }

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  func double(_ column: Int32) -> Double? {
    isNull(column) ? nil : sqlite3_column_double(handle, column)
  }

  /// A column as text, nil when NULL; bytes that are not UTF-8 are replaced.
  func text(_ column: Int32) -> String? {
    guard let start = sqlite3_column_text(handle, column) else { return nil }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// A text column in place, valid until the next step; empty when NULL.
  @inline(__always)
  func bytes(_ column: Int32) -> UnsafeBufferPointer<UInt8> {
    // The order matters: asking for the text may change how many bytes there are.
    let start = sqlite3_column_text(handle, column)
    return UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
  }

  func blob(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(handle, column) else { return [] }
    let count = Int(sqlite3_column_bytes(handle, column))
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  /// A blob of 16 bytes as a digest, nil when it is anything else.
  func digest(_ column: Int32) -> Digest128? {
    guard let start = sqlite3_column_blob(handle, column), sqlite3_column_bytes(handle, column) == 16 else {
      return nil
    }
    return Digest128(
      high: UInt64(bigEndian: start.loadUnaligned(as: UInt64.self)),
      low: UInt64(bigEndian: start.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
  }
}
