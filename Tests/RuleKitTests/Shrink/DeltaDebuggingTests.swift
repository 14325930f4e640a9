import Testing

@testable import RuleKit

@Suite("Delta debugging")
struct DeltaDebuggingTests {
  private static func minimize(_ count: Int, most: Int = 100_000, _ holds: ([Int]) -> Bool) -> (
    [Int], DeltaDebugging
  ) {
    var search = DeltaDebugging(most: most)
    let found = search.minimize(Array(0..<count), holds)
    return (found, search)
  }

  @Test(
    "what is needed is found wherever it stands",
    arguments: [[0], [99], [3, 50], [0, 1, 2], [7, 8, 60, 98], []])
  func needed(wanted: [Int]) {
    let (found, search) = Self.minimize(100) { Set(wanted).isSubset(of: $0) }
    #expect(found == wanted)
    #expect(search.tries < 400 && !search.ranOut)
  }

  @Test("nothing can be left out of what is found, also where parts stand for each other")
  func minimal() {
    var dice = Dice(state: 7)
    for _ in 0..<50 {
      let weights = (0..<40).map { _ in dice.roll(10) }
      func holds(_ items: [Int]) -> Bool { items.reduce(0) { $0 + weights[$1] } >= 60 }
      guard holds(Array(0..<40)) else { continue }
      let (found, _) = Self.minimize(40, holds)
      #expect(holds(found) && found == found.sorted())
      for left in found { #expect(!holds(found.filter { $0 != left })) }
    }
  }

  @Test("few of many take few tries, and a limit ends the search with what is found so far")
  func bounded() {
    let (found, search) = Self.minimize(100_000) { Set([12_345, 67_890]).isSubset(of: $0) }
    #expect(found == [12_345, 67_890] && search.tries < 500)
    let (rest, short) = Self.minimize(1000, most: 10) { $0.contains(500) }
    #expect(rest.contains(500) && short.ranOut && short.tries == 10)
  }
}
