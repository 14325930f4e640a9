import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import NIOHTTP1
import Synchronization
import Wire

/// Streams of signals: WebSocket and server-sent events.
struct StreamRoutes: Sendable {
  let hub: StreamHub
  let gate: Gate
  let isTLS: Bool
  /// Streams of one caller that are open.
  let open: ConnectionCounter<String>

  /// Where a WebSocket is asked for.
  static let socketPath = "/v1/stream"

  var routes: [Route] {
    [
      Route(.get, StreamRoutes.socketPath, .viewer, query: StreamRoutes.parameters) { request, context in
        try await refuse(request, context)
      },
      Route(.get, "/v1/events", .viewer, query: StreamRoutes.parameters) { request, context in
        try await events(request, context)
      },
      Route(.post, "/v1/tickets", .viewer) { _, context in try ticket(context) },
    ]
  }

  // MARK: What is wanted

  private static let parameters = SignalRoutes.filters + ["topics", "after", "ticket"]

  private func wanted(_ uri: URI, lastEventID: String? = nil) throws(Problem) -> StreamRequest {
    let query = try QueryReader(uri, allowed: StreamRoutes.parameters)
    var wanted = StreamRequest()
    wanted.filter = try SignalRoutes.filter(query)
    wanted.topics = try query.words("topics", StreamTopic.self)
    wanted.after = try query.number("after", 0...Int64.max)
    if let lastEventID {
      guard let number = Int64(lastEventID), number >= 0 else {
        throw .badRequest("Last-Event-ID must be the number of a signal of this stream")
      }
      wanted.after = number
    }
    return wanted
  }

  /// Refuses a position that this journal has not reached: it would leave out what is still to come.
  private func check(_ wanted: StreamRequest) async throws {
    guard let after = wanted.after, after > hub.stock.ring.last else { return }
    // What is committed but not handed out yet may have been read already.
    let stored = try await hub.stock.readers.read { try $0.signalRange()?.upperBound } ?? 0
    let newest = max(hub.stock.ring.last, stored)
    if after > newest {
      throw Problem(
        .conflict, "no-such-position", "The journal is another one",
        "after=\(after) is beyond the newest signal, which is \(newest); leave after out to begin there")
    }
  }

  private static func full(_ caller: Caller) -> Problem {
    var problem = Problem(
      .tooManyRequests, "too-many-streams", "Too many streams",
      "\(caller.name) has as many streams open as one may have; close one")
    problem.headers = [(.retryAfter, "10")]
    return problem
  }

  // MARK: WebSocket

  /// Decides on a request for a WebSocket. What is wrong with one is said by `refuse`.
  func decide(_ head: HTTPRequestHead, _ channel: any Channel) -> EventLoopFuture<UpgradeDecision> {
    let uri = URI(head.uri)
    guard uri.path == StreamRoutes.socketPath, let wanted = try? wanted(uri),
      let fanOut = hub.fanOut(of: channel.eventLoop)
    else { return channel.eventLoop.makeSucceededFuture(.passOn) }
    var request = GateRequest(
      path: uri.path, hosts: head.headers["host"],
      remoteAddress: channel.remoteAddress?.ipAddress ?? "local", role: .viewer)
    request.query = uri.query ?? ""
    request.origins = head.headers["origin"]
    request.authorizations = head.headers["authorization"]
    request.ticket = uri.queryParameters.get("ticket")
    request.isTLS = isTLS
    request.countsFailures = false
    // Taken before a ticket is used up, so that the ordinary answer can say that there are too many.
    let box = PlaceBox()
    request.entry = { caller in box.take(open, caller.id) }
    var settings = WebSocketSettings()
    settings.unsentBytes = hub.stock.limits.highWatermark
    return channel.eventLoop.makeFutureWithTask { [request, settings] in
      do { try await check(wanted) } catch { return .passOn }
      guard case .admitted(let caller?) = await gate.admit(request), let place = box.place else {
        return .passOn
      }
      return .accept(settings: settings) { peer in subscribe(peer, wanted, caller, place, fanOut) }
    }
  }

  /// The place that a request has taken, while it is being decided on.
  private final class PlaceBox: Sendable {
    private let held = Mutex<StreamPlace?>(nil)
    var place: StreamPlace? { held.withLock { $0 } }

