internal import Crypto
internal import Foundation

/// The other side: a WebSocket server for one client, which it sends orders at an even pace.
///
/// Blocking sockets and one thread, so that it costs little beside what is measured. It says `port N`, and at the
/// end `sent … late … stall … cpu … wall …` (µs); it stays until its standard input ends.
struct Sender {
  /// How often it looks what is due.
  private static let tick: UInt64 = 200_000

  private let flow: FlowSettings
  private let frames: OrderFrames

  init(_ flow: FlowSettings) {
    self.flow = flow
    frames = OrderFrames(probeEvery: flow.probeEvery)
  }

  /// The exit code.
  func run() -> Int32 {
    signal(SIGPIPE, SIG_IGN)
    // Else each sleep may be 50 µs longer than asked for.
    try? Data("1".utf8).write(to: URL(fileURLWithPath: "/proc/self/timerslack_ns"))
    guard let listener = Sender.listen() else { return 2 }
    print("port \(Sender.port(of: listener))")
    fflush(nil)
    let client = accept(listener, nil, nil)
    guard client >= 0, Sender.shakeHands(client), Sender.acknowledge(client) else { return 2 }
    var one: Int32 = 1
    setsockopt(client, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    guard let report = send(to: client) else { return 2 }
    print(report)
    fflush(nil)
    while readLine() != nil {}
    close(client)
    return 0
  }

  private func send(to client: Int32) -> String? {
    let count = flow.count
    let burst = max(flow.rate / 1000, 1)
    let wall = Int(time(nil)) - (flow.eventRate.map { count / $0 } ?? 0)
    var (sent, late, stall) = (0, UInt64(0), UInt64(0))
    var bytes: [UInt8] = []
    let start = Clock.now()
    let cpu = Clock.used()
    var next = start
    var last = start
    while sent < count {
      Clock.sleep(until: next)
      let now = Clock.now()
      stall = max(stall, now - last)
      last = now
      let due = min(Int(Double(now - start) * Double(flow.rate) / 1e9) + 1, count, sent + burst)
      if sent < due {
        late = max(late, now &- (start + UInt64(Double(sent) * 1e9 / Double(flow.rate))))
        bytes.removeAll(keepingCapacity: true)
        let stamp = Clock.now()
        while sent < due {
          let seconds = flow.eventRate.map { wall + sent / $0 } ?? Int(time(nil))
          frames.append(sent, seconds: seconds, stamp: stamp, to: &bytes)
          sent += 1
        }
        guard Sender.write(bytes, to: client) else { return nil }
      }
      next = max(next + Sender.tick, Clock.now())
    }
    let used = Int((Clock.used() - cpu) * 1e6)
    let spent = (Clock.now() - start) / 1000
    return "sent \(sent) late \(late / 1000) stall \(stall / 1000) cpu \(used) wall \(spent)"
  }

  private static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Glibc.write(socket, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count <= 0 { return false }
        done += count
      }
      return true
    }
  }

  // MARK: The connection

  private static func listen() -> Int32? {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(listener, $0, size) == 0 }
    }
    return isBound && Glibc.listen(listener, 1) == 0 ? listener : nil
  }

  private static func port(of listener: Int32) -> UInt16 {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(listener, $0, &size) }
    }
    return UInt16(bigEndian: address.sin_port)
  }

  /// RFC 6455 4.2.2.
  private static func shakeHands(_ client: Int32) -> Bool {
    var request = ""
    var buffer = [UInt8](repeating: 0, count: 4096)
    while !request.contains("\r\n\r\n") {
      let count = read(client, &buffer, buffer.count)
      if count <= 0 { return false }
      request += String(decoding: buffer[..<count], as: UTF8.self)
    }
    let prefix = "sec-websocket-key:"
    let line = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix(prefix) }
    guard let key = line?.dropFirst(prefix.count).trimmingCharacters(in: .whitespaces) else { return false }
    let digest = Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
    let answer =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      + "Sec-WebSocket-Accept: \(Data(digest).base64EncodedString())\r\n\r\n"
    return write(Array(answer.utf8), to: client)
  }

  /// Takes the subscription, whatever it says, and accepts it.
  private static func acknowledge(_ client: Int32) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    guard read(client, &buffer, buffer.count) > 0 else { return false }
    let text = #"{"type":"ack","subscription_id":"sub_bench"}"#
    return write([0x81, UInt8(text.utf8.count)] + Array(text.utf8), to: client)
  }
}
