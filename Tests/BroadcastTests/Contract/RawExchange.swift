import Glibc
import TestSupport

/// A request and its answer as they go over the wire, with every header.
struct RawExchange: Sendable {
  struct Answer: Sendable {
    var status: Int
    /// Names in small letters.
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  enum Failure: Error {
    case socket(Int32)
    case notHTTP(String)
  }

  /// Sends a request on a connection of its own, and reads until the other side closes.
  ///
  /// `end`: enough has been read once the body holds this. `source`: the address of loopback to come from.
  static func send(
    _ method: String, _ target: String, port: Int, headers: [(String, String)] = [], body: [UInt8] = [],
    until end: String? = nil, from source: String = "127.0.0.1"
  ) async throws -> Answer {
    var head = "\(method) \(target) HTTP/1.1\r\n"
    if !headers.contains(where: { $0.0 == "Host" }) { head += "Host: 127.0.0.1:\(port)\r\n" }
    if !headers.contains(where: { $0.0 == "Connection" }) { head += "Connection: close\r\n" }
    for (name, value) in headers { head += "\(name): \(value)\r\n" }
    if !body.isEmpty || method == "POST" || method == "PUT" { head += "Content-Length: \(body.count)\r\n" }
    let bytes = Array((head + "\r\n").utf8) + body
    let ending = end.map { Array($0.utf8) }
    let read = try await offPool { try exchange(bytes, port, ending, source) }
    return try parse(read, isHead: method == "HEAD")
  }

  /// Sends any bytes on a connection of its own, and returns all that comes until the other side closes.
  static func bytes(_ text: String, port: Int, from source: String = "127.0.0.1") async throws -> String {
    let bytes = Array(text.utf8)
    return String(decoding: try await offPool { try exchange(bytes, port, nil, source) }, as: UTF8.self)
  }

  private static func exchange(
    _ bytes: [UInt8], _ port: Int, _ end: [UInt8]?, _ source: String
  ) throws -> [UInt8] {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failure.socket(errno) }
    defer { close(descriptor) }
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(UInt16(port).bigEndian)
    address.sin_addr.s_addr = in_addr_t(UInt32(0x7F00_0001).bigEndian)
    var own = address
    own.sin_port = 0
    own.sin_addr.s_addr = inet_addr(source)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
    }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard bound == 0, code == 0 else { throw Failure.socket(errno) }
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      // Whoever has answered already may not want the rest.
      if count <= 0 { break }
      sent += count
    }
    var read: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(descriptor, &chunk, chunk.count, 0)
      if count < 0, read.isEmpty { throw Failure.socket(errno) }
      if count <= 0 { return read }
      read += chunk[..<count]
      if let end, read.firstRange(of: end) != nil { return read }
    }
  }

  private static func parse(_ bytes: [UInt8], isHead: Bool) throws -> Answer {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else {
      throw Failure.notHTTP(String(decoding: bytes.prefix(200), as: UTF8.self))
    }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    guard let first = lines.first, let status = Int(first.split(separator: " ").dropFirst().first ?? "")
    else {
      throw Failure.notHTTP(lines.first.map { String($0) } ?? "")
    }
    let headers = lines.dropFirst().map { line in
      let name = line.prefix { $0 != ":" }
      return (name: name.lowercased(), value: String(line.dropFirst(name.count + 1).drop { $0 == " " }))
    }
    var answer = Answer(status: status, headers: headers, body: Array(bytes[end.upperBound...]))
    if isHead {
      guard answer.body.isEmpty else { throw Failure.notHTTP("HEAD with a body") }
    } else if answer.header("transfer-encoding") == "chunked" {
      answer.body = unchunked(answer.body)
    }
    return answer
  }

  private static func unchunked(_ bytes: [UInt8]) -> [UInt8] {
    var (rest, body) = (bytes[...], [] as [UInt8])
    while let line = rest.firstRange(of: [13, 10]) {
      let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0
      if size == 0 { break }
      body += rest[line.upperBound...].prefix(size)
      rest = rest[line.upperBound...].dropFirst(size + 2)
    }
    return body
  }
}
