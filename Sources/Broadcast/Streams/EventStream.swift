import NIOCore

/// The task's side of a stream of server-sent events.
final class EventStream: Sendable {
  private let fanOut: FanOut
  private let channel: any Channel
  private let box: NIOLoopBoundBox<State>

  private struct State {
    var sink: PullSink?
    var number: UInt64?
  }

  init(_ fanOut: FanOut, _ channel: any Channel) {
    self.fanOut = fanOut
    self.channel = channel
    box = NIOLoopBoundBox.makeBoxSendingValue(State(), eventLoop: fanOut.loop)
  }

  /// Begins it.
  func open(_ request: StreamRequest, isAllowed: @escaping @Sendable () -> Bool) async {
    await onLoop {
      let sink = PullSink(self.channel)
      let number = self.fanOut.add(sink, request, .serverSent, isAllowed: isAllowed)
      self.box.value = State(sink: sink, number: number)
    }
  }

  /// The next bytes to write; nil at the end.
  func next() async -> ByteBuffer? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        fanOut.loop.execute {
          guard let sink = self.box.value.sink, let number = self.box.value.number else {
            continuation.resume(returning: nil)
            return
          }
          sink.wait(continuation)
          self.fanOut.pump(number: number)
        }
      }
    } onCancel: {
      close()
    }
  }

  /// Ends it; harmless when it has ended.
  func close() {
    fanOut.loop.execute {
      if let number = self.box.value.number { self.fanOut.remove(number: number) }
      self.box.value.sink?.cancel()
      self.box.value = State()
    }
  }

  private func onLoop(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
      fanOut.loop.execute {
        body()
        continuation.resume()
      }
    }
  }
}
