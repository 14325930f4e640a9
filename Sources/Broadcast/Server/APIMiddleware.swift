import HTTPTypes
import Hummingbird
import HummingbirdCore
import Journal
import Logging
import NIOCore

/// What every request passes: the gate, the routes' rules, and the way back with headers and problems.
struct APIMiddleware: RouterMiddleware {
  typealias Context = APIContext

  let table: RouteTable
  let gate: Gate
  let origins: OriginPolicy
  let isTLS: Bool
  let log: Logger

  func handle(
    _ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let began = NIODeadline.now()
    let routes = table.routes(at: request.uri.path)
    let route = routes.first { APIMiddleware.serves($0, request.method) }
    var context = context
    var response: Response
    do {
      response = try await serve(request, &context, routes, route, next)
    } catch {
      response = problem(error, routes, context).response
      if request.method == .head { response.body = ResponseBody() }
    }
    finish(&response, request)
    note(route, response, began, context)
    return response
  }

  private static func serves(_ route: Route, _ method: HTTPRequest.Method) -> Bool {
    route.method == method || (route.method == .get && method == .head)
  }

  private func serve(
    _ request: Request, _ context: inout APIContext, _ routes: [Route], _ route: Route?,
    _ next: @concurrent (Request, APIContext) async throws -> Response
  ) async throws -> Response {
    let origin = request.headers[.origin]
    let isPreflight =
      request.method == .options && origin != nil
      && HTTPField.Name("Access-Control-Request-Method").map { request.headers.contains($0) } ?? false
    // What is not there is not for everybody to find out.
    let role = isPreflight ? nil : routes.isEmpty ? Role.viewer : (route ?? routes[0]).role
    switch await gate.admit(gateRequest(request, context, role)) {
    case .refused(let refusal): throw Problem(refusal)
    case .admitted(let caller): context.caller = caller
    }
    if isPreflight {
      var fields = HTTPFields()
      for (name, value) in origins.preflightHeaders(for: origin) {
        if let name = HTTPField.Name(name) { fields[name] = value }
      }
      return Response(status: .noContent, headers: fields)
    }
    guard let route else {
      // Whatever a router may make of such a path: who may do it was not asked.
      if routes.isEmpty { throw Problem.notFound("there is no such path") }
      var problem = Problem(
        .methodNotAllowed, "method-not-allowed", "This cannot be done there",
        "\(routes[0].path) takes \(RouteTable.allow(routes))")
      problem.headers = [(.allow, RouteTable.allow(routes))]
      throw problem
    }
    _ = try QueryReader(request.uri, allowed: route.query)
    return try await next(request, context)
  }

  private func gateRequest(_ request: Request, _ context: APIContext, _ role: Role?) -> GateRequest {
    var result = GateRequest(
      path: request.uri.path, hosts: request.head.authority.map { [$0] } ?? [],
      remoteAddress: context.channel.remoteAddress?.ipAddress ?? "local", role: role)
    result.query = request.uri.query ?? ""
    result.origins = request.headers[values: .origin]
    result.authorizations = request.headers[values: .authorization]
    result.ticket = request.uri.queryParameters.get("ticket")
    result.isTLS = isTLS
    return result
  }

  // MARK: The way back

  private func problem(_ error: any Error, _ routes: [Route], _ context: APIContext) -> Problem {
    switch error {
    case let problem as Problem: return problem
    case let error as HTTPError: return Problem(error)
    case let failure as EditFailure: return .unavailable(failure.description)
    case is StoreReaders.Busy:
      var problem = Problem.unavailable("too many questions wait for the journal; ask again in a moment")
      problem.headers = [(.retryAfter, "1")]
      return problem
    case let error as JournalError:
      log.error("the journal cannot be read: \(error)")
      return .unavailable(JournalTrouble(error).description)
    default:
      log.error("a request failed: \(type(of: error))")
      return .internalError
    }
  }

  private func finish(_ response: inout Response, _ request: Request) {
    for (name, value) in APIMiddleware.headers {
      if !response.headers.contains(name) { response.headers[name] = value }
    }
    if isTLS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
    for (name, value) in origins.headers(for: request.headers[.origin]) {
      if let name = HTTPField.Name(name) { response.headers[name] = value }
    }
  }

  /// Answers are for programs and for nobody's cache or frame.
  private static let headers: [(HTTPField.Name, String)] = {
    var headers: [(HTTPField.Name, String)] = [
      (.cacheControl, "no-store"), (.xContentTypeOptions, "nosniff"),
      (.contentSecurityPolicy, "default-src 'none'; frame-ancestors 'none'"),
    ]
    for (name, value) in [
      ("X-Frame-Options", "DENY"), ("Referrer-Policy", "no-referrer"),
      ("Cross-Origin-Resource-Policy", "same-origin"),
    ] {
      if let name = HTTPField.Name(name) { headers.append((name, value)) }
    }
    return headers
  }()

  private func note(_ route: Route?, _ response: Response, _ began: NIODeadline, _ context: APIContext) {
    let taken = NIODeadline.now() - began
    let path = route?.path ?? "none"
    log.debug(
      "\(route?.method.rawValue ?? "?") \(path)",
      metadata: [
        "status": "\(response.status.code)", "us": "\(taken.nanoseconds / 1000)",
        "caller": "\(context.caller?.id ?? "-")",
      ])
  }
}
