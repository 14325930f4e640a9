internal import Foundation

/// Many WebSockets in one process: they follow the stream of a server, and say what they heard.
///
/// Raw sockets and one thread, so that they cost little beside what is measured. Orders come on standard input, a
/// line each: `stall K` (the last K read nothing any more), `reconnect K` (K at random come back with their last
/// number), `clear`, and `report`, which is answered by a line of figures.
final class Subscribers {
  private struct Connection {
    var socket: Int32
    var buffer: [UInt8] = []
    var last: Int64 = -1
    var isStalled = false
    var isClosed = false
  }

  private let port: Int
  private let token: String
  private var connections: [Connection] = []
  /// One for each connection, -1 for those that read nothing; behind them standard input.
  private var watched: [pollfd]
  private var latencies: [UInt32] = []
  private var (received, bytes, missing, repeated, returned) = (0, 0, 0, 0, 0)
  /// What has come on standard input of the next order.
  private var orders: [UInt8] = []
  private var random = Random(state: 7)

  init?(port: Int, count: Int, token: String) {
    self.port = port
    self.token = token
    watched = Array(repeating: pollfd(fd: -1, events: Int16(POLLIN), revents: 0), count: count + 1)
    watched[count].fd = 0
    for place in 0..<count {
      guard let connection = connect(after: nil) else { return nil }
      connections.append(connection)
      watch(place)
    }
  }

  /// Connects and shakes hands; what comes behind the answer is kept.
  private func connect(after number: Int64?) -> Connection? {
    let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard code == 0 else { return nil }
    let after = number.map { "?after=\($0)" } ?? ""
    let request =
      "GET /v1/stream\(after) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nUpgrade: websocket\r\n"
      + "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
      + "Sec-WebSocket-Version: 13\r\nAuthorization: Bearer \(token)\r\n\r\n"
    guard send(client, request, request.utf8.count, 0) == request.utf8.count else { return nil }
    var connection = Connection(socket: client)
    if let number { connection.last = number }
    var chunk = [UInt8](repeating: 0, count: 4096)
    let end = Array("\r\n\r\n".utf8)
    while true {
      let count = read(client, &chunk, chunk.count)
      if count <= 0 { return nil }
      connection.buffer += chunk[..<count]
      guard connection.buffer.starts(with: Array("HTTP/1.1 101".utf8)) else { return nil }
      let found = connection.buffer.indices.first { connection.buffer[$0...].starts(with: end) }
      guard let found else { continue }
      connection.buffer.removeFirst(found + 4)
      return connection
    }
  }

  private func watch(_ place: Int) {
    let socket = connections[place].socket
    _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
    watched[place].fd = socket
  }

  // MARK: The loop

  /// Follows the streams until standard input ends.
  func run() {
    print("connected \(connections.count)")
    fflush(nil)
    for place in connections.indices { take(place) }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while poll(&watched, nfds_t(watched.count), -1) >= 0 || errno == EINTR {
      if watched[connections.count].revents != 0 {
        guard takeOrders() else { return }
      }
      for place in connections.indices where watched[place].revents != 0 { receive(place, &chunk) }
    }
  }

  private func receive(_ place: Int, _ chunk: inout [UInt8]) {
    if connections[place].isStalled || connections[place].isClosed { return }
    let count = read(connections[place].socket, &chunk, chunk.count)
    if count <= 0 {
      if count < 0, errno == EAGAIN { return }
      leave(place)
      return
    }
    bytes += count
    connections[place].buffer += chunk[..<count]
    take(place)
  }

  private func leave(_ place: Int) {
    connections[place].isClosed = true
    watched[place].fd = -1
    close(connections[place].socket)
  }

  /// Reads the whole frames of a buffer.
  private func take(_ place: Int) {
    let now = Clock.now()
    var buffer = connections[place].buffer
    connections[place].buffer = []
    var start = 0
    while buffer.count - start >= 2 {
      var (size, head) = (Int(buffer[start + 1]), 2)
      if size == 126 {
        guard buffer.count - start >= 4 else { break }
        size = Int(buffer[start + 2]) << 8 | Int(buffer[start + 3])
        head = 4
      } else if size == 127 {
        guard buffer.count - start >= 10 else { break }
        size = (2..<10).reduce(0) { $0 << 8 | Int(buffer[start + $1]) }
        head = 10
      }
      guard buffer.count - start >= head + size else { break }
      if buffer[start] == 0x81 { message(buffer[(start + head)..<(start + head + size)], place, now) }
      if buffer[start] == 0x89, size < 126 { pong(buffer[(start + head)..<(start + head + size)], place) }
      if buffer[start] == 0x88 {
        let reason = String(
          decoding: buffer[(start + head + 2)..<(start + head + max(size, 2))], as: UTF8.self)
        FileHandle.standardError.write(Data("a subscriber was sent away: \(reason)\n".utf8))
      }
      start += head + size
    }
    buffer.removeFirst(start)
    connections[place].buffer = buffer
  }

