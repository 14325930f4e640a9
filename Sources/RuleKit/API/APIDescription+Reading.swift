import Wire

extension APIDescription {
  /// A list of fields; nil when one of them lacks its name or its type.
  static func fields(_ list: JSONTree?) -> [APIField]? {
    guard case .array(let items)? = list else { return nil }
    var result: [APIField] = []
    for item in items {
      guard let name = item["name"]?.text, let type = item["type"]?.text else { return nil }
      result.append(
        APIField(
          name: name, type: type, unit: item["unit"]?.text, doc: item["doc"]?.text ?? "",
          values: texts(item["values"])))
    }
    return result
  }

  /// A list of functions; nil when one of them lacks something.
  static func functions(_ list: JSONTree?, isHook: Bool) -> [APIFunction]? {
    guard case .array(let items)? = list else { return nil }
    var result: [APIFunction] = []
    for item in items {
      let time = isHook ? .hook : item["when"]?.text.flatMap { APIFunction.Time(rawValue: $0) }
      guard let name = item["name"]?.text, let signature = item["signature"]?.text, let time,
        let doc = item["doc"]?.text, let arguments = fields(item["args"] ?? .array([]))
      else { return nil }
      let valueType = item["type"]?.text
      if (valueType == nil) != (item["args"] != nil) { return nil }
      result.append(
        APIFunction(
          name: name, signature: signature, time: time, doc: doc, generic: item["generic"]?.text,
          arguments: arguments, returns: texts(item["returns"]), valueType: valueType))
    }
    return result
  }

  /// The kinds of windows; nil when one of them lacks something.
  static func windows(_ list: JSONTree?) -> [APIWindow]? {
    guard case .array(let items)? = list else { return nil }
    var result: [APIWindow] = []
    for item in items {
      guard let name = item["name"]?.text, let doc = item["doc"]?.text else { return nil }
      result.append(APIWindow(name: name, keys: texts(item["keys"]), doc: doc))
    }
    return result
  }

  /// The texts of a list.
  static func texts(_ list: JSONTree?) -> [String] { (list?.items ?? []).compactMap(\.text) }
}