    func take(_ open: ConnectionCounter<String>, _ caller: String) -> Bool {
      let place = try? StreamPlace(open, caller)
      held.withLock { $0 = place }
      return place != nil
    }
  }

  private func subscribe(
    _ peer: WebSocketPeer, _ wanted: StreamRequest, _ caller: Caller, _ place: StreamPlace,
    _ fanOut: FanOut
  ) -> WebSocketEvents {
    StreamRoutes.bound(peer.channel, hub.stock.limits)
    let gate = gate
    let number = fanOut.add(SocketSink(peer: peer), wanted, .webSocket) { gate.mayStay(caller) }
    // What a subscriber says is of no account.
    var events = WebSocketEvents()
    events.onWritabilityChanged = { isWritable in if isWritable { fanOut.pump(number: number) } }
    // The place is given back when these are let go.
    events.onEnd = { [place] _ in withExtendedLifetime(place) { fanOut.remove(number: number) } }
    return events
  }

  /// Holds what the kernel keeps for a connection to what a subscriber may cost.
  private static func bound(_ channel: any Channel, _ limits: StreamLimits) {
    // Or the kernel keeps megabytes for one who does not read.
    channel.setOption(.socketOption(.so_sndbuf), value: Int(limits.socketBytes)).whenComplete { _ in }
  }

  /// What an ordinary request to the place of the WebSocket is told.
  private func refuse(_ request: Request, _ context: APIContext) async throws -> Response {
    try await check(try wanted(request.uri))
    if let caller = context.caller, open.count(of: caller.id) >= open.maximumEach {
      throw StreamRoutes.full(caller)
    }
    var problem = Problem(
      .upgradeRequired, "upgrade-required", "This is the place of a WebSocket",
      "open it with a client of WebSockets (RFC 6455, version 13), or read /v1/events")
    problem.headers = [(.upgrade, "websocket"), (.connection, "Upgrade")]
    if let version = HTTPField.Name("Sec-WebSocket-Version") { problem.headers.append((version, "13")) }
    throw problem
  }

  // MARK: Server-sent events

  private func events(_ request: Request, _ context: APIContext) async throws -> Response {
    let lastEventID = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
    let wanted = try wanted(request.uri, lastEventID: lastEventID)
    try await check(wanted)
    guard let caller = context.caller, let fanOut = hub.fanOut(of: context.channel.eventLoop) else {
      throw Problem.internalError
    }
    var fields = HTTPFields()
    fields[.contentType] = "text/event-stream"
    if let name = HTTPField.Name("X-Accel-Buffering") { fields[name] = "no" }
    // Nothing is streamed then, and nothing would say that it is over.
    if request.method == .head { return Response(status: .ok, headers: fields) }
    let place: StreamPlace
    do throws(ConnectionCounter<String>.Refusal) { place = try StreamPlace(open, caller.id) } catch {
      throw StreamRoutes.full(caller)
    }
    let stream = EventStream(fanOut, context.channel)
    StreamRoutes.bound(context.channel, hub.stock.limits)
    let mark = ChannelOptions.Types.WriteBufferWaterMark(
      low: hub.stock.limits.highWatermark / 2, high: hub.stock.limits.highWatermark)
    context.channel.setOption(.writeBufferWaterMark, value: mark).whenComplete { _ in }
    EndOfInput.watch(context.channel)
    let gate = gate
    return Response(
      status: .ok, headers: fields,
      body: ResponseBody { [place] writer in
        defer { withExtendedLifetime(place) {} }
        await stream.open(wanted) { gate.mayStay(caller) }
        defer { stream.close() }
        while let bytes = await stream.next() { try await writer.write(bytes) }
        try await writer.finish(nil)
      })
  }

  // MARK: Tickets

  private func ticket(_ context: APIContext) throws -> Response {
    guard let caller = context.caller else { throw Problem.internalError }
    switch gate.ticket(for: caller) {
    case .issued(let ticket):
      return .json(.created) {
        $0.object {
          $0.member("ticket", ticket)
          $0.member("expires_in", TicketBox.lifeMilliseconds / 1000)
        }
      }
    case .refused(let seconds):
      var problem = Problem(
        .tooManyRequests, "too-many-tickets", "Too many tickets", "use the ones that are out, or wait")
      problem.headers = [(.retryAfter, "\(seconds)")]
      throw problem
    }
  }
}

/// One of the streams that a caller may have open, until nobody holds it any more: an answer may be dropped before
