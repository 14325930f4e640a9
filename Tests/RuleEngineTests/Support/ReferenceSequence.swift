/// A sequence that remembers every order and every match in plain lists: slow and plainly right.
///
/// It shares no code with the engine. An order's kind is its price in micro-dollars.
struct ReferenceSequence: Sendable {
  struct Element: Sendable {
    var isNever: Bool
    /// Prices that it takes; every one when empty.
    var kinds: Set<Int64>

    func takes(_ order: TestOrder) -> Bool { kinds.isEmpty || kinds.contains(order.price) }
  }

  struct Item: Sendable {
    var order: TestOrder
    var seq: Int64
  }

  struct Match: Sendable {
    var key: String
    var items: [Item]
    var deadline: Int64
  }

  let name: String
  let elements: [Element]
  let within: Int64
  let lateness: Int64 = 5_000
  private var clock = Int64.min
  private var matches: [Match] = []
  private var seen: [Item] = []

  /// `A !N B`: steps and, with a mark, what must not come; a letter is a kind, `*` every order.
  init(_ name: String, _ text: String, within: Int64) {
    self.name = name
    self.within = within
    elements = text.split(separator: " ").map { word in
      Element(
        isNever: word.hasPrefix("!"),
        kinds: word.hasSuffix("*") ? [] : Set(word.utf8.filter { $0 != 33 }.map { Int64($0) - 64 }))
    }
  }

  /// The same sequence in the header of a rule, its elements named by their places.
  var source: String {
    let parts = elements.enumerated().map { place, element in
      let kinds = element.kinds.sorted().map(String.init).joined(separator: ", ")
      let condition = kinds.isEmpty ? "" : "price = one_of(\(kinds))"
      return "\(element.isNever ? "never" : "step") 'e\(place)' { \(condition) }"
    }
    return
      "\(name) = sequence { by = {'user', 'side'}, within = '\(within)ms', \(parts.joined(separator: ", ")) }"
  }

  private var steps: [Element] { elements.filter { !$0.isNever } }

  /// What must not come behind step `place`.
  private func nevers(_ place: Int) -> [Element] {
    var step = -1
    var result: [Element] = []
    for element in elements {
      if !element.isNever { step += 1 } else if step == place { result.append(element) }
    }
    return result
  }

  private var isAbsence: Bool { elements.last?.isNever == true }

  /// Takes the next order: absences that are certain before it, and what it completes.
  mutating func take(_ order: TestOrder, _ seq: Int64) -> (absences: [Match], completed: Match?) {
    clock = max(clock, order.time)
    let over = matches.filter { $0.deadline < clock - lateness }
    matches.removeAll { $0.deadline < clock - lateness }
    let absences = isAbsence ? over.filter { $0.items.count == steps.count } : []
    defer { seen.append(Item(order: order, seq: seq)) }
    if order.time < clock - lateness - within { return (absences, nil) }
    let key = "\(order.user)|\(order.side)"
    let item = Item(order: order, seq: seq)
    let mine = matches.filter { $0.key == key }.sorted { $0.items.count > $1.items.count }
    matches.removeAll { $0.key == key }
    var completed: Match?
    var kept: [Match] = []
    for match in mine {
      if canMove(match, order) {
        var moved = match
        moved.items.append(item)
        if moved.items.count == steps.count, !isAbsence { completed = moved } else { kept.append(moved) }
      } else if !isKilled(match, by: order) {
        kept.append(match)
      }
    }
    if steps[0].takes(order) {
      kept.append(Match(key: key, items: [item], deadline: order.time + within))
    }
    kept.removeAll { isDead($0) }
    for length in 1...steps.count {
      let newest = kept.filter { $0.items.count == length }.max { left, right in
        (left.items[0].order.time, left.items[0].seq) < (right.items[0].order.time, right.items[0].seq)
      }
      if let newest { matches.append(newest) }
    }
    return (absences, completed)
  }

  private func canMove(_ match: Match, _ order: TestOrder) -> Bool {
    guard match.items.count < steps.count, steps[match.items.count].takes(order), let last = match.items.last
    else { return false }
    if order.time < last.order.time || order.time > match.deadline { return false }
    guard let never = youngestNever(behind: last, match) else { return true }
    return order.time < never
  }

  /// The youngest order that must not come behind the last step, of those that came before that step did.
  private func youngestNever(behind last: Item, _ match: Match) -> Int64? {
    let kinds = nevers(match.items.count - 1)
    return seen.filter { old in
      old.seq < last.seq && "\(old.order.user)|\(old.order.side)" == match.key
        && kinds.contains { $0.takes(old.order) }
    }.map(\.order.time).filter { $0 > last.order.time }.max()
  }

  private func isDead(_ match: Match) -> Bool {
    guard isAbsence, match.items.count == steps.count, let last = match.items.last else { return false }
    guard let never = youngestNever(behind: last, match) else { return false }
    return never <= match.deadline
  }

  private func isKilled(_ match: Match, by order: TestOrder) -> Bool {
    match.items.indices.contains { place in
      guard nevers(place).contains(where: { $0.takes(order) }) else { return false }
      let isLast = place + 1 == match.items.count
      let isBefore = isLast ? order.time <= match.deadline : order.time < match.items[place + 1].order.time
      return order.time >= match.items[place].order.time && isBefore
    }
  }
}
