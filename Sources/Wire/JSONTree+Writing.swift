extension JSONTree {
  /// The text for people to edit: a line for each member and item, two blanks a level, a line break at the end.
  public var pretty: String {
    var out: [UInt8] = []
    write(to: &out, indent: "\n")
    out.append(UInt8(ascii: "\n"))
    return String(decoding: out, as: UTF8.self)
  }

  /// The text in one line, for messages.
  public var line: String {
    var writer = JSONWriter()
    write(to: &writer)
    return writer.text
  }

  private func write(to writer: inout JSONWriter) {
    switch self {
    case .null: writer.raw("null")
    case .bool(let flag): writer.value(flag)
    case .number(let spelling): writer.raw(spelling)
    case .string(let text): writer.value(text)
    case .array(let items): writer.array { writer in for item in items { item.write(to: &writer) } }
    case .object(let members):
      writer.object { writer in
        for member in members {
          writer.key(member.name)
          member.value.write(to: &writer)
        }
      }
    }
  }

  private func write(to out: inout [UInt8], indent: String) {
    switch self {
    case .null: out.append(contentsOf: "null".utf8)
    case .bool(let flag): out.append(contentsOf: (flag ? "true" : "false").utf8)
    case .number(let spelling): out.append(contentsOf: spelling.utf8)
    case .string(let text): JSONText.quote(text, to: &out)
    case .array(let items):
      JSONTree.list(items, "[", "]", to: &out, indent) { item, out, inner in
        item.write(to: &out, indent: inner)
      }
    case .object(let members):
      JSONTree.list(members, "{", "}", to: &out, indent) { member, out, inner in
        JSONText.quote(member.name, to: &out)
        out.append(contentsOf: ": ".utf8)
        member.value.write(to: &out, indent: inner)
      }
    }
  }

  private static func list<Element>(
    _ elements: [Element], _ open: String, _ close: String, to out: inout [UInt8], _ indent: String,
    _ write: (Element, inout [UInt8], String) -> Void
  ) {
    out.append(contentsOf: open.utf8)
    for (place, element) in elements.enumerated() {
      if place > 0 { out.append(Byte.comma) }
      out.append(contentsOf: (indent + "  ").utf8)
      write(element, &out, indent + "  ")
    }
    if !elements.isEmpty { out.append(contentsOf: indent.utf8) }
    out.append(contentsOf: close.utf8)
  }
}
