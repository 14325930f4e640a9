/// The state of one HTTP/1 request that is to turn the connection into something else: a tunnel or a WebSocket.
///
/// The answer is read until it is known: an accepted one to the end of its head, a refused one to the end of its
/// body or for its first bytes, whichever is less.
struct HTTPExchange {
  /// What the bytes so far amount to.
  enum Action {
    case wait
    /// The connection is turned; the bytes after the head belong to what it is now.
    case accepted(ResponseHead, rest: [UInt8])
    /// The answer is another one. `isCut`: the body goes on.
    case refused(ResponseHead, body: [UInt8], isCut: Bool)
    /// It is no HTTP.
    case malformed
    /// The other side closed before it had answered.
    case ended
  }

  /// How much of the body of a refusal is of interest.
  static let bodyBytes = 1024

  /// Which statuses turn the connection.
  let accepted: ClosedRange<Int>
  private var bytes: [UInt8] = []
  private var refusal: ResponseHead?

  init(accepted: ClosedRange<Int>) { self.accepted = accepted }

  /// True when a head other than the hoped for has come.
  var isRefused: Bool { refusal != nil }

  /// Takes what came.
  mutating func receive(_ more: some Sequence<UInt8>) -> Action {
    bytes += more
    while refusal == nil {
      switch ResponseHead.parse(bytes) {
      case .incomplete: return .wait
      case .malformed: return .malformed
      case .head(let head, let count):
        bytes.removeFirst(count)
        let status = head.status
        if accepted.contains(status) { return .accepted(head, rest: bytes) }
        // Other 1xx are only the forerunners of an answer.
        if status >= 200 || status == 101 { refusal = head }
      }
    }
    return refused(isFinal: false)
  }

  /// Makes do with what there is: no more comes, or, when it is not `isWhole`, not in time.
  mutating func end(isWhole: Bool) -> Action {
    refusal == nil ? .ended : refused(isFinal: true, endIsHere: isWhole)
  }

  private func refused(isFinal: Bool, endIsHere: Bool = false) -> Action {
    guard let refusal else { return .wait }
    var (body, isWhole) = (bytes, false)
    if refusal.header("Transfer-Encoding")?.lowercased().contains("chunked") == true {
      (body, isWhole) = HTTPExchange.joinChunks(bytes)
    } else if let length = refusal.header("Content-Length").flatMap({ Int($0) }) {
      isWhole = body.count >= length
      body = Array(body.prefix(max(length, 0)))
    }
    let status = refusal.status
    if status == 101 || status == 204 || status == 304 { isWhole = true }
    // Without a length, the end of the connection is that of the body.
    if endIsHere { isWhole = true }
    if isWhole || isFinal || body.count >= HTTPExchange.bodyBytes {
      let isCut = !isWhole || body.count > HTTPExchange.bodyBytes
      return .refused(refusal, body: Array(body.prefix(HTTPExchange.bodyBytes)), isCut: isCut)
    }
    // Lines between chunks count too, or a body of nothing but them would be read for ever.
    return bytes.count > 8 * HTTPExchange.bodyBytes ? .refused(refusal, body: body, isCut: true) : .wait
  }

  /// The data of the chunks that are here, and whether the last one is.
  private static func joinChunks(_ bytes: [UInt8]) -> ([UInt8], Bool) {
    var result: [UInt8] = []
    var rest = bytes[...]
    while let end = rest.firstIndex(of: 0x0A) {
      let size = rest[..<end].prefix { $0 != 0x0D && $0 != UInt8(ascii: ";") }
      rest = rest[(end + 1)...]
      guard let count = Int(String(decoding: size, as: UTF8.self), radix: 16), count > 0 else {
        return (result, true)
      }
      result += rest.prefix(count)
      rest = rest.dropFirst(count).drop { $0 == 0x0D || $0 == 0x0A }
    }
    return (result, false)
  }
}
