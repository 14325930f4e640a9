extension Subscriber {
  /// Bytes that go to the socket now, and how the connection ends after them.
  struct Output: Sendable {
    var number: Int
    var bytes: [UInt8]
    var ending: Ending?
  }

  private static let drop = 160
  private static let pause = 5 * Moment.millisecond

  /// Takes what is to be written; nil when there is nothing.
  mutating func takeOutput(_ now: Moment) -> Output? {
    if isOver { return nil }
    if case .dribbling(let until, let next) = mode {
      if now.elapsed < until, ending == nil {
        if now.elapsed < next || output.isEmpty { return nil }
        mode = .dribbling(until: until, next: now.elapsed + Subscriber.pause)
        let part = Array(output.prefix(Subscriber.drop))
        output.removeFirst(part.count)
        unwritten += part.count
        return Output(number: number, bytes: part)
      }
      mode = .flowing
    }
    if output.isEmpty, ending == nil { return nil }
    unwritten += output.count
    let result = Output(number: number, bytes: output, ending: ending)
    let size = output.count
    output = []
    if ending == nil { output.reserveCapacity(min(size, 1 << 20)) } else { isOver = true }
    return result
  }

  /// When it wants to be looked at again without an order coming, in nanoseconds after the start.
  var wakesAt: Int64? {
    switch mode {
    case .held(let until, _): until
    case .dribbling(let until, let next): output.isEmpty ? until : min(until, next)
    default: nil
    }
  }
}
