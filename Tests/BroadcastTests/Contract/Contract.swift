import Synchronization
import Testing

@testable import Broadcast

/// The document that the server shows, and what has been seen of it.
final class Contract: Sendable {
  /// One promise: that an operation may be answered with a status.
  struct Promise: Hashable, CustomStringConvertible {
    var method: String
    var path: String
    var status: Int
    var description: String { "\(method) \(path) \(status)" }
  }

  let document: JSONValue
  private let checker: SchemaChecker
  private let seen = Mutex<Set<Promise>>([])

  init() throws {
    document = try JSONValue(PackageResources.openapi_json)
    checker = SchemaChecker(document: document)
  }

  /// Everything that is promised.
  var promises: Set<Promise> {
    var promises: Set<Promise> = []
    for (path, operations) in document["paths"]?.members ?? [:] {
      for (method, operation) in operations.members ?? [:] {
        for (status, _) in operation["responses"]?.members ?? [:] {
          promises.insert(Promise(method: method.uppercased(), path: path, status: Int(status) ?? 0))
        }
      }
    }
    return promises
  }

  /// What has not been seen yet.
  var unseen: [String] { promises.subtracting(seen.withLock { $0 }).map(\.description).sorted() }

  /// The answer that is promised.
  func response(_ method: String, _ path: String, _ status: Int) -> JSONValue? {
    let found = document["paths"]?[path]?[method.lowercased()]?["responses"]?["\(status)"]
    return found?["$ref"]?.text.flatMap(checker.target) ?? found
  }

  /// Holds an answer to the document; `path` is the template, `method` the operation it is listed under.
  func check(_ method: String, _ path: String, _ answer: RawExchange.Answer, _ what: String) {
    guard let response = response(method, path, answer.status) else {
      Issue.record("\(what): \(answer.status) is not in the document: \(answer.text.prefix(300))")
      return
    }
    _ = seen.withLock { $0.insert(Promise(method: method, path: path, status: answer.status)) }
    for (name, header) in response["headers"]?.members ?? [:] {
      let header = header["$ref"]?.text.flatMap(checker.target) ?? header
      guard let value = answer.header(name.lowercased()) else {
        Issue.record("\(what): \(answer.status) without \(name)")
        continue
      }
      let parsed = Int64(value).map { JSONValue.whole($0) } ?? .text(value)
      #expect(checker.problems(parsed, header["schema"] ?? .null, at: name) == [], "\(what)")
    }
    guard let content = response["content"]?.members else {
      // What follows 101 are frames.
      #expect(answer.body.isEmpty || answer.status == 101, "\(what)")
      return
    }
    let type = String((answer.header("content-type") ?? "").prefix { $0 != ";" })
    guard let schema = content[type]?["schema"] else {
      Issue.record("\(what): \(answer.status) is \(type), which is not in the document")
      return
    }
    guard type.hasSuffix("json") else { return }
    guard let value = try? JSONValue(answer.body) else {
      Issue.record("\(what): no JSON: \(answer.text.prefix(300))")
      return
    }
    let problems = checker.problems(value, schema)
    #expect(problems == [], "\(what): \(answer.text.prefix(600))")
  }

  /// What is wrong with the examples of the document.
  func exampleProblems() -> [String] {
    var problems: [String] = []
    func look(_ value: JSONValue, _ place: String) {
      if let schema = value["schema"], let example = value["example"] {
        problems += checker.problems(example, schema, at: place)
      }
      for (name, member) in value.members ?? [:] { look(member, "\(place)/\(name)") }
      for (number, item) in (value.items ?? []).enumerated() { look(item, "\(place)/\(number)") }
    }
    look(document, "#")
    return problems.sorted()
  }
}
