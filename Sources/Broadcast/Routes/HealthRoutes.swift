import Hummingbird
import Wire

/// How the engine is.
struct HealthRoutes: Sendable {
  let host: any EngineHost

  var routes: [Route] {
    [
      Route(.get, "/healthz", nil) { _, _ in .json { $0.object { $0.member("status", "alive") } } },
      Route(.get, "/readyz", .viewer) { _, _ in await ready() },
      Route(.get, "/v1/status", .viewer) { _, _ in .json(bytes: await host.statusJSON()) },
    ]
  }

  private func ready() async -> Response {
    let troubles = await host.troubles()
    return .json(troubles.isEmpty ? .ok : .serviceUnavailable) {
      $0.object {
        $0.member("status", troubles.isEmpty ? "ready" : "not ready")
        $0.key("troubles")
        $0.array { list in for trouble in troubles { list.value(trouble) } }
      }
    }
  }
}
