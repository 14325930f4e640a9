import FoundationEssentials
import Hummingbird
import HummingbirdCore

/// Reads a body that is one flat JSON object; what is unknown or of another type is a problem.
///
/// Of a member that is there twice one counts: the decoder does not tell.
struct BodyReader {
  /// Most bytes of such a body.
  static let most = 64 << 10

  private enum Value: Decodable {
    case text(String)
    case flag(Bool)
    case null
    case other

    init(from decoder: any Decoder) {
      guard let box = try? decoder.singleValueContainer() else {
        self = .other
        return
      }
      if box.decodeNil() {
        self = .null
      } else if let text = try? box.decode(String.self) {
        self = .text(text)
      } else if let flag = try? box.decode(Bool.self) {
        self = .flag(flag)
      } else {
        self = .other
      }
    }
  }

  private let values: [String: Value]

  /// Reads the body of a request; only these members may be in it.
  init(_ request: Request, allowed names: [String]) async throws {
    guard request.mediaTypeName == "application/json" else {
      throw Problem.mediaType("the body is JSON; its Content-Type is application/json")
    }
    let bytes = try await request.wholeBody(
      upTo: BodyReader.most, "the body has at most \(BodyReader.most) bytes")
    try self.init(bytes, allowed: names)
  }

  /// Reads a body.
  init(_ bytes: [UInt8], allowed names: [String]) throws(Problem) {
    guard let values = try? JSONDecoder().decode([String: Value].self, from: Data(bytes)) else {
      throw .badRequest("the body must be one JSON object")
    }
    for name in values.keys where !names.contains(name) {
      throw .badRequest(
        "there is a member that does not belong here; there are \(names.joined(separator: ", "))")
    }
    self.values = values
  }

  /// A text of 1 to so many characters; nil when there is none, or null.
  func text(_ name: String, most: Int) throws(Problem) -> String? {
    switch values[name] {
    case nil, .null: return nil
    case .text(let text):
      let isPlain = text.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
      if !text.isEmpty, text.unicodeScalars.count <= most, isPlain { return text }
    default: break
    }
    throw .badRequest("\(name) must be a text of 1 to \(most) characters without control characters")
  }

  /// One of some words; nil when there is none, or null.
  func word<Word>(
    _ name: String, _ words: [String], _ find: (String) -> Word?
  ) throws(Problem) -> Word? {
    switch values[name] {
    case nil, .null: return nil
    case .text(let text):
      if let word = find(text) { return word }
    default: break
    }
    throw .badRequest("\(name) must be one of \(words.joined(separator: ", "))")
  }

  /// True or false; nil when there is neither, or null.
  func flag(_ name: String) throws(Problem) -> Bool? {
    switch values[name] {
    case nil, .null: return nil
    case .flag(let flag): return flag
    default: throw .badRequest("\(name) must be true or false")
    }
  }
}
