import Broadcast

/// Ways to ask a server that may be refused.
extension TestServer {
  /// The header with the token of a role.
  func bearer(_ role: Role) -> (String, String) { ("Authorization", "Bearer \(tokens[role] ?? "")") }

  /// Asks on a connection of its own.
  func ask(
    _ method: String = "GET", _ target: String, _ headers: [(String, String)] = [], body: [UInt8] = [],
    until end: String? = nil, from source: String = "127.0.0.1"
  ) async throws -> RawExchange.Answer {
    try await RawExchange.send(
      method, target, port: port, headers: headers, body: body, until: end, from: source)
  }

  /// Asks for a WebSocket; an answer that begins one ends with its first message.
  func upgrade(
    _ target: String = "/v1/stream", _ headers: [(String, String)] = [], from source: String = "127.0.0.1"
  ) async throws -> RawExchange.Answer {
    let asks = [
      ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"),
      ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ]
    return try await ask("GET", target, asks + headers, until: "hello", from: source)
  }

  /// A ticket of a viewer.
  func ticket() async throws -> String {
    let text = try await ask("POST", "/v1/tickets", [bearer(.viewer)]).text
    let parts = text.split(separator: "\"")
    return parts.count > 3 ? String(parts[3]) : ""
  }

  /// All the places that a caller may be at, and what each asks for.
  static let places: [(method: String, target: String, role: Role?)] = [
    ("GET", "/v1/signals", .viewer), ("GET", "/v1/signals/00000000000000070000000000000001", .viewer),
    ("GET", "/v1/orders", .viewer), ("GET", "/v1/rules", .viewer), ("GET", "/v1/rules/x", .viewer),
    ("GET", "/v1/versions", .viewer), ("GET", "/v1/markets", .viewer), ("GET", "/v1/status", .viewer),
    ("GET", "/v1/dead-letters", .viewer), ("GET", "/readyz", .viewer), ("GET", "/metrics", .viewer),
    ("GET", "/v1/stream", .viewer), ("GET", "/v1/events", .viewer), ("POST", "/v1/tickets", .viewer),
    ("PUT", "/v1/rules/x", .operator), ("DELETE", "/v1/rules/x", .operator),
    ("POST", "/v1/rules/x/resume", .operator), ("POST", "/v1/reload", .operator),
    ("GET", "/v1/webhooks", .admin), ("POST", "/v1/webhooks", .admin), ("GET", "/v1/webhooks/x", .admin),
    ("DELETE", "/v1/webhooks/x", .admin), ("POST", "/v1/webhooks/x/rotate", .admin),
    ("GET", "/v1/webhooks/x/deliveries", .admin), ("POST", "/v1/webhooks/x/resend", .admin),
    ("GET", "/v1/tokens", .admin), ("DELETE", "/v1/tokens/abcdefgh", .admin),
  ]
}
