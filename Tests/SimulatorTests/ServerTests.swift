import Documents
import Glibc
import NIOCore
import Testing

@testable import Simulator

/// The venue through real sockets.
@Suite(.serialized) struct ServerTests {
  private static func start(
    _ count: Int = 200, _ configure: (inout SimulatorOptions) -> Void = { _ in }
  ) async throws -> Simulator {
    var options = SimulatorOptions(source: .generated(count))
    options.speed = .rate(2000)
    options.restLag = .zero
    configure(&options)
    return try await Simulator.start(options)
  }

  @Test("a subscriber gets every order, REST has them, and so has the file of what was sent")
  func everything() async throws {
    let path = "/tmp/betterbot-sent-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
    defer { unlink(path) }
    let simulator = try await ServerTests.start { $0.sentPath = path }
    let orders = try await RawClient.talk(to: simulator.port) { client in
      #expect(try await client.handshake().hasPrefix("HTTP/1.1 101"))
      try await client.send(text: TestVenue.everything)
      #expect(try await client.frame().json?["type"]?.text == "ack")
      var lines: [UInt8] = []
      for _ in 0..<200 { lines += try await client.frame().payload + [0x0A] }
      return scan(lines).orders
    }
    await simulator.waitUntilFinished()
    #expect(simulator.status().isFinished)
    #expect(simulator.sentFailure() == nil)
    let sent = simulator.sentOrders()
    #expect(orders.map(\.common) == scan(sent).orders.map(\.common))
    let (page, status) = try await RawClient.talk(to: simulator.port) { client in
      let page = try await client.get("/polymarket/orders?start_time=1&limit=1000")
      #expect(page.head.hasPrefix("HTTP/1.1 200"))
      return (scan(page.body).orders, try await client.get("/simulator/status").body)
    }
    #expect(Set(page) == Set(scan(sent).orders))
    #expect(JSONValue(status)?["finished"] == .bool(true))
    #expect(JSONValue(status)?["sent"] == .number("200"))
    #expect(try bytes(of: path) == sent)
    await simulator.stop()
  }

  @Test("without the key the handshake gets 401 with a reason in JSON")
  func key() async throws {
    let simulator = try await ServerTests.start { $0.key = "secret" }
    let refused = try await RawClient.talk(to: simulator.port) { try await $0.handshake("/wrong") }
    #expect(refused.hasPrefix("HTTP/1.1 401"))
    #expect(refused.contains("content-type: application/json"))
    #expect(
      try await RawClient.talk(to: simulator.port) { try await $0.handshake("/secret") }.contains("101"))
    await simulator.stop()
  }

  @Test("pings are answered with what they bring, a close with a close, and fragments are joined")
  func control() async throws {
    let simulator = try await ServerTests.start()
    try await RawClient.talk(to: simulator.port) { client in
      _ = try await client.handshake()
      try await client.send(frame: 0x89, Array("beat".utf8))
      #expect(try await client.frame() == Frame(kind: 0x8A, payload: Array("beat".utf8)))
      let message = Array(#"{"action":"unsubscribe"}"#.utf8)
      try await client.send(frame: 0x01, Array(message[..<5]))
      try await client.send(frame: 0x80, Array(message[5...]))
      #expect(try await client.frame().text.contains("subscription_id is missing"))
      try await client.send(frame: 0x88, [0x03, 0xE8])
      #expect(try await client.frame() == Frame(kind: 0x88, payload: [0x03, 0xE8]))
      #expect(try await client.isEnded())
    }
    await simulator.stop()
  }

  @Test("a drop is a TCP reset")
  func drop() async throws {
    let simulator = try await ServerTests.start(200_000)
    let error = await #expect(throws: IOError.self) {
      try await RawClient.talk(to: simulator.port) { client in
        _ = try await client.handshake()
        try await client.send(text: TestVenue.everything)
        _ = try await client.frame()
        simulator.inject(.drop)
        return try await client.isEnded()
      }
    }
    #expect(error?.errnoCode == ECONNRESET)
    #expect(simulator.status().faults == [.drop: 1])
    await simulator.stop()
  }

  @Test("after a cut the stream ends; after a restart handshakes get 503, then work again")
  func cutAndRefuse() async throws {
    let simulator = try await ServerTests.start(200_000)
    try await RawClient.talk(to: simulator.port) { client in
      _ = try await client.handshake()
      try await client.send(text: TestVenue.everything)
      simulator.inject(.cut)
      #expect(try await client.isEnded())
    }
    try await RawClient.talk(to: simulator.port) { client in
      _ = try await client.handshake()
      try await client.send(text: TestVenue.everything)
      _ = try await client.frame()
      simulator.inject(.refuse)
      while try await client.frame().kind != 0x88 {}
      try await client.send(frame: 0x88, [])
    }
    var answers: [String] = []
    while answers.last?.contains("101") != true {
      answers.append(try await RawClient.talk(to: simulator.port) { try await $0.handshake() })
    }
    #expect(answers[0].hasPrefix("HTTP/1.1 503"))
    #expect(answers[0].contains("retry-after: 1"))
    #expect(simulator.status().faults == [.cut: 1, .refuse: 1])
    await simulator.stop()
  }

  @Test("a subscriber that does not read is told 1008 and dropped, and stops nobody")
  func slowReader() async throws {
    let simulator = try await ServerTests.start(40_000) {
      $0.speed = .rate(100_000)
      $0.maximumPendingBytes = 1 << 20
    }
    try await RawClient.talk(to: simulator.port) { client in
      _ = try await client.handshake()
      try await client.send(text: TestVenue.everything)
      // Nothing is read until the flow is over: 20 MB are more than the system takes.
      await simulator.waitUntilFinished()
      var last = try await client.frame()
      while last.kind == 0x81 { last = try await client.frame() }
      #expect(last.closeCode == 1008)
    }
    #expect(simulator.status().sent == 40_000)
    await simulator.stop()
  }

  @Test("with no speed of its own the flow goes as fast as the reader reads, and loses nothing")
  func fullSpeed() async throws {
    let simulator = try await ServerTests.start(20_000) { $0.speed = .maximum }
    try await RawClient.talk(to: simulator.port) { client in
      _ = try await client.handshake()
      try await client.send(text: TestVenue.everything)
      for _ in 0...20_000 { _ = try await client.frame() }
    }
    #expect(simulator.status().sent == 20_000)
    await simulator.stop()
  }

  @Test("the simulator takes leave when it stops, and frees its port")
  func stop() async throws {
    let simulator = try await ServerTests.start(200_000)
    try await RawClient.talk(to: simulator.port) { client in
      _ = try await client.handshake()
      try await client.send(text: TestVenue.everything)
      _ = try await client.frame()
      async let stopped: Void = simulator.stop()
      var last = try await client.frame()
      while last.kind == 0x81 { last = try await client.frame() }
      #expect(last.closeCode == 1001)
      try await client.send(frame: 0x88, [0x03, 0xE9])
      await stopped
    }
    await #expect(throws: (any Error).self) {
      try await RawClient.talk(to: simulator.port) { try await $0.handshake() }
    }
  }

  @Test("a port that is taken is named")
  func taken() async throws {
    let simulator = try await ServerTests.start()
    let port = simulator.port
    let error = await #expect(throws: SimulatorError.self) { try await ServerTests.start { $0.port = port } }
    #expect(error?.description.contains("127.0.0.1:\(port)") == true)
    await simulator.stop()
  }

  private func bytes(of path: String) throws -> [UInt8] {
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = fread(&block, 1, block.count, file)
      if count == 0 { return bytes }
      bytes += block[..<count]
    }
  }
}
