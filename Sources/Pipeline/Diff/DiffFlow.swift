public import Journal

/// What two rule sets run over.
public enum DiffFlow {
  /// Files with orders, one after another; each is read twice.
  case files([String])
  /// A journal's orders, ticks and gaps; signals count from an event time (ms since 1970 UTC) on, nil: all.
  case journal(JournalReader, since: Int64?)

  /// Where it is from, for people.
  var place: String {
    switch self {
    case .files(let files): files.joined(separator: ", ")
    case .journal(let reader, _): reader.path
    }
  }

  /// The event time from which on signals count, ms.
  var since: Int64 {
    if case .journal(_, let since?) = self { since } else { .min }
  }
}
