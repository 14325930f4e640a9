/// Writes JSON piece by piece, with commas where they belong.
///
/// The caller opens and closes objects and arrays in order; `key` goes before each value of an object.
public struct JSONWriter: Sendable {
  /// What has been written.
  public private(set) var bytes: [UInt8] = []
  private var needsComma = false

  /// Nothing written yet.
  public init() {}

  /// What has been written, as text.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// `{ … }`.
  public mutating func object(_ members: (inout JSONWriter) throws -> Void) rethrows {
    try nest(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
  }

  /// `[ … ]`.
  public mutating func array(_ items: (inout JSONWriter) throws -> Void) rethrows {
    try nest(UInt8(ascii: "["), UInt8(ascii: "]"), items)
  }

  /// The name of the member whose value comes next.
  public mutating func key(_ name: String) {
    separate()
    JSONText.quote(name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  // MARK: Values

  /// A text; nil is `null`.
  public mutating func value(_ text: String?) {
    guard let text else { return raw("null") }
    separate()
    JSONText.quote(text, to: &bytes)
  }

  /// A whole number; nil is `null`.
  public mutating func value(_ number: Int64?) { raw(number.map { "\($0)" } ?? "null") }

  /// A whole number.
  public mutating func value(_ number: Int) { raw("\(number)") }

  /// A whole number.
  public mutating func value(_ number: UInt64) { raw("\(number)") }

  /// A number; nil and what JSON has no word for are `null`.
  public mutating func value(_ number: Double?) {
    raw(number.flatMap { $0.isFinite ? "\($0)" : nil } ?? "null")
  }

  /// `true` or `false`.
  public mutating func value(_ flag: Bool) { raw(flag ? "true" : "false") }

  /// A value that is JSON already.
  public mutating func raw(_ json: String) {
    separate()
    bytes.append(contentsOf: json.utf8)
  }

  /// A value that is JSON already.
  public mutating func raw(_ json: some Sequence<UInt8>) {
    separate()
    bytes.append(contentsOf: json)
  }

  // MARK: Members

  /// A member that is a text; nil is `null`.
  public mutating func member(_ name: String, _ text: String?) {
    key(name)
    value(text)
  }

  /// A member that is a whole number; nil is `null`.
  public mutating func member(_ name: String, _ number: Int64?) {
    key(name)
    value(number)
  }

  /// A member that is a whole number.
  public mutating func member(_ name: String, _ number: Int) {
    key(name)
    value(number)
  }

  /// A member that is a whole number.
  public mutating func member(_ name: String, _ number: UInt64) {
    key(name)
    value(number)
  }

  /// A member that is a number; nil is `null`.
  public mutating func member(_ name: String, _ number: Double?) {
    key(name)
    value(number)
  }

  /// A member that is true or false.
  public mutating func member(_ name: String, _ flag: Bool) {
    key(name)
    value(flag)
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func nest(
    _ opening: UInt8, _ closing: UInt8, _ body: (inout JSONWriter) throws -> Void
  ) rethrows {
    separate()
    bytes.append(opening)
    needsComma = false
    try body(&self)
    bytes.append(closing)
    needsComma = true
  }
}
