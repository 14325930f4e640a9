import NIOCore
import OrderFlow

/// What is there to be sent, and by which rules; all event loops share it.
final class StreamStock: Sendable {
  let ring: SignalRing
  let notices = NoticeRing()
  let readers: StoreReaders
  let limits: StreamLimits
  let counters = StreamCounters()

  init(readers: StoreReaders, limits: StreamLimits) {
    self.readers = readers
    self.limits = limits
    ring = SignalRing()
  }
}

/// All streams: takes in what is committed, and hands it to the event loops that send it on.
final class StreamHub: Sendable {
  let stock: StreamStock
  private let fanOuts: [FanOut]

  /// Streams of the connections of a group.
  init(_ group: any EventLoopGroup, _ stock: StreamStock) {
    self.stock = stock
    fanOuts = group.makeIterator().map { FanOut($0, stock) }
  }

  /// Takes committed signals in; from the engine's thread.
  func publish(_ signals: [NumberedSignal]) {
    stock.ring.append(signals)
    for fanOut in fanOuts { fanOut.notice() }
  }

  /// Takes in a message that is no signal.
  func tell(_ topic: StreamTopic, _ payload: [UInt8]) {
    stock.notices.append(topic, payload)
    for fanOut in fanOuts { fanOut.notice() }
  }

  /// Who sends to the connections of an event loop; nil for a loop that is not of the group.
  func fanOut(of loop: any EventLoop) -> FanOut? { fanOuts.first { $0.loop === loop } }

  /// Ends all streams.
  func shutdown() { for fanOut in fanOuts { fanOut.shutdown() } }
}
