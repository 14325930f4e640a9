import Glibc

/// A port of this machine that nobody else can get and that takes no connections.
struct ClosedPort {
  let number: Int
  private var sockets: [Int32]

  /// - Parameter isFull: Its queue of connections is full, so that the next one gets no answer at all; otherwise
  ///   connections are refused.
  init(isFull: Bool = false) {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var sockets = [socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)]
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(sockets[0], address, length)
        if isFull { listen(sockets[0], 0) }
        getsockname(sockets[0], address, &length)
        for _ in 0..<(isFull ? 4 : 0) {
          let filler = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
          _ = fcntl(filler, F_SETFL, O_NONBLOCK)
          connect(filler, address, length)
          sockets.append(filler)
        }
      }
    }
    self.sockets = sockets
    number = Int(UInt16(bigEndian: address.sin_port))
  }

  func close() { for socket in sockets { Glibc.close(socket) } }
}
