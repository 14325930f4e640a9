/// The names under which the server may be asked for. A page elsewhere whose name leads here has another one.
public struct HostPolicy: Sendable, Equatable {
  private var allowed: Set<String> = ["127.0.0.1", "localhost", "[::1]"]

  /// Allows loopback, the address listened on unless it stands for all, and these names.
  ///
  /// A name that is none, which `isName` tells, is left out.
  public init(listening: String? = nil, names: [String] = []) {
    let address = listening.map { $0.contains(":") && !$0.hasPrefix("[") ? "[\($0)]" : $0 }
    for text in names + [address].compactMap(\.self) {
      if let authority = Authority(text), authority.port == nil { allowed.insert(authority.host) }
    }
    allowed.subtract(["0.0.0.0", "[::]"])
  }

  /// Whether a text may be among the names: a host without a port.
  public static func isName(_ text: String) -> Bool {
    Authority(text).map { $0.port == nil } ?? false
  }

  /// What the Host headers of a request name; nil unless there is exactly one and it is allowed.
  func check(_ headers: [String]) -> Authority? {
    guard headers.count == 1, let authority = Authority(headers[0]), allowed.contains(authority.host) else {
      return nil
    }
    return authority
  }
}
