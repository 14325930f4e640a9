import Testing

@testable import Feeds

@Suite struct StreamMonitorTests {
  private static func at(_ seconds: Double) -> UInt64 { UInt64(seconds * 1e9) + 5_000_000_000_000 }

  private static func monitor(
    silence: Duration? = .seconds(60), ping: Duration? = nil
  ) -> StreamMonitor {
    StreamMonitor(silence: silence, acknowledgeWithin: .seconds(10), pingEvery: ping)
  }

  @Test("an acknowledged subscription is live with the last acknowledgement, not before")
  func acknowledged() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 3)
    let lives = (1...4).map { monitor.acknowledged(Self.at(Double($0))) }
    #expect(lives == [false, false, true, false])
    #expect(monitor.isLive)
  }

  @Test("payload before the acknowledgement is not proof that all subscriptions hold")
  func payloadFirst() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 2)
    #expect(monitor.payload(Self.at(1)) == false)
    #expect(monitor.acknowledged(Self.at(2)) == false)
    #expect(!monitor.isLive)
    #expect(monitor.acknowledged(Self.at(3)) == true)
  }

  @Test("without an acknowledgement in time the connection is given up")
  func timeout() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 2)
    _ = monitor.acknowledged(Self.at(9))
    #expect(monitor.tick(Self.at(9.9)) == [])
    #expect(monitor.tick(Self.at(10)) == [.reconnect("the subscription was not acknowledged within 10 s")])
  }

  @Test("without acknowledgements the first order makes it live")
  func firstPayload() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 0)
    #expect(!monitor.isLive)
    #expect(monitor.payload(Self.at(1)) == true)
    #expect(monitor.payload(Self.at(2)) == false)
  }

  @Test("without acknowledgements and orders the connection is given up")
  func neverLive() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 0)
    #expect(monitor.tick(Self.at(59.9)) == [])
    #expect(monitor.tick(Self.at(60)) == [.reconnect("no order came within 60 s of the subscription")])
  }

  @Test("a lapse is answered by subscribing again, and then by connecting again")
  func lapse() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 1)
    _ = monitor.acknowledged(Self.at(1))
    _ = monitor.payload(Self.at(30))
    #expect(monitor.tick(Self.at(89.9)) == [])
    #expect(monitor.tick(Self.at(90)) == [.resubscribe(silentSeconds: 60)])
    monitor.subscribed(Self.at(90), acknowledgements: 1)
    #expect(monitor.acknowledged(Self.at(91)) == false, "an acknowledgement proves nothing after a lapse")
    #expect(monitor.tick(Self.at(149)) == [])
    #expect(
      monitor.tick(Self.at(150)) == [.reconnect("no order came for 120 s, also after subscribing again")])
  }

  @Test("an order after the second subscription ends the lapse")
  func recovered() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 0)
    _ = monitor.payload(Self.at(1))
    #expect(monitor.tick(Self.at(61)) == [.resubscribe(silentSeconds: 60)])
    monitor.subscribed(Self.at(61), acknowledgements: 0)
    #expect(monitor.payload(Self.at(62)) == true)
    #expect(monitor.tick(Self.at(121)) == [])
    #expect(monitor.tick(Self.at(122)) == [.resubscribe(silentSeconds: 60)])
  }

  @Test("a quiet filter never lapses, but has to be acknowledged")
  func quiet() {
    var monitor = Self.monitor(silence: nil)
    monitor.subscribed(Self.at(0), acknowledgements: 1)
    #expect(monitor.tick(Self.at(10)).count == 1)
    monitor.subscribed(Self.at(20), acknowledgements: 1)
    #expect(monitor.acknowledged(Self.at(21)) == true)
    #expect(monitor.tick(Self.at(1_000_000)) == [])
  }

  @Test("subscribing anew for another watch list waits for its acknowledgement, and is live again with it")
  func refresh() {
    var monitor = Self.monitor()
    monitor.subscribed(Self.at(0), acknowledgements: 1)
    _ = monitor.acknowledged(Self.at(1))
    monitor.subscribed(Self.at(30), acknowledgements: 1)
    #expect(!monitor.isLive)
    #expect(monitor.payload(Self.at(31)) == false)
    #expect(monitor.acknowledged(Self.at(32)) == true)
    monitor.subscribed(Self.at(40), acknowledgements: 1)
    #expect(monitor.tick(Self.at(50)) == [.reconnect("the subscription was not acknowledged within 10 s")])
  }

  @Test("pings go out at their pace in every state, and are no proof of anything")
  func pings() {
    var monitor = Self.monitor(ping: .seconds(5))
    monitor.subscribed(Self.at(0), acknowledgements: 0)
    #expect(monitor.tick(Self.at(4.9)) == [])
    #expect(monitor.tick(Self.at(5)) == [.ping])
    #expect(monitor.tick(Self.at(6)) == [])
    _ = monitor.payload(Self.at(7))
    #expect(monitor.tick(Self.at(10)) == [.ping])
    #expect(monitor.tick(Self.at(67)) == [.ping, .resubscribe(silentSeconds: 60)])
    #expect(monitor.tick(Self.at(72)) == [.ping])
  }
}
