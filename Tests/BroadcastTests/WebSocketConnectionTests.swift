import NIOCore
import Testing

@testable import Broadcast

@Suite("WebSockets on the server", .timeLimit(.minutes(1)))
struct WebSocketConnectionTests {
  private func open(_ server: ConnectionServer, then bytes: [UInt8] = []) async throws -> RawClient {
    let client = try await RawClient.connect(server.port)
    try await client.write(Array(RawClient.handshake().utf8) + bytes)
    let head = try await client.head()
    #expect(head.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
    return client
  }

  @Test("the handshake is answered as in RFC 6455, with the fields of the owner")
  func handshake() async throws {
    try await ConnectionServer.run { server in
      let client = try await RawClient.connect(server.port)
      try await client.write(RawClient.handshake())
      let lines = Set(try await client.head().lowercased().split(separator: "\r\n"))
      #expect(
        lines.isSuperset(of: [
          "http/1.1 101 switching protocols", "upgrade: websocket", "connection: upgrade", "x-more: yes",
          "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
        ]))
      await client.close()
      try await eventually { server.ends == [.lost] }
    }
  }

  @Test("messages, pings and the close are answered, also those right behind the handshake")
  func conversation() async throws {
    try await ConnectionServer.run { server in
      let client = try await open(server, then: ClientFrame.text("early") + ClientFrame.ping("p"))
      #expect(try await client.words() == "1 early")
      #expect(try await client.words() == "10 p")
      let large = [UInt8](repeating: 3, count: 90_000)
      try await client.write(ClientFrame(2, large).bytes)
      let frame = try await client.frame()
      #expect(frame.opcode == 2)
      #expect(frame.payload.count == large.count)
      #expect(frame.payload == large)
      try await client.write(ClientFrame.close(1000, "bye"))
      #expect(try await client.words() == "8 1000 ")
      #expect(await client.toEnd() == "")
      #expect(server.ends == [.closedByPeer(.normal, reason: "bye")])
    }
  }

  @Test("a later request of a connection may become a WebSocket too, behind an answer that is under way")
  func second() async throws {
    try await ConnectionServer.run { server in
      let client = try await RawClient.connect(server.port)
      try await client.write(RawClient.get())
      #expect(try await client.answer()[1] == "hello")
      try await client.write(RawClient.get() + RawClient.handshake())
      #expect(try await client.answer()[1] == "hello")
      #expect(try await client.head().contains(" 101 "))
      try await client.write(ClientFrame.text("a"))
      #expect(try await client.words() == "1 a")
      await client.close()
    }
  }

  @Test("what breaks a rule is told with its code before the connection ends")
  func violation() async throws {
    try await ConnectionServer.run { server in
      let big = try await open(server)
      // The rest of it comes after the refusal.
      try await big.write(ClientFrame(2, [UInt8](repeating: 0, count: 200_000)).bytes)
      #expect(try await big.words() == "8 1009 a message of more than 100000 bytes")
      #expect(await big.toEnd() == "")
      let bare = try await open(server, then: ClientFrame(1, [65], mask: nil).bytes)
      #expect(try await bare.words() == "8 1002 a frame without a mask")
      #expect(await bare.toEnd() == "")
      let broken = try await open(server, then: Array(ClientFrame(1, [0xFF], claimed: 90).bytes))
      #expect(try await broken.words() == "8 1007 a text that is not UTF-8")
      #expect(await broken.toEnd() == "")
    }
  }

  @Test("the server closes with a code and a reason, and sends nothing after it")
  func closedByServer() async throws {
    try await ConnectionServer.run { server in
      let client = try await open(server)
      try await eventually { server.peers.count == 1 }
      server.peers[0].send(Frame.text("last"))
      server.peers[0].close(.policy, reason: "revoked")
      server.peers[0].send(Frame.text("too late"))
      #expect(try await client.words() == "1 last")
      #expect(try await client.words() == "8 1008 revoked")
      try await client.write(ClientFrame.text("ignored") + ClientFrame.close(1008))
      #expect(await client.toEnd() == "")
      #expect(server.ends == [.closed(.policy, reason: "revoked")])
    }
  }

  @Test("one frame goes to many")
  func broadcast() async throws {
    try await ConnectionServer.run { server in
      var clients: [RawClient] = []
      for _ in 0..<5 { clients.append(try await open(server)) }
      try await eventually { server.peers.count == 5 }
      let frame = Frame.text("to all")
      for peer in server.peers { peer.send(frame) }
      for client in clients {
        #expect(try await client.words() == "1 to all")
        await client.close()
      }
    }
  }

  @Test("a peer that does not read is not read from, so its answers do not pile up")
  func unread() async throws {
    try await ConnectionServer.run { server in
      let client = try await RawClient.connect(server.port, reads: false)
      try await client.write(RawClient.handshake())
      let flood = ByteBuffer(
        bytes: (0..<500).flatMap { _ in ClientFrame(9, [UInt8](repeating: 0, count: 125)).bytes })
      var count = 0
      // The buffers of the two sockets take a few megabytes.
      while client.channel.isWritable, count < 4_000 {
        count += 1
        try await eventually { server.peers.count == 1 }
        client.channel.writeAndFlush(flood, promise: nil)
        try await client.channel.eventLoop.submit {}.get()
      }
      #expect(count < 4_000)
      try await eventually { !server.peers[0].isWritable }
      await client.close()
      try await eventually { server.ends == [.lost] }
    }
  }

  @Test("when the server stops, WebSockets are closed with 1001")
  func shutdown() async throws {
    let (clients, feed) = AsyncStream.makeStream(of: Int.self)
    let words = Task { () -> [String] in
      var iterator = clients.makeAsyncIterator()
      guard let port = await iterator.next() else { return [] }
      let client = try await RawClient.connect(port)
      try await client.write(RawClient.handshake())
      _ = try await client.head()
      feed.finish()
      let words = try await client.words()
      try await client.write(ClientFrame.close(1001))
      return [words, await client.toEnd()]
    }
    try await ConnectionServer.run { server in
      feed.yield(server.port)
      try await eventually { server.peers.count == 1 }
    }
    #expect(try await words.value == ["8 1001 the server stops", ""])
  }
}
