import HTTPTypes
import Journal
import Logging
import Testing

@testable import Broadcast

@Suite("The document of the API")
struct DocumentTests {
  private static func routes() async throws -> [Route] {
    let engine = try FakeEngine()
    let server = try await BroadcastServer(
      BroadcastOptions(), host: engine, journal: engine.path,
      log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }), metrics: PrometheusRegistry())
    return server.routes(server.makeStreams())
  }

  @Test("names every route of the server and no other, with its role")
  func routes() async throws {
    let contract = try Contract()
    var documented: [String: String] = [:]
    for (path, operations) in contract.document["paths"]?.members ?? [:] {
      for (method, operation) in operations.members ?? [:] {
        documented["\(method.uppercased()) \(path)"] = operation["x-role"]?.text ?? "nobody"
        let isOpen = operation["security"]?.items?.isEmpty == true
        #expect(isOpen == (operation["x-role"]?.text == nil), "\(method) \(path)")
      }
    }
    var served: [String: String] = [:]
    for route in try await DocumentTests.routes() {
      #expect(
        served.updateValue(route.role?.rawValue ?? "nobody", forKey: "\(route.method) \(route.path)") == nil)
    }
    #expect(served == documented)
  }

  @Test("names every parameter of every route, and those alone")
  func parameters() async throws {
    let contract = try Contract()
    for route in try await DocumentTests.routes() {
      let operation = contract.document["paths"]?[route.path]?[route.method.rawValue.lowercased()]
      let references = operation?["parameters"]?.items?.compactMap { $0["$ref"]?.text } ?? []
      let found = references.compactMap { SchemaChecker(document: contract.document).target($0) }
      #expect(found.count == references.count)
      func names(_ place: String) -> Set<String> {
        Set(found.filter { $0["in"]?.text == place }.compactMap { $0["name"]?.text })
      }
      // The ticket is a way to say who one is.
      #expect(names("query") == Set(route.query).subtracting(["ticket"]), "\(route.path)")
      let inPath = route.path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
        String($0.dropFirst().dropLast())
      }
      #expect(names("path") == Set(inPath), "\(route.path)")
    }
  }

  @Test("no two routes can be taken for each other, which would let one's role count for the other")
  func overlaps() async throws {
    let routes = try await DocumentTests.routes()
    let table = RouteTable(routes)
    for route in routes {
      let concrete = route.path.replacing(/\{[a-z]+\}/, with: "x")
      #expect(table.routes(at: concrete).allSatisfy { $0.path == route.path }, "\(route.path)")
    }
  }

  @Test("has examples that its own schemas allow, and no reference into nothing")
  func examples() throws {
    let contract = try Contract()
    #expect(contract.exampleProblems() == [])
    var broken: [String] = []
    func look(_ value: JSONValue) {
      if let reference = value["$ref"]?.text,
        SchemaChecker(document: contract.document).target(reference) == nil
      {
        broken.append(reference)
      }
      for member in (value.members ?? [:]).values { look(member) }
      for item in value.items ?? [] { look(item) }
    }
    look(contract.document)
    #expect(broken == [])
    let responses = contract.document["components"]?["responses"]?.members?.keys.sorted() ?? []
    #expect(responses.count == 14)
  }

  @Test("a checker of schemas that finds nothing would be of no use")
  func checker() throws {
    let checker = SchemaChecker(document: .object([:]))
    func problems(_ value: String, _ schema: String) throws -> Int {
      checker.problems(try JSONValue(Array(value.utf8)), try JSONValue(Array(schema.utf8))).count
    }
    let wrong: [(String, String)] = [
      (#"1"#, #"{"type":"string"}"#), (#"null"#, #"{"type":["string","integer"]}"#),
      (#"0.5"#, #"{"type":"integer"}"#), (#""c""#, #"{"enum":["a","b"]}"#), (#"2"#, #"{"const":1}"#),
      (#"{}"#, #"{"required":["a"]}"#), (#"{"b":1}"#, #"{"additionalProperties":false}"#),
      (#"{"a":1}"#, #"{"properties":{"a":{"type":"string"}}}"#),
      (#"[1,"x"]"#, #"{"items":{"type":"integer"}}"#),
      (#"0"#, #"{"minimum":1}"#), (#"2"#, #"{"maximum":1}"#), (#""""#, #"{"minLength":1}"#),
      (#""ab""#, #"{"maxLength":1}"#), (#""ab""#, #"{"pattern":"^a$"}"#),
      (#"1"#, #"{"oneOf":[{"type":"integer"},{"type":"number"}]}"#),
      (#"1"#, #"{"anyOf":[{"type":"string"}]}"#),
      (#"1"#, ##"{"$ref":"#/nothing"}"##), (#"1"#, #"{"surprise":true}"#), (#"[1,2]"#, #"{"maxItems":1}"#),
    ]
    for (value, schema) in wrong { #expect(try problems(value, schema) == 1, "\(schema)") }
    #expect(
      try problems(#"{"a":[1,null]}"#, #"{"properties":{"a":{"items":{"type":["integer","null"]}}}}"#) == 0)
  }
}
