import Feeds
import Journal
import OrderFlow
import RuleEngine

/// A part of a transaction: what one step of the engine made, kept until it is committed.
///
/// A disk that is full makes SQLite forget the transaction; then all of it is written again from here.
enum LiveChunk {
  /// Orders that the rules saw, and what they said.
  case orders(RowBatch, EngineOutput)
  /// The clock was brought forward, and what the rules said.
  case tick(seq: Int64, clock: Int64, EngineOutput)
  /// Messages that could not be read.
  case rejected([DeadLetter])
  /// A feed's report of a lost stretch, with its number when it says something new, and what the rules said.
  case gap(FeedGap, seq: Int64?, EngineOutput)
  case audited(source: UInt16, time: Int64)
  /// Another rule set runs from here on, or an attempt to bring one in failed.
  case reload(ReloadEntry)
  /// A rule is called again after its quarantine.
  case resumed(ResumeEntry)

  /// What the rules said.
  var output: EngineOutput? {
    switch self {
    case .orders(_, let output), .tick(_, _, let output), .gap(_, _, let output): output
    default: nil
    }
  }
}
