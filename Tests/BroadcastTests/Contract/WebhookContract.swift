import Broadcast
import Journal
import Testing

extension Asker {
  private static let json = [("Content-Type", "application/json")]

  func webhooks() async throws {
    try await readingWebhooks()
    try await addingWebhooks()
    let (one, target) = ("/v1/webhooks/{name}", "/v1/webhooks/desk")
    let secret = try JSONValue(
      try await expect(200, "POST", "\(one)/rotate", target: "\(target)/rotate").body)["secret"]?.text
    #expect(secret?.hasPrefix("whsec_") == true)
    for path in [target, "/v1/webhooks"] {
      let shown = try await expect(200, "GET", path == target ? one : path, target: path)
      #expect(
        !shown.text.contains("secret") && !shown.text.contains("whsec") && !shown.text.contains("hooks/1"))
    }
    let none = try JSONValue(
      try await expect(200, "POST", "\(one)/rotate", target: "/v1/webhooks/to.discord/rotate").body)["secret"]
    #expect(none == .null)
    let resent = try await expect(200, "POST", "\(one)/resend", target: "/v1/webhooks/to.discord/resend")
    #expect(resent.text.contains("deliver"))
    for name in ["desk", "%2E%2E", ".hidden"] {
      try await expect(204, "DELETE", one, target: "/v1/webhooks/\(name)")
      try await expect(404, "DELETE", one, target: "/v1/webhooks/\(name)")
    }
    for (method, path) in operations where path.hasPrefix(one) {
      try await expect(404, method, path, target: path.replacing("{name}", with: "nobody"))
      try await expect(400, method, path, target: path.replacing("{name}", with: "no%20body"))
    }
  }

  private func readingWebhooks() async throws {
    let list = try await expect(200, "GET", "/v1/webhooks")
    #expect(list.text.contains("https://example.org:8443"))
    #expect(!list.text.contains("path") && !list.text.contains("word") && !list.text.contains("secret"))
    for format in WebhookFormat.allCases {
      let target = "/v1/webhooks/to.\(format.rawValue)"
      try await expect(200, "GET", "/v1/webhooks/{name}", target: target)
      let deliveries = "/v1/webhooks/{name}/deliveries"
      for query in ["", "?state=dead", "?state=waiting", "?state=waiting&limit=1"] {
        try await expect(200, "GET", deliveries, target: "\(target)/deliveries\(query)")
      }
      try await expect(400, "GET", deliveries, target: "\(target)/deliveries?state=sent")
    }
  }

  private func addingWebhooks() async throws {
    let path = "/v1/webhooks"
    func add(_ status: Int, _ text: String) async throws -> RawExchange.Answer {
      try await expect(status, "POST", path, headers: Asker.json, body: Array(text.utf8))
    }
    let made = try await add(201, #"{"name":"desk","url":"https://example.org/hooks/1","severity":"high"}"#)
    #expect(made.text.contains("whsec_") && !made.text.contains("hooks/1"))
    _ = try await add(
      201,
      #"{"name":"..","url":"HTTP://[::1]:80/x","format":"slack","rule":"r","market":"m","token":"t","user":"é"}"#
    )
    _ = try await add(
      201, #"{"name":".hidden","url":"http://h","format":null,"rule":null,"allow_private":true}"#)
    _ = try await add(409, #"{"name":"desk","url":"https://example.org/hooks/2"}"#)
    let wrong = [
      "", "[]", "null", "{", #"{"name":"x"}"#, #"{"url":"http://h"}"#, #"{"name":1,"url":"http://h"}"#,
      #"{"name":"x","url":"http://h","extra":1}"#, #"{"name":"","url":"http://h"}"#,
      #"{"name":"a b","url":"http://h"}"#, #"{"name":"x","url":"ftp://h"}"#, #"{"name":"x","url":"http://"}"#,
      #"{"name":"x","url":"http://h","format":"xml"}"#, #"{"name":"x","url":"http://h","severity":"HIGH"}"#,
      #"{"name":"x","url":"http://h","severity":3}"#, #"{"name":"x","url":"http://h","allow_private":"yes"}"#,
      #"{"name":"x","url":"http://h","allow_private":1}"#, #"{"name":"x","url":"http://h","rule":"\u0000"}"#,
      #"{"name":"x","url":"http://h","rule":""}"#, #"{"name":"x","url":"http://h","rule":["a"]}"#,
      #"{"name":"x","url":"http://h","user":"\#(String(repeating: "x", count: 129))"}"#,
      #"{"name":"x","url":"http://\#(String(repeating: "x", count: 2048))"}"#,
      #"{"name":"x","url":"http://h"} {}"#, String(repeating: "[", count: 10_000),
    ]
    for text in wrong { _ = try await add(400, text) }
    _ = try await add(413, #"{"name":"x","url":"\#(String(repeating: "x", count: 65_536))"}"#)
    for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"] {
      try await expect(415, "POST", path, headers: [("Content-Type", type)], body: Array("{}".utf8))
    }
    try await expect(415, "POST", path, body: Array("{}".utf8))
    let exact = [("Content-Type", "application/JSON; charset=utf-8")]
    try await expect(400, "POST", path, headers: exact, body: Array("{}".utf8))
    let tooMany = (0..<WebhookRecord.limit).map { #"{"name":"n\#($0)","url":"http://h"}"# }
    var statuses: Set<Int> = []
    for text in tooMany {
      let answer = try await RawExchange.send(
        "POST", path, port: test.port,
        headers: Asker.json + [("Authorization", "Bearer \(test.tokens[.admin] ?? "")")],
        body: Array(text.utf8))
      statuses.insert(answer.status)
    }
    #expect(statuses == [201, 409])
    // Room again, for what comes.
    for number in 0..<WebhookRecord.limit {
      _ = try await RawExchange.send(
        "DELETE", "\(path)/n\(number)", port: test.port,
        headers: [("Authorization", "Bearer \(test.tokens[.admin] ?? "")")])
    }
    // A folder that others may look into keeps no secrets.
    test.engine.setFolder(open: true)
    _ = try await add(409, #"{"name":"open","url":"http://h"}"#)
    try await expect(409, "POST", "/v1/webhooks/{name}/rotate", target: "/v1/webhooks/desk/rotate")
    test.engine.setFolder(open: false)
  }

  /// What cannot be answered when the journal cannot be read.
  func broken() async throws {
    let body = Array(#"{"name":"late","url":"http://h"}"#.utf8)
    for (method, path) in operations
    where contract.response(method, path, 503) != nil && path != "/readyz" && path != "/v1/reload" {
      if ["PUT", "DELETE"].contains(method), path.hasPrefix("/v1/rules") { continue }
      if path.hasSuffix("/resume") { continue }
      try await expect(
        503, method, path, target: Asker.concrete(path), headers: path == "/v1/webhooks" ? Asker.json : [],
        body: method == "POST" && path == "/v1/webhooks" ? body : [])
    }
  }
}
