import HTTPTypes
import Hummingbird

/// One thing that the server does.
struct Route: Sendable {
  /// The method of its requests; GET also stands for HEAD.
  var method: HTTPRequest.Method
  /// Its path, with names in braces: `/v1/signals/{id}`.
  var path: String
  /// What a caller must be at least; nil: everybody is served.
  var role: Role?
  /// The parameters that its query may have.
  var query: [String]
  /// Answers a request.
  var handler: @Sendable (Request, APIContext) async throws -> Response

  init(
    _ method: HTTPRequest.Method, _ path: String, _ role: Role?, query: [String] = [],
    _ handler: @escaping @Sendable (Request, APIContext) async throws -> Response
  ) {
    self.method = method
    self.path = path
    self.role = role
    self.query = query
    self.handler = handler
  }
}

/// All routes, as the gate looks them up.
struct RouteTable: Sendable {
  let routes: [Route]
  private let paths: [[Substring]]

  init(_ routes: [Route]) {
    self.routes = routes
    paths = routes.map { $0.path.split(separator: "/") }
  }

  /// The routes of a path, whatever their method.
  func routes(at path: String) -> [Route] {
    let parts = path.split(separator: "/")
    return routes.indices.filter { RouteTable.matches(paths[$0], parts) }.map { routes[$0] }
  }

  private static func matches(_ template: [Substring], _ parts: [Substring]) -> Bool {
    template.count == parts.count && zip(template, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }

  /// The methods of some routes, as the header `Allow` lists them.
  static func allow(_ routes: [Route]) -> String {
    var methods = Set(routes.map(\.method.rawValue))
    if methods.contains("GET") { methods.insert("HEAD") }
    return methods.sorted().joined(separator: ", ")
  }
}
