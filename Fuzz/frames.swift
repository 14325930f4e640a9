@testable import Broadcast

// What must hold for any bytes: nothing traps, where the bytes are cut does not change what is read, texts are UTF-8,
// no message is over the limit, and nothing comes after the end.

private func read(_ bytes: UnsafeRawBufferPointer, cuts: [Int], maximum: Int) -> [FrameReader.Event] {
  var reader = FrameReader(maximumMessageBytes: maximum)
  var events: [FrameReader.Event] = []
  var start = 0
  var turn = 0
  while start < bytes.count {
    let end = start + min(max(1, cuts[turn % cuts.count]), bytes.count - start)
    let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    var offset = 0
    while let event = reader.next(piece, from: &offset) { events.append(event) }
    precondition(offset == piece.count)
    start = end
    turn += 1
  }
  return events
}

private func check(_ events: [FrameReader.Event], maximum: Int) {
  for (place, event) in events.enumerated() {
    switch event {
    case .text(let bytes):
      precondition(bytes.count <= maximum && String(validating: bytes, as: UTF8.self) != nil)
    case .binary(let bytes): precondition(bytes.count <= maximum)
    case .ping(let bytes), .pong(let bytes): precondition(bytes.count <= 125)
    case .close, .violation: precondition(place == events.count - 1)
    }
  }
}

/// The same bytes through a session, with its own close somewhere between them.
private func live(_ bytes: UnsafeRawBufferPointer, closesAfter: Int) {
  var session = WebSocketSession(WebSocketSettings(), now: .zero)
  var ends = 0
  func count(_ action: WebSocketSession.Action?) {
    switch action {
    case .finish, .end: ends += 1
    default: precondition(action == nil || ends == 0)
    }
  }
  for start in bytes.indices {
    if start == closesAfter { count(session.close(.normal, reason: "", now: .zero)) }
    var offset = 0
    let piece = UnsafeRawBufferPointer(rebasing: bytes[start...start])
    while let action = session.receive(piece, from: &offset, now: .zero, isWritable: start % 3 > 0) {
      count(action)
    }
    count(session.tick(now: .seconds(start % 7)))
  }
  count(session.disconnected())
  precondition(ends == 1 && !session.isOpen)
}

/// The first byte says where to cut and when to close, the second the limit for a message; then come the frames.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>, _ size: Int) -> CInt {
  guard size > 2 else { return 0 }
  let maximum = Int(data[1]) * 4
  let bytes = UnsafeRawBufferPointer(start: data + 2, count: size - 2)
  let whole = read(bytes, cuts: [Int.max], maximum: maximum)
  check(whole, maximum: maximum)
  precondition(read(bytes, cuts: [1], maximum: maximum) == whole)
  precondition(read(bytes, cuts: [Int(data[0] & 15), Int(data[0] >> 4), 300], maximum: maximum) == whole)
  live(bytes, closesAfter: Int(data[0]))
  return 0
}
