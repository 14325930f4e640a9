/// The kind of a JSON value, told by its first byte.
enum ValueKind: UInt8 {
  case string, number, object, array, bool, null

  init(firstByte: UInt8) {
    switch firstByte {
    case Byte.quote: self = .string
    case Byte.openBrace: self = .object
    case Byte.openBracket: self = .array
    case 0x74, 0x66: self = .bool
    case 0x6E: self = .null
    default: self = .number
    }
  }

  /// With its article, for messages.
  var words: String {
    switch self {
    case .string: "a string"
    case .number: "a number"
    case .object: "an object"
    case .array: "an array"
    case .bool: "true or false"
    case .null: "null"
    }
  }
}

/// Where one value of an object lies in the input, and what it is.
struct ValueMark {
  var start: BytePointer
  var end: BytePointer
  var field: WireField
  var kind: ValueKind
}

/// The values of one object: all of them in order, and the last one of each field that the scanner knows.
///
/// The place of every value is needed to learn the layout; an object with more than `maximumMarks` of them is
/// read just the same but not learned.
struct ObjectFields: ~Copyable {
  static let maximumMarks = 64

  let marks: UnsafeMutablePointer<ValueMark>
  private(set) var count = 0
  /// Whether every value has its mark.
  private(set) var isComplete = true
  /// The fields seen, and those seen more than once, as sets of `WireField.bit`.
  private(set) var seen: UInt32 = 0
  private(set) var repeated: UInt32 = 0
  /// The last value of each field, by its number; only those in `seen` mean anything.
  private let last: UnsafeMutablePointer<ValueMark>
  private let keys: UnsafeMutablePointer<(start: BytePointer, count: Int)>

  init() {
    marks = .allocate(capacity: ObjectFields.maximumMarks)
    last = .allocate(capacity: WireField.allCases.count)
    keys = .allocate(capacity: WireField.allCases.count)
  }

  deinit {
    marks.deallocate()
    last.deallocate()
    keys.deallocate()
  }

  mutating func reset() {
    count = 0
    isComplete = true
    seen = 0
    repeated = 0
  }

  mutating func add(_ mark: ValueMark, key: BytePointer, keyCount: Int) {
    if count < ObjectFields.maximumMarks {
      (marks + count).initialize(to: mark)
      count += 1
    } else {
      isComplete = false
    }
    guard mark.field != .unknown else { return }
    repeated |= seen & mark.field.bit
    seen |= mark.field.bit
    (last + Int(mark.field.rawValue)).initialize(to: mark)
    (keys + Int(mark.field.rawValue)).initialize(to: (key, keyCount))
  }

  /// The last value of a field; nil when it is missing or null.
  subscript(_ field: WireField) -> ValueMark? {
    guard seen & field.bit != 0 else { return nil }
    let mark = last[Int(field.rawValue)]
    return mark.kind == .null ? nil : mark
  }

  /// The last value of a field when it is of this kind.
  func value(_ field: WireField, _ kind: ValueKind) -> ValueMark? {
    guard let mark = self[field], mark.kind == kind else { return nil }
    return mark
  }

  /// The field's key as the message spells it.
  func spelling(_ field: WireField) -> String {
    guard seen & field.bit != 0 else { return field.name }
    let key = keys[Int(field.rawValue)]
    let text = String(decoding: UnsafeBufferPointer(start: key.start, count: key.count), as: UTF8.self)
    // An escaped spelling would only confuse.
    return text.utf8.contains(Byte.backslash) ? field.name : text
  }
}
