import FoundationEssentials

/// Any JSON.
indirect enum JSONValue: Decodable, Equatable, Sendable {
  case object([String: JSONValue])
  case array([JSONValue])
  case text(String)
  case whole(Int64)
  case number(Double)
  case flag(Bool)
  case null

  init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    if box.decodeNil() {
      self = .null
    } else if let flag = try? box.decode(Bool.self) {
      self = .flag(flag)
    } else if let whole = try? box.decode(Int64.self) {
      self = .whole(whole)
    } else if let number = try? box.decode(Double.self) {
      self = .number(number)
    } else if let text = try? box.decode(String.self) {
      self = .text(text)
    } else if let items = try? box.decode([JSONValue].self) {
      self = .array(items)
    } else {
      self = .object(try box.decode([String: JSONValue].self))
    }
  }

  init(_ bytes: [UInt8]) throws { self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes)) }

  // MARK: Parts

  var members: [String: JSONValue]? { if case .object(let members) = self { members } else { nil } }
  var items: [JSONValue]? { if case .array(let items) = self { items } else { nil } }
  var text: String? { if case .text(let text) = self { text } else { nil } }
  var whole: Int64? { if case .whole(let whole) = self { whole } else { nil } }
  var double: Double? {
    switch self {
    case .whole(let whole): Double(whole)
    case .number(let number): number
    default: nil
    }
  }

  subscript(_ name: String) -> JSONValue? { members?[name] }
  subscript(_ place: Int) -> JSONValue? { items.flatMap { $0.indices.contains(place) ? $0[place] : nil } }
}
