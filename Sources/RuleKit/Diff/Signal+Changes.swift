import Documents
import OrderFlow

extension Signal {
  /// The fields in which another signal of the same event differs; the version of the rule set does not count.
  func changes(to other: Signal) -> [FieldChange] {
    var changes: [FieldChange] = []
    func compare(_ name: String, _ before: String?, _ after: String?) {
      if before == after { return }
      changes.append(FieldChange(name: name, before: before ?? "nothing", after: after ?? "nothing"))
    }
    compare("severity", severity.name, other.severity.name)
    compare("title", title, other.title)
    compare("confidence", confidence.map { "\($0)" }, other.confidence.map { "\($0)" })
    compare("key", key, other.key)
    compare("market", market, other.market)
    compare("token", token, other.token)
    compare("side", side, other.side)
    compare("user", user, other.user)
    compare("action", action, other.action)
    compareData(with: other, compare)
    if evidence != other.evidence {
      let isOtherCount = evidence.count != other.evidence.count
      compare(
        "evidence", isOtherCount ? "\(evidence.count) orders" : "\(evidence)",
        isOtherCount ? "\(other.evidence.count) orders" : "\(other.evidence)")
    }
    compare("fold_count", "\(foldCount)", "\(other.foldCount)")
    compare("late", "\(late)", "\(other.late)")
    compare("warming", "\(warming)", "\(other.warming)")
    compare("data_gap", "\(dataGap)", "\(other.dataGap)")
    return changes
  }

  private func compareData(with other: Signal, _ compare: (String, String?, String?) -> Void) {
    if data == other.data { return }
    guard let mine = Signal.members(data), let others = Signal.members(other.data) else {
      compare("data", data, other.data)
      return
    }
    for name in Set(mine.keys).union(others.keys).sorted() {
      compare("data." + name, mine[name], others[name])
    }
  }

  private static func members(_ data: String?) -> [String: String]? {
    guard let data else { return [:] }
    guard case .object(let members) = JSONValue(data.utf8) else { return nil }
    return members.mapValues(TestValue.text)
  }
}
