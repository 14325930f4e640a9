/// The keys that a configuration may have.
enum ConfigurationKeys {
  /// At the top.
  static let top = [
    "rules", "db", "durability", "lateness", "threads", "retention", "reload", "log", "api", "socket",
    "params",
    "feeds",
  ]
  /// Of `retention`.
  static let retention = ["days", "rows"]
  /// Of `reload`.
  static let reload = ["watch", "partial", "tests", "quiet"]
  /// Of `api`.
  static let api = [
    "listen", "certificate", "key", "hosts", "origins", "connections", "connections_per_address",
    "streams_per_token", "requests_per_second", "jwt",
  ]
  /// Of `api.jwt`.
  static let jwt = ["jwks", "issuer", "audience", "role_claim"]
  /// Of `log`.
  static let log = ["format", "level"]
  /// Of `subscribe`.
  static let subscribe = ["users", "conditions", "markets"]
  /// Of a feed, by its kind.
  static let byKind: [String: [String]] = [
    "polymarket": ["kind", "url", "rest", "ca", "silence"] + recovery,
    "dome": [
      "kind", "url", "rest", "key", "key_file", "ca", "subscribe", "subscription_size", "subscription_limit",
      "silence",
    ] + recovery,
    "file": ["kind", "path", "speed", "loop"],
  ]
  /// Of a feed of any kind.
  static let feed = (byKind["dome"] ?? []) + ["path", "speed", "loop"]

  private static let recovery = [
    "audit", "margin", "overlap", "requests_per_second", "reconnect", "reconnect_limit",
  ]
}
