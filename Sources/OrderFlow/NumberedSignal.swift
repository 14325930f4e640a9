/// A signal that is committed, with the number by which subscribers resume.
public struct NumberedSignal: Equatable, Sendable {
  /// Counts up over all signals of a journal.
  public var number: Int64
  /// The signal.
  public var signal: Signal

  /// A signal and its number.
  public init(number: Int64, signal: Signal) {
    self.number = number
    self.signal = signal
  }
}