  /// Answers a ping; the mask is nought, which masks nothing.
  private func pong(_ payload: ArraySlice<UInt8>, _ place: Int) {
    let frame = [0x8A, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    _ = send(connections[place].socket, frame, frame.count, 0)
  }

  private static let signal = Array(#"{"type":"signal","n":"#.utf8)
  private static let title = Array(#""title":""#.utf8)
  private static let other = Array(#","n":"#.utf8)

  private func message(_ text: ArraySlice<UInt8>, _ place: Int, _ now: UInt64) {
    guard text.starts(with: Subscribers.signal) else {
      // Where a stream begins: what it does not repeat must not count as missing.
      if connections[place].last < 0, let number = Subscribers.number(text, behind: Subscribers.other) {
        connections[place].last = number
      }
      return
    }
    guard let number = Subscribers.digits(text.dropFirst(Subscribers.signal.count)) else { return }
    received += 1
    if number <= connections[place].last {
      repeated += 1
    } else {
      missing += Int(number - connections[place].last - 1)
      connections[place].last = number
    }
    // Titles of other rules may begin with a number too, but with a smaller one.
    guard let stamp = Subscribers.number(text.dropFirst(80), behind: Subscribers.title), stamp > 1_000_000_000
    else { return }
    latencies.append(UInt32(clamping: (now &- UInt64(stamp)) / 100))
  }

  private static func number(_ text: ArraySlice<UInt8>, behind mark: [UInt8]) -> Int64? {
    var at = text.startIndex
    while at + mark.count < text.endIndex {
      if text[at] == mark[0], text[at...].starts(with: mark) { return digits(text[(at + mark.count)...]) }
      at += 1
    }
    return nil
  }

  private static func digits(_ text: ArraySlice<UInt8>) -> Int64? {
    var value: Int64 = 0
    var count = 0
    for byte in text {
      guard (0x30...0x39).contains(byte), count < 20 else { break }
      value = value &* 10 &+ Int64(byte - 0x30)
      count += 1
    }
    return count > 0 ? value : nil
  }

  // MARK: Orders

  /// Follows the whole lines that have come; false at the end.
  private func takeOrders() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let count = read(0, &chunk, chunk.count)
    if count <= 0 { return false }
    orders += chunk[..<count]
    while let end = orders.firstIndex(of: UInt8(ascii: "\n")) {
      follow(String(decoding: orders[..<end], as: UTF8.self))
      orders.removeFirst(end + 1)
    }
    return true
  }

  private func follow(_ line: String) {
    let words = line.split(separator: " ")
    let count = words.count > 1 ? Int(words[1]) ?? 0 : 0
    switch words.first {
    case "stall": for place in connections.indices.suffix(count) { stall(place) }
    case "reconnect": for _ in 0..<count { reconnect() }
    case "report": report()
    case "clear": latencies.removeAll(keepingCapacity: true)
    default: break
    }
  }

  private func stall(_ place: Int) {
    connections[place].isStalled = true
    watched[place].fd = -1
  }

  private func reconnect() {
    let reading = connections.indices.filter { !connections[$0].isStalled }
    guard !reading.isEmpty else { return }
    let place = reading[random.below(reading.count)]
    if !connections[place].isClosed { leave(place) }
    guard let new = connect(after: connections[place].last) else {
      FileHandle.standardError.write(Data("a subscriber could not come back\n".utf8))
      return
    }
    connections[place] = new
    returned += 1
    watch(place)
    take(place)
  }

  private func report() {
    let sorted = latencies.sorted()
    let times = [0.5, 0.99, 0.999, 1].map { part -> UInt32 in
      let rank = Int((Double(sorted.count) * part).rounded(.up))
      return sorted.isEmpty ? 0 : sorted[min(max(rank, 1), sorted.count) - 1]
    }
    let numbers = connections.filter { !$0.isStalled && !$0.isClosed }.map(\.last)
    print(
      "received \(received) samples \(sorted.count) bytes \(bytes) missing \(missing) repeated \(repeated) returned \(returned) "
        + "closed \(connections.count { $0.isClosed }) lowest \(numbers.min() ?? 0) highest \(numbers.max() ?? 0) "
        + "p50 \(times[0]) p99 \(times[1]) p999 \(times[2]) max \(times[3]) cpu \(Int(Clock.used() * 1e6))")
    fflush(nil)
  }
}
