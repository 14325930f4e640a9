import OrderFlow
import Pipeline
import RuleEngine

/// The thread that shows a run: signals as they are committed, and now and then where the run stands.
///
/// Signals wait in a bounded queue. A terminal or a reader that takes nothing makes the engine wait in the end,
/// so that no line for programs is ever left out.
final class RunDisplay: Sendable {
  private enum Event: Sendable {
    case signals([Signal])
    case status(LiveStatus)
  }

  private let events = BoundedQueue<Event>(limit: 1024)
  private let ended = BoundedQueue<Bool>(limit: 1)

  /// Begins to show; made on the main thread.
  init(_ terminal: sending LiveView.Terminal) {
    let (events, ended) = (events, ended)
    let box = ViewBox(LiveView(terminal))
    let thread = NativeThread {
      while let event = events.receive() {
        switch event {
        case .signals(let signals): box.view.show(signals: signals)
        case .status(let status): box.view.show(status: status)
        }
      }
      box.view.finish()
      ended.send(true)
    }
    thread.detach()
  }

  /// Hands the view to its thread. `@unchecked Sendable`: only that thread uses it.
  private final class ViewBox: @unchecked Sendable {
    let view: LiveView
    init(_ view: LiveView) { self.view = view }
  }

  /// Shows signals; waits while the display is far behind.
  func show(_ signals: [Signal]) { events.send(.signals(signals)) }

  /// Shows where the run stands; left out when the display is behind.
  func show(_ status: LiveStatus) { events.offer(.status(status)) }

  /// Shows what is left, and returns when that is done.
  func finish(_ status: LiveStatus) {
    events.send(.status(status))
    events.close()
    _ = ended.receive()
  }
}
