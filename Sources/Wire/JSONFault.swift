/// What makes a text no JSON (RFC 8259).
enum JSONFault {
  case value, literal, number, control, escape, surrogate, encoding, key, colon, objectComma, arrayComma,
    depth

  /// The fault in words, to follow "not JSON: ".
  var words: String {
    switch self {
    case .value: "expected a value"
    case .literal: "expected true, false or null"
    case .number: "expected a digit"
    case .control: "a control character in a string, or the string does not end"
    case .escape: "unknown escape in a string"
    case .surrogate: "half a surrogate pair in a string"
    case .encoding: "the bytes are not UTF-8"
    case .key: "expected a key in quotes"
    case .colon: "expected a colon after the key"
    case .objectComma: "expected a comma or a closing brace"
    case .arrayComma: "expected a comma or a closing bracket"
    case .depth: "nested deeper than \(JSONScanner.maximumDepth) levels"
    }
  }
}
