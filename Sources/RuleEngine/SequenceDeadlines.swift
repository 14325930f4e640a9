/// When absences are due, the earliest first; an entry whose match is gone is left out when its time comes.
struct SequenceDeadlines {
  struct Entry {
    var deadline: Int64
    var slot: Int32
    var generation: UInt64
  }

  private(set) var heap: [Entry] = []

  /// No absence is due before this time, ms.
  var earliest: Int64 { heap.first?.deadline ?? .max }

  mutating func add(_ entry: Entry) {
    heap.append(entry)
    var place = heap.count - 1
    while place > 0, heap[place].deadline < heap[(place - 1) / 2].deadline {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  /// Takes the earliest out.
  mutating func removeFirst() -> Entry? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink(0)
    }
    return first
  }

  private mutating func sink(_ start: Int) {
    var place = start
    while true {
      var least = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count {
        if heap[child].deadline < heap[least].deadline { least = child }
      }
      if least == place { return }
      heap.swapAt(place, least)
      place = least
    }
  }
}
