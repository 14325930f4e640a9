import HTTPTypes
import Hummingbird
import NIOCore
import Wire

/// Why a request was not served, as a problem document (RFC 9457).
///
/// `slug` names the kind of problem for programs and never changes; the rest is for people, and never holds what a
/// caller may not see.
struct Problem: Error, Sendable, Equatable {
  /// The HTTP status.
  var status: HTTPResponse.Status
  /// The kind, such as `no-such-signal`.
  var slug: String
  /// The kind in words.
  var title: String
  /// What is wrong with this request, and what to do.
  var detail: String
  /// What is wrong with rules, for a change that was refused.
  var problems: [RuleChange.Problem] = []
  /// Headers that belong to it.
  var headers: [(name: HTTPField.Name, value: String)] = []

  init(_ status: HTTPResponse.Status, _ slug: String, _ title: String, _ detail: String) {
    self.status = status
    self.slug = slug
    self.title = title
    self.detail = detail
  }

  static func == (one: Problem, other: Problem) -> Bool {
    one.status == other.status && one.slug == other.slug
  }

  /// The answer that says so.
  var response: Response {
    var writer = JSONWriter()
    writer.object {
      $0.member("type", "urn:betterbot:problem:\(slug)")
      $0.member("title", title)
      $0.member("status", status.code)
      $0.member("detail", detail)
      guard !problems.isEmpty else { return }
      $0.key("problems")
      $0.array { list in
        for problem in problems {
          list.object {
            $0.member("rule", problem.rule)
            $0.member("file", problem.file)
            $0.member("line", problem.line)
            $0.member("message", problem.message)
          }
        }
      }
    }
    var fields = HTTPFields()
    fields[.contentType] = "application/problem+json"
    for (name, value) in headers { fields[name] = value }
    return Response(
      status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
  }

  /// What the gate says.
  init(_ refusal: GateRefusal) {
    self.init(
      HTTPResponse.Status(code: refusal.status), refusal.slug, refusal.title, refusal.detail)
    if let challenge = refusal.challenge { headers.append((.wwwAuthenticate, challenge)) }
    if let seconds = refusal.retryAfter { headers.append((.retryAfter, "\(seconds)")) }
  }

  /// What the library says.
  init(_ error: HTTPError) {
    switch error.status {
    case .notFound: self = .notFound("there is no such path")
    case .contentTooLarge: self = .tooLarge("send less")
    case let status where status.code >= 500: self = .internalError
    default: self = .badRequest(error.body ?? "the request is not what is expected here")
    }
  }

  // MARK: Kinds

  static func badRequest(_ detail: String) -> Problem {
    Problem(.badRequest, "bad-request", "The request cannot be understood", detail)
  }

  static func notFound(_ what: String) -> Problem {
    Problem(.notFound, "not-found", "There is nothing there", what)
  }

  static func conflict(_ detail: String) -> Problem {
    Problem(.conflict, "conflict", "This does not go with what is there", detail)
  }

  static func tooLarge(_ detail: String) -> Problem {
    Problem(.contentTooLarge, "too-large", "The body is too large", detail)
  }

  static func mediaType(_ detail: String) -> Problem {
    Problem(.unsupportedMediaType, "media-type", "The body is of another type", detail)
  }

  static let internalError = Problem(
    .internalServerError, "internal", "Something went wrong here", "the log of the engine says more")

  static func unavailable(_ detail: String) -> Problem {
    Problem(.serviceUnavailable, "unavailable", "The engine cannot do that at the moment", detail)
  }
}
