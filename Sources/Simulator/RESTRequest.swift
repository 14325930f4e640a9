/// The target of an HTTP request, taken apart.
struct RESTRequest: Equatable, Sendable {
  /// The path, without a leading `/v1`.
  var path: String
  /// The parameters of the query; the last one of a name counts.
  var parameters: [String: String] = [:]
  /// The value of the header `Authorization`.
  var authorization: String?

  /// Takes a target such as `/v2/trades?limit=10` apart.
  init(target: String, authorization: String? = nil) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    if path.hasPrefix("/v1/") { path.removeFirst(3) }
    self.authorization = authorization
    guard parts.count > 1 else { return }
    for pair in parts[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      parameters[RESTRequest.decoded(sides[0])] = sides.count > 1 ? RESTRequest.decoded(sides[1]) : ""
    }
  }

  /// A parameter that is not empty.
  subscript(_ name: String) -> String? {
    parameters[name].flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"),
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
