/// A Lua value that crossed the fence: the header of a rule, as the VM serialized it.
indirect enum HeaderTree: Equatable {
  case none
  case boolean(Bool)
  case integer(Int64)
  case number(Double)
  case text(String)
  /// Pairs with integer keys ascending, then names in byte order.
  case table([Pair])

  struct Pair: Equatable {
    var key: HeaderTree
    var value: HeaderTree
  }

  /// Decodes the bytes of `crv_header`; nil when they are damaged.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    var at = 0
    guard let tree = HeaderTree.decode(bytes, &at, depth: 0), at == bytes.count else { return nil }
    self = tree
  }

  private static func decode(_ bytes: UnsafeBufferPointer<UInt8>, _ at: inout Int, depth: Int) -> HeaderTree?
  {
    guard at < bytes.count, depth < 70 else { return nil }
    let raw = UnsafeRawBufferPointer(bytes)
    func load<T: BitwiseCopyable>(_: T.Type) -> T? {
      let size = MemoryLayout<T>.size
      guard bytes.count - at >= size else { return nil }
      defer { at += size }
      return raw.loadUnaligned(fromByteOffset: at, as: T.self)
    }
    let tag = bytes[at]
    at += 1
    switch tag {
    case UInt8(ascii: "n"): return HeaderTree.none
    case UInt8(ascii: "t"): return .boolean(true)
    case UInt8(ascii: "f"): return .boolean(false)
    case UInt8(ascii: "i"): return load(Int64.self).map { .integer($0) }
    case UInt8(ascii: "d"): return load(Double.self).map { .number($0) }
    case UInt8(ascii: "s"):
      guard let count = load(UInt32.self).map(Int.init), bytes.count - at >= count else { return nil }
      defer { at += count }
      return .text(String(decoding: bytes[at..<at + count], as: UTF8.self))
    case UInt8(ascii: "{"):
      guard let count = load(UInt32.self) else { return nil }
      var pairs: [Pair] = []
      for _ in 0..<count {
        guard let key = decode(bytes, &at, depth: depth + 1) else { return nil }
        guard let value = decode(bytes, &at, depth: depth + 1) else { return nil }
        pairs.append(Pair(key: key, value: value))
      }
      return .table(pairs)
    default: return nil
    }
  }

  /// The value under a name; `.none` when there is none or this is no table.
  subscript(_ name: String) -> HeaderTree {
    guard case .table(let pairs) = self else { return .none }
    return pairs.first { $0.key == .text(name) }?.value ?? .none
  }

  /// The text, nil when it is something else.
  var text: String? {
    if case .text(let value) = self { return value }
    return nil
  }

  /// The integer, nil when it is something else.
  var integer: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }

  /// The pairs with names as keys.
  var members: [(name: String, value: HeaderTree)] {
    guard case .table(let pairs) = self else { return [] }
    return pairs.compactMap { pair in pair.key.text.map { ($0, pair.value) } }
  }

  /// The values under 1, 2, 3…; nil when this is no list.
  var list: [HeaderTree]? {
    guard case .table(let pairs) = self else { return nil }
    for (place, pair) in pairs.enumerated() where pair.key != .integer(Int64(place + 1)) { return nil }
    return pairs.map(\.value)
  }

  /// What constructor made this table: `param`, `condition`, `aggregate`, `window`; nil for others.
  var kind: String? { self["__kind"].text }

  /// The line of the constructor's call, 0 when unknown.
  var line: Int { Int(self["__line"].integer ?? 0) }

  /// What Lua calls the type of this value.
  var typeName: String {
    switch self {
    case .none: "nil"
    case .boolean: "boolean"
    case .integer, .number: "number"
    case .text: "string"
    case .table: "table"
    }
  }
}
