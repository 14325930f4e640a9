import Hummingbird
import Journal
import OrderFlow
import Wire

/// The rules that run, and changes of them.
struct RuleRoutes: Sendable {
  let readers: StoreReaders
  let host: any EngineHost

  var routes: [Route] {
    [
      Route(.get, "/v1/rules", .viewer) { _, _ in try await list() },
      Route(.get, "/v1/rules/{id}", .viewer) { _, context in try await one(try RuleRoutes.id(context)) },
      Route(.put, "/v1/rules/{id}", .operator) { request, context in
        let id = try RuleRoutes.id(context)
        return try RuleRoutes.answer(
          await host.put(rule: id, source: try await RuleRoutes.source(request)))
      },
      Route(.delete, "/v1/rules/{id}", .operator) { _, context in
        try RuleRoutes.answer(await host.remove(rule: try RuleRoutes.id(context)))
      },
      Route(.post, "/v1/rules/{id}/resume", .operator) { _, context in
        try RuleRoutes.answer(await host.resume(rule: try RuleRoutes.id(context)))
      },
      Route(.post, "/v1/reload", .operator) { _, _ in try RuleRoutes.answer(await host.reload()) },
      Route(.get, "/v1/versions", .viewer, query: QueryReader.page) { request, _ in
        try await versions(request)
      },
    ]
  }

  /// The id of a rule, out of the path; nothing but what the name of a rule's file may be.
  private static func id(_ context: APIContext) throws -> String {
    let id = try context.parameters.require("id")
    guard id.wholeMatch(of: /[a-z][a-z0-9_]{0,63}/) != nil else {
      throw Problem.badRequest(
        "the id of a rule is small letters, digits and _, begins with a letter and has at most 64 characters")
    }
    return id
  }

  private static func source(_ request: Request) async throws -> [UInt8] {
    let types = ["text/plain", "text/x-lua", "application/x-lua", "application/octet-stream"]
    if let type = request.mediaTypeName, !types.contains(type) {
      throw Problem.mediaType(
        "the body is the text of a rule; its type is \(types.joined(separator: ", ")) or none")
    }
    return try await request.wholeBody(
      upTo: RuleChange.longestSource, "a rule has at most \(RuleChange.longestSource) bytes")
  }

  // MARK: Reading

  /// How many of the newest signals are looked through for those of each rule.
  private static let newestSignals = 2_000

  private func list() async throws -> Response {
    let (version, rules) = await host.rules()
    let newest = try await readers.read { reader in
      try reader.page(of: SignalFilter(), PageRequest(limit: RuleRoutes.newestSignals)).rows
    }
    let last = Dictionary(newest.map { ($0.signal.rule, $0) }) { newer, _ in newer }
    return .json {
      $0.object {
        $0.member("version", version)
        $0.key("rules")
        $0.array { list in
          for rule in rules {
            list.object {
              RuleRoutes.members(of: rule, &$0)
              $0.key("last_signal")
              if let signal = last[rule.id] { RowJSON.signal(signal, &$0) } else { $0.value(nil as String?) }
            }
          }
        }
      }
    }
  }

  private static func members(of rule: RuleStanding, _ writer: inout JSONWriter) {
    writer.member("id", rule.id)
    let state = rule.isQuarantined ? "quarantined" : rule.warmingUntil != nil ? "warming" : "running"
    writer.member("state", state)
    writer.member("warming_until", rule.warmingUntil)
    writer.member("calls", rule.calls)
    writer.member("signals", rule.signals)
    writer.member("errors", rule.errors)
    writer.member("kills", rule.kills)
    writer.member("cpu_seconds", Double(rule.nanoseconds) / 1e9)
    writer.member("memory_bytes", rule.memoryPeak)
    writer.member("too_late", rule.tooLate)
    writer.member("dropped_groups", rule.droppedGroups)
  }

  private func one(_ id: String) async throws -> Response {
    let (version, rules) = await host.rules()
    guard let rule = rules.first(where: { $0.id == id }) else {
      throw Problem.notFound("no rule \(id) runs")
    }
    let (signals, failures, source) = try await readers.read { reader in
      let page = try PageRequest(limit: 10).fill { try reader.page(of: SignalFilter(rule: id), $0) }
      let file = try reader.files(of: version).first { $0.path == "\(id).lua" }
      return (page.rows, try reader.failures(of: id, limit: 10), file?.bytes)
    }
    return .json {
      $0.object {
        $0.member("version", version)
        $0.key("rule")
        $0.object { RuleRoutes.members(of: rule, &$0) }
        $0.member("source", source.map { String(decoding: $0, as: UTF8.self) })
        $0.key("signals")
        $0.array { list in for signal in signals { RowJSON.signal(signal, &list) } }
        $0.key("failures")
        $0.array { list in for failure in failures { RuleRoutes.write(failure, &list) } }
      }
    }
  }

  private static func write(_ failure: RuleFailure, _ writer: inout JSONWriter) {
    writer.object {
      $0.member("seq", failure.seq)
      $0.member("version", failure.version)
      $0.member("kind", failure.kind)
      $0.member("hook", failure.hook)
      $0.member("message", failure.message)
      $0.member("trace", failure.trace)
    }
  }

  private func versions(_ request: Request) async throws -> Response {
    let page = try QueryReader(request.uri, allowed: QueryReader.page).page()
    return .json(
      bytes: try await readers.read { reader in
        RowJSON.page("versions", try reader.reloads(page)) { reload, writer in
          writer.object {
            $0.member("id", reload.id)
            $0.member("version", reload.version)
            $0.member("previous", reload.previous)
            $0.member("outcome", reload.outcome)
            $0.member("reason", reload.reason)
            $0.member("seq", reload.seq)
            $0.member("created", reload.createdMilliseconds)
          }
        }
      })
  }

  // MARK: Changing

  /// What became of a change.
  static func answer(_ change: RuleChange) throws -> Response {
    switch change.kind {
    case .done, .unchanged: break
    case .missing: throw Problem.notFound(change.text)
    case .failed: throw Problem.unavailable(change.text)
    case .refused:
      var problem = Problem(
        .unprocessableContent, "rule-refused", "There is something against this change", change.text)
      problem.problems = change.problems
      throw problem
    }
    return .json {
      $0.object {
        $0.member("outcome", change.kind.rawValue)
        $0.member("version", change.version)
        $0.member("text", change.text)
        $0.key("warnings")
        $0.array { list in for warning in change.warnings { list.value(warning) } }
      }
    }
  }
}
