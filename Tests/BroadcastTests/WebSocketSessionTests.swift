import Testing

@testable import Broadcast

@Suite("The life of a WebSocket")
struct WebSocketSessionTests {
  typealias Action = WebSocketSession.Action

  private static func session() -> WebSocketSession {
    var settings = WebSocketSettings()
    settings.maximumMessageBytes = 10
    settings.pingInterval = .seconds(20)
    settings.closeLimit = .seconds(5)
    return WebSocketSession(settings, now: .seconds(100))
  }

  private var session = session()

  private mutating func receive(_ bytes: [UInt8], at second: Int = 100, isWritable: Bool = true) -> [Action] {
    var actions: [Action] = []
    bytes.withUnsafeBytes { bytes in
      var offset = 0
      while let action = session.receive(
        bytes, from: &offset, now: .seconds(second), isWritable: isWritable)
      {
        actions.append(action)
      }
    }
    return actions
  }

  @Test("messages are handed on and pings are answered in order")
  mutating func messages() {
    let bytes =
      ClientFrame.text("a") + ClientFrame.ping("1") + ClientFrame(2, [9]).bytes + ClientFrame.ping("2")
    #expect(receive(bytes) == [.text([97]), .pong([49]), .binary([9]), .pong([50])])
    #expect(session.isOpen)
  }

  @Test("a close is echoed without its reason, and the connection ends")
  mutating func closedByPeer() {
    let actions = receive(ClientFrame.close(1001, "bye") + ClientFrame.text("late"))
    #expect(actions == [.finish(.goingAway, reason: "", .closedByPeer(.goingAway, reason: "bye"))])
    #expect(!session.isOpen)
    #expect(session.deadline == nil)
    #expect(session.close(.normal, reason: "", now: .seconds(101)) == nil)
    #expect(session.disconnected() == nil)
    #expect(session.tick(now: .seconds(1_000)) == nil)
  }

  @Test("an empty close is echoed empty")
  mutating func emptyClose() {
    #expect(receive(ClientFrame(8).bytes) == [.finish(nil, reason: "", .closedByPeer(nil, reason: ""))])
  }

  @Test("a violation is told, and nothing after it is heard")
  mutating func violation() {
    let reason = "a message of more than 10 bytes"
    let actions = receive(ClientFrame.text("12345678901") + ClientFrame.text("a"))
    #expect(actions == [.finish(.tooBig, reason: reason, .closed(.tooBig, reason: reason))])
    #expect(receive(ClientFrame.ping("a")) == [])
  }

  @Test("after our close, messages and pings are ignored until the peer's close")
  mutating func closing() {
    #expect(
      session.close(.policy, reason: "too slow", now: .seconds(101))
        == .startClose(.policy, reason: "too slow"))
    #expect(!session.isOpen)
    #expect(session.close(.normal, reason: "", now: .seconds(101)) == nil)
    #expect(receive(ClientFrame.text("a") + ClientFrame.ping("b")) == [])
    #expect(receive(ClientFrame.close(1008)) == [.end(.closed(.policy, reason: "too slow"))])
  }

  @Test("the peer has five seconds to answer our close")
  mutating func closeLimit() {
    _ = session.close(.normal, reason: "done", now: .seconds(101))
    _ = receive(ClientFrame.text("a"), at: 105)
    #expect(session.deadline == .seconds(106))
    #expect(session.tick(now: .seconds(105)) == nil)
    #expect(session.tick(now: .seconds(106)) == .end(.closed(.normal, reason: "done")))
    #expect(session.deadline == nil)
  }

  @Test("a violation of the peer's after our close ends it")
  mutating func violationWhileClosing() {
    _ = session.close(.normal, reason: "done", now: .seconds(101))
    #expect(receive([0xFF]) == [.end(.closed(.normal, reason: "done"))])
  }

  @Test("an idle peer is pinged, any byte of it counts, and a silent one is given up")
  mutating func idle() {
    #expect(session.deadline == .seconds(120))
    #expect(session.tick(now: .seconds(119)) == nil)
    #expect(session.tick(now: .seconds(120)) == .ping)
    #expect(session.tick(now: .seconds(121)) == nil)
    #expect(session.deadline == .seconds(140))
    #expect(receive([0x8A], at: 139) == [])
    #expect(session.deadline == .seconds(159))
    #expect(session.tick(now: .seconds(140)) == nil)
    #expect(session.tick(now: .seconds(159)) == .ping)
    #expect(session.tick(now: .seconds(179)) == .end(.silent))
    #expect(session.tick(now: .seconds(400)) == nil)
  }

  @Test("a flood of pings that cannot be answered leaves one answer")
  mutating func pingFlood() {
    for number in 0..<1_000 {
      #expect(receive(ClientFrame.ping("\(number)"), isWritable: false) == [])
    }
    #expect(session.becameWritable() == .pong(Array("999".utf8)))
    #expect(session.becameWritable() == nil)
  }

  @Test("an answer that is owed is not sent after our close")
  mutating func owedAfterClose() {
    _ = receive(ClientFrame.ping("a"), isWritable: false)
    _ = session.close(.normal, reason: "", now: .seconds(101))
    #expect(session.becameWritable() == nil)
  }

  @Test("a connection that breaks is lost, or closed when we were closing")
  mutating func disconnected() {
    #expect(session.disconnected() == .end(.lost))
    #expect(session.disconnected() == nil)
    session = WebSocketSessionTests.session()
    _ = session.close(.normal, reason: "x", now: .seconds(101))
    #expect(session.disconnected() == .end(.closed(.normal, reason: "x")))
  }
}
