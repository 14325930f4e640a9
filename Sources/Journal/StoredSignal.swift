public import OrderFlow

/// A signal as the journal holds it.
public struct StoredSignal: Equatable, Sendable {
  /// Counts up over all signals of the journal; what a subscriber resumes from.
  public let number: Int64
  /// The signal itself.
  public let signal: Signal
  /// Its flat row, one text for each of `columns`, nil where the row has NULL.
  public let fields: [String?]

  /// The names of `fields`: the columns of the view `signal_rows`, in order.
  public static let columns = SignalRows.columns.map(\.name)

  /// What follows the flat row's columns in the reader's query.
  static let ownColumns = """
    s.n, s.id, s.rule, s.version, s.seq, s.t, s.severity, s.title, s.key, s.market, s.token, s.side,
    s.user, s.confidence, s.action, s.data, s.fold_count, s.evidence, s.late, s.has_order,
    s.warming, s.data_gap
    """

  /// How many those are.
  static let ownColumnCount: Int32 = 22

  /// Reads the current row of the reader's query.
  init(_ row: Statement) throws(JournalError) {
    let stored = try NumberedSignal(row, from: Int32(SignalRows.columns.count))
    number = stored.number
    signal = stored.signal
    fields = SignalRows.columns.indices.map { place in
      // SQLite prints 15 digits of a number, which is not always the number.
      StoredSignal.columns[place] == "confidence"
        ? stored.signal.confidence.map { "\($0)" } : row.text(Int32(place))
    }
  }
}

extension NumberedSignal {
  /// Reads `StoredSignal.ownColumns` of the current row, which begin at a column.
  init(_ row: Statement, from base: Int32) throws(JournalError) {
    let number = row.integer(base)
    guard let id = row.digest(base + 1),
      let severity = row.text(base + 6).flatMap({ Severity(name: $0) }),
      let evidence = EvidenceList.parse(row.text(base + 17) ?? "[]")
    else {
      throw JournalError(
        code: .corrupt, file: row.connection.file,
        message: "signal number \(number) is damaged: its id, severity or evidence cannot be read")
    }
    var signal = Signal(
      id: id, rule: row.text(base + 2) ?? "", version: row.text(base + 3) ?? "",
      seq: row.integer(base + 4), time: row.integer(base + 5), severity: severity,
      title: row.text(base + 7) ?? "")
    signal.key = row.text(base + 8) ?? ""
    signal.market = row.text(base + 9)
    signal.token = row.text(base + 10)
    signal.side = row.text(base + 11)
    signal.user = row.text(base + 12)
    signal.confidence = row.double(base + 13)
    signal.action = row.text(base + 14)
    signal.data = row.text(base + 15)
    signal.foldCount = row.integer(base + 16)
    signal.evidence = evidence
    signal.late = row.integer(base + 18) != 0
    signal.hasOrder = row.integer(base + 19) != 0
    signal.warming = row.integer(base + 20) != 0
    signal.dataGap = row.integer(base + 21) != 0
    self.init(number: number, signal: signal)
  }
}
