import COrderFlow
import Journal
import OrderFlow
import RuleEngine
import Testing

@testable import Pipeline

/// The bundled recording, stored once, and the shipped rules over it with a swap at some event.
@Suite("Reloading the shipped rules")
struct ShippedReloadTests {
  /// Every order of the recording.
  private static let stored: Result<Workspace, any Error> = Result {
    let workspace = try Workspace()
    let journal = try Journal(path: workspace.file("flow.db"), durability: .normal)
    var options = Replay.Options()
    options.inputs = [Workspace.root + "/fixtures/flow.jsonl.gz"]
    options.storesEveryOrder = true
    let engine = try Engine(try shipped())
    _ = try Replay(options, engine: engine, journal: journal).run()
    try journal.close()
    return workspace
  }

  private static func shipped(_ edit: (String, String) -> String = { $1 }) throws -> RuleSources {
    var sources = try RuleFolder.read(Workspace.root + "/rules")
    for place in sources.rules.indices {
      let file = sources.rules[place]
      sources.rules[place].source = Array(
        edit(file.name, String(decoding: file.source, as: UTF8.self)).utf8)
    }
    return sources
  }

  private func read(_ range: ClosedRange<Int64>, _ body: (StoredBatch) throws -> Void) throws {
    try JournalReader(path: try Self.stored.get().file("flow.db")).readBack(in: range, batch: 64, body)
  }

  /// An event of the 19,857 of the recording, the first one for 0.
  private static func cut(_ seed: Int) -> Int64 { 1 + Int64(seed) * 2_654_435_761 % 19_856 }

  /// The signals of events in a range, without the version, as `engine` says them.
  private func signals(_ engine: Engine, _ range: ClosedRange<Int64>) throws -> [Signal] {
    var signals: [Signal] = []
    var output = EngineOutput()
    try read(range) { batch in
      guard case .orders(let orders) = batch else { return }
      engine.startSequence(after: orders[0].seq - 1)
      engine.process(orders, into: &output)
      signals += output.signals.map { emitted in
        var signal = emitted.signal
        signal.version = ""
        return signal
      }
    }
    return signals
  }

  private func swap(_ engine: Engine, to sources: RuleSources, at cut: Int64) throws -> (
    draft: RuleSetDraft, rebuilds: Bool
  ) {
    let draft = try RuleSetDraft(sources, replacing: engine.outline)
    let rebuilds = draft.needsRebuild
    if rebuilds {
      draft.begin(after: 0, clock: nil, missingBefore: nil)
      try read(1...cut) { batch in
        if case .orders(let orders) = batch { draft.take(orders) }
      }
    }
    _ = try engine.swap(to: draft)
    return (draft, rebuilds)
  }

  @Test("the same definitions, swapped in at any event, give the same signals", arguments: 0..<8)
  func same(seed: Int) throws {
    let whole = try signals(try Engine(Self.shipped()), 1...Int64.max)
    #expect(whole.count > 150)
    var edited = try Self.shipped { $1 + "\n-- edited\n" }
    edited.libraries[0].source += Array("\n-- edited\n".utf8)
    let cut = Self.cut(seed)
    let engine = try Engine(Self.shipped())
    var said = try signals(engine, 1...cut)
    let (draft, rebuilds) = try swap(engine, to: edited, at: cut)
    #expect(draft.loaded == engine.rules && !rebuilds)
    said += try signals(engine, (cut + 1)...Int64.max)
    #expect(said == whole, "cut at \(cut)")
  }

  /// Other spans, and no holds: those go on from what the old version said.
  private static func changed(_ name: String, _ text: String) -> String {
    text.replacing(/\n  dedup = [^\n]*\n/, with: "\n")
      .replacing("span  = \"10m\"", with: "span  = \"25m\"").replacing(
        "span = \"5m\"", with: "span = \"90s\""
      )
      .replacing("span  = \"1h\"", with: "span  = \"40m\"")
  }

  @Test(
    "other spans, swapped in at any event, give the signals of a run that had them from the start",
    arguments: 0..<6)
  func otherSpans(seed: Int) throws {
    // What hears others goes by what they have said.
    func change(_ name: String, _ text: String) -> String {
      name == "consensus" ? text : Self.changed(name, text)
    }
    var after = try Self.shipped(change)
    after.rules.removeAll { $0.name == "consensus" }
    let cut = Self.cut(seed + 100)
    let whole = try Engine(after)
    _ = try signals(whole, 1...cut)
    let wanted = try signals(whole, (cut + 1)...Int64.max)
    let engine = try Engine(Self.shipped())
    _ = try signals(engine, 1...cut)
    let (draft, rebuilds) = try swap(engine, to: after, at: cut)
    #expect(rebuilds && draft.removed == ["consensus"])
    let said = try signals(engine, (cut + 1)...Int64.max)
    #expect(said == wanted, "cut at \(cut)")
  }
}
