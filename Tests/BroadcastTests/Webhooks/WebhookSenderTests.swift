import Glibc
import Journal
import Logging
import NIOHTTP1
import OrderFlow
import Synchronization
import Testing

@testable import Broadcast

@Suite(.timeLimit(.minutes(2))) struct WebhookSenderTests {
  private let bench: SenderBench

  init() throws { bench = try SenderBench() }

  @Test("signals that are committed are posted once, signed, and leave the outbox")
  func delivery() async throws {
    let receiver = try await WebhookReceiver()
    let webhook = try bench.add("desk", receiver.url())
    try await bench.running { sender in
      try bench.emit(1...5)
      sender.notice()
      try await bench.until { try bench.count("desk").waiting == 0 }
      try bench.emit(6...8)
      sender.notice()
      try await bench.until { try bench.count("desk").waiting == 0 && receiver.requests.count >= 8 }
      try await bench.until { sender.counts.snapshot["desk"]?.delivered == 8 }
      let counts = sender.counts.snapshot["desk"]
      #expect(counts?.sent == 8 && counts?.failed == 0 && counts?.dead == 0)
    }
    #expect(receiver.requests.count == 8)
    for request in receiver.requests {
      #expect(request.headers.first(name: "Content-Type") == "application/json")
      let id = try #require(request.headers.first(name: "webhook-id"))
      let seconds = try #require(request.headers.first(name: "webhook-timestamp").flatMap { Int64($0) })
      let expected = WebhookSigner(secrets: [webhook.secret])
        .signature(id: id, seconds: seconds, body: request.body)
      #expect(request.headers.first(name: "webhook-signature") == expected)
    }
    let ids = receiver.requests.compactMap { $0.headers.first(name: "webhook-id") }
    #expect(Set(ids).count == 8)
    try await receiver.close()
  }

  @Test("what was committed before the start is sent; chats get no signature")
  func beforeTheStart() async throws {
    let receiver = try await WebhookReceiver()
    _ = try bench.add("chat", receiver.url()) { $0.format = .slack }
    try bench.emit(1...3)
    try await bench.running { _ in
      try await bench.until { try bench.count("chat").waiting == 0 }
    }
    #expect(receiver.requests.count == 3)
    #expect(receiver.requests.allSatisfy { !$0.headers.contains(name: "webhook-signature") })
    try await receiver.close()
  }

  @Test("one that does not answer delays no other: the fast one has all while the slow one holds its first")
  func slow() async throws {
    let receiver = try await WebhookReceiver { request, _ in request.path == "/slow" ? nil : (200, [:]) }
    _ = try bench.add("slow", receiver.url("/slow"))
    _ = try bench.add("fast", receiver.url("/fast"))
    try bench.emit(1...50)
    var options = bench.options
    options.timeout = .seconds(3600)
    try await bench.running(options) { _ in
      try await bench.until { try bench.count("fast").waiting == 0 }
      try await bench.until { receiver.requests.count { $0.path == "/slow" } == 4 }
      #expect(receiver.requests.count { $0.path == "/fast" } == 50)
      let slow = try bench.count("slow")
      #expect(slow.waiting == 50 && slow.dead == 0)
    }
    try await receiver.close()
  }

  @Test("what is refused is tried again with the same id, and a webhook that is up again gets all")
  func retries() async throws {
    let receiver = try await WebhookReceiver { _, before in before < 6 ? (500, [:]) : (204, [:]) }
    _ = try bench.add("desk", receiver.url())
    try bench.emit(1...3)
    try await bench.running { sender in
      try await bench.until { try bench.count("desk").waiting == 0 }
      try await bench.until { sender.counts.snapshot["desk"]?.delivered == 3 }
      #expect(sender.counts.snapshot["desk"]?.failed == 6)
    }
    let ids = receiver.requests.compactMap { $0.headers.first(name: "webhook-id") }
    #expect(ids.count == 9 && Set(ids).count == 3)
    try await receiver.close()
  }

  @Test("what is refused for too long is given up, shown with its reason, and sent again on request")
  func death() async throws {
    let isUp = Mutex(false)
    let receiver = try await WebhookReceiver { _, _ in (isUp.withLock { $0 } ? 200 : 503, [:]) }
    _ = try bench.add("desk", receiver.url())
    var options = bench.options
    options.schedule.life = 50
    try bench.emit(1...2)
    try await bench.running(options) { sender in
      try await bench.until { try bench.count("desk").dead == 2 }
      let dead = try bench.reader().deliveries(of: bench.id("desk"), isDead: true, limit: 9)
      #expect(dead.allSatisfy { $0.status == 503 && $0.reason == "the receiver answered 503" })
      isUp.withLock { $0 = true }
      try bench.edit(.resend("desk"))
      sender.noticeChange()
      try await bench.until {
        let count = try bench.count("desk")
        return count.dead == 0 && count.waiting == 0
      }
      try await bench.until { sender.counts.snapshot["desk"]?.delivered == 2 }
      #expect(sender.counts.snapshot["desk"]?.dead == 2)
    }
    try await receiver.close()
  }

  @Test("410 disables the webhook and gives up what waits; resumed, it gets what comes then")
  func gone() async throws {
    let isUp = Mutex(false)
    let receiver = try await WebhookReceiver { _, _ in (isUp.withLock { $0 } ? 200 : 410, [:]) }
    _ = try bench.add("desk", receiver.url())
    try bench.emit(1...9)
    try await bench.running { sender in
      try await bench.until { try bench.count("desk").dead == 9 }
      let webhook = try #require(try bench.reader().webhooks().first)
      #expect(webhook.disabledMilliseconds != nil && webhook.reason == "the receiver answered 410")
      try await bench.until { sender.counts.snapshot["desk"]?.isEnabled == false }
      try bench.emit(10...12)
      sender.notice()
      #expect(try bench.count("desk").waiting == 0)
      isUp.withLock { $0 = true }
      try bench.edit(.resume("desk"))
      sender.noticeChange()
      try bench.emit(13...13)
      sender.notice()
      try await bench.until { sender.counts.snapshot["desk"]?.delivered == 1 }
      try await bench.until { try bench.count("desk").waiting == 0 }
    }
    try await receiver.close()
  }

  @Test("Retry-After keeps the webhook quiet, and no other")
  func retryAfter() async throws {
    let receiver = try await WebhookReceiver { request, _ in
      request.path == "/busy" ? (429, ["Retry-After": "3000"]) : (200, [:])
    }
    _ = try bench.add("busy", receiver.url("/busy"))
    _ = try bench.add("free", receiver.url("/free"))
    try bench.emit(1...20)
    try await bench.running { sender in
      try await bench.until { try bench.count("free").waiting == 0 }
      try await bench.until { sender.counts.snapshot["busy"]?.failed ?? 0 >= 1 }
      // Those that were under way when the first answer came.
      #expect(receiver.requests.count { $0.path == "/busy" } <= 4)
      let next = try bench.reader().dueDeliveries(of: bench.id("busy"), at: .max, limit: 99).last
      try await bench.until {
        try bench.reader().dueDeliveries(of: bench.id("busy"), at: .max, limit: 99)
          .contains { $0.nextMilliseconds > AccessClock.system.wall() + 2_000_000 }
      }
      #expect(next != nil)
    }
    try await receiver.close()
  }

  @Test(
    "a receiver in the own network is not connected to unless that is allowed",
    arguments: [
      "http://127.0.0.1:PORT", "http://localhost:PORT", "http://[::1]:PORT", "http://169.254.169.254",
      "http://127.1:PORT", "http://0x7f000001:PORT", "http://[::ffff:127.0.0.1]:PORT",
    ])
  func privateTargets(target: String) async throws {
    let receiver = try await WebhookReceiver()
    let origin = target.split(separator: "PORT", omittingEmptySubsequences: false)
      .joined(separator: "\(receiver.port)")
    _ = try bench.add("desk", origin + "/SECRET") { $0.allowsPrivate = false }
    try bench.emit(1...1)
    try await bench.running { _ in
      try await bench.until {
        try bench.reader().deliveries(of: bench.id("desk"), isDead: false, limit: 1).first?.attempts ?? 0 > 0
      }
    }
    let delivery = try bench.reader().deliveries(of: bench.id("desk"), isDead: false, limit: 1).first
    #expect(delivery?.reason?.contains("is not public") == true)
    #expect(delivery?.reason?.contains("SECRET") == false)
    #expect(receiver.requests.isEmpty)
    try await receiver.close()
  }

  @Test("a redirect to a private address is not followed")
  func redirect() async throws {
    let inner = try await WebhookReceiver()
    let target = inner.url("/inner")
    let receiver = try await WebhookReceiver { _, _ in (307, ["Location": target]) }
    _ = try bench.add("desk", receiver.url())
    try bench.emit(1...1)
    try await bench.running { sender in
      try await bench.until { sender.counts.snapshot["desk"]?.failed ?? 0 > 1 }
    }
    #expect(inner.requests.isEmpty)
    try await receiver.close()
    try await inner.close()
  }

  @Test("nothing is sent while the journal may be read by others, and that is said once")
  func openFolder() async throws {
    let receiver = try await WebhookReceiver()
    _ = try bench.add("desk", receiver.url())
    try bench.emit(1...1)
    chmod(bench.file.folder, 0o755)
    try await bench.running { _ in
      try await bench.until { bench.lines.contains { $0.contains("chmod 700") } }
      #expect(receiver.requests.isEmpty)
      chmod(bench.file.folder, 0o700)
      try await bench.until { try bench.count("desk").waiting == 0 }
    }
    #expect(bench.lines.count { $0.contains("chmod 700") } == 1)
    try await receiver.close()
  }

  @Test("no log has more of a url than its host, and none has a secret or a body")
  func logs() async throws {
    let receiver = try await WebhookReceiver { _, before in [(500, [:]), (410, [:])][min(before, 1)] }
    let webhook = try bench.add("desk", receiver.url("/PATHSECRET?key=QUERYSECRET"))
    try bench.emit(1...1)
    try await bench.running { _ in
      try await bench.until { try bench.count("desk").dead == 1 }
      try await bench.until { bench.lines.contains { $0.contains("disabled") } }
    }
    let all = bench.lines.joined(separator: "\n")
    #expect(all.contains("webhook desk: http://127.0.0.1:\(receiver.port) answered 410; it is disabled"))
    for secret in ["PATHSECRET", "QUERYSECRET", WebhookSecret.text(webhook.secret), "signal 1"] {
      #expect(!all.contains(secret))
    }
    try await receiver.close()
  }

  @Test("a journal that takes nothing for a while loses no result and sends nothing twice")
  func failingEdits() async throws {
    let receiver = try await WebhookReceiver()
    _ = try bench.add("desk", receiver.url())
    try bench.emit(1...30)
    bench.failures.withLock { $0 = 2 }
    try await bench.running { _ in
      try await bench.until { try bench.count("desk").waiting == 0 }
    }
    #expect(receiver.requests.count == 30)
    #expect(bench.lines.count { $0.contains("cannot be stored") } == 1)
    try await receiver.close()
  }
}
