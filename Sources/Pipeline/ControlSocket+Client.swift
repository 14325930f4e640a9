import Glibc

extension ControlSocket {
  /// Sends a line to the engine that listens on a path and returns its answer. Blocks, for `timeout` at most.
  public static func ask(
    path: String, line: String, timeout: Duration = .seconds(10)
  ) throws(Failure) -> [UInt8] {
    let deadline =
      MonotonicClock.now() &+ UInt64(clamping: timeout.components.seconds) &* 1_000_000_000
      &+ UInt64(clamping: timeout.components.attoseconds / 1_000_000_000)
    let socket = try connect(path)
    defer { close(socket) }
    var text = Array((line + "\n").utf8)
    while !text.isEmpty {
      try wait(socket, Int16(POLLOUT), until: deadline, path)
      let count = send(socket, text, text.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
      if count < 0, errno != EINTR, errno != EAGAIN { throw failure("cannot write to", path, errno) }
      if count > 0 { text.removeFirst(count) }
    }
    var answer: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
      try wait(socket, Int16(POLLIN), until: deadline, path)
      let count = recv(socket, &block, block.count, Int32(MSG_DONTWAIT))
      if count == 0 { return answer }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw failure("cannot read from", path, errno)
      }
      answer.append(contentsOf: block[..<count])
      if answer.count > maximumAnswer {
        throw Failure(code: .system, description: "the answer from \(path) is over \(maximumAnswer) bytes")
      }
    }
  }

  /// A connected socket. Throws `.nobody` when nothing listens.
  static func connect(_ path: String) throws(Failure) -> Int32 {
    let socket = Glibc.socket(
      AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if socket < 0 { throw failure("cannot make a socket for", path, errno) }
    do throws(Failure) {
      let code = try withAddress(path) { address, size -> Int32 in
        while Glibc.connect(socket, address, size) != 0 {
          if errno != EINTR { return errno }
        }
        return 0
      }
      switch code {
      case 0: return socket
      case ENOENT, ECONNREFUSED, ENOTDIR:
        throw Failure(code: .nobody, description: "nobody listens on \(path)")
      default: throw failure("cannot connect to", path, code)
      }
    } catch {
      close(socket)
      throw error
    }
  }

  private static func wait(
    _ socket: Int32, _ events: Int16, until deadline: UInt64, _ path: String
  ) throws(Failure) {
    while true {
      let now = MonotonicClock.now()
      var descriptor = pollfd(fd: socket, events: events, revents: 0)
      let left = deadline > now ? min((deadline - now) / 1_000_000 + 1, 60_000) : 0
      let count = left > 0 ? poll(&descriptor, 1, Int32(left)) : 0
      if count > 0 { return }
      if count < 0, errno != EINTR { throw failure("cannot wait for", path, errno) }
      if left == 0 {
        throw Failure(code: .timeout, description: "the engine on \(path) does not answer in time")
      }
    }
  }

  static func failure(_ what: String, _ path: String, _ code: Int32) -> Failure {
    Failure(code: .system, description: "\(what) \(path): \(errorText(code))")
  }
}
