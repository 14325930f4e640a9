import OrderFlow

/// A signal that other rules may hear, with the order of the batch it belongs to or came before.
struct HeardSignal {
  var signal: Signal
  var index: Int32
}
