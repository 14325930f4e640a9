import Broadcast
import Pipeline

/// Changes a rules folder at random, as people and their programs do.
struct RuleEditor {
  var disk: RulesOnDisk
  /// How often each kind of change was made.
  private(set) var made: [RuleEdit: Int] = [:]
  private var left: [RuleEdit] = []
  private var random: SoakRandom
  private var revision = 0
  private var stateVersion = 1
  /// Files that are not as they are meant to be.
  private var asked: [Task<ReloadOutcome, Never>] = []
  private var spoilt: Set<String> = []
  private var earlier: [[String: String]] = []
  private let run: LiveRun
  private let watched: [String]
  /// Waits until about so many more orders are there.
  private let pause: (Int) async throws -> Void

  static let files = [
    "steady.lua": SoakRules.counter(0), "edited.lua": SoakRules.counter(0),
    "migrant.lua": SoakRules.migrant(0, version: 1), "pair_a.lua": SoakRules.pair(0),
    "pair_b.lua": SoakRules.pair(0), "tuned.lua": SoakRules.tuned(0, every: 50),
    "windowed.lua": SoakRules.windowed(0, span: 2), "labelled.lua": SoakRules.labelled(0),
    "raising.lua": SoakRules.raising(0, every: 997), "lib/gen.lua": SoakRules.library(0),
    "tables/wallets.csv": SoakRules.wallets(0, ["0x0"]),
  ]

  /// The folder must hold `files`; `watched` are wallets for the watch list.
  init(
    _ disk: RulesOnDisk, _ run: LiveRun, seed: UInt64, watched: [String],
    pause: @escaping (Int) async throws -> Void
  ) {
    self.disk = disk
    self.run = run
    self.watched = watched
    self.pause = pause
    random = SoakRandom(state: seed)
  }

  // MARK: What is done

  /// Makes one change; what an earlier one broke is often mended first.
  mutating func change() async throws {
    // Every kind once before any comes again.
    if left.isEmpty { left = RuleEdit.allCases.shuffled(using: &random) }
    let edit = left.removeLast()
    made[edit, default: 0] += 1
    revision += 1
    if random.below(4) > 0 { try await mend() }
    try await make(edit)
    if disk.wanted.count > 5, random.below(8) == 0 { earlier.append(disk.wanted) }
  }

  /// Puts everything in order, with something new in it, once everybody who asked has an answer.
  mutating func finish() async throws {
    for answer in asked { _ = await answer.value }
    revision += 1
    disk.remove(".hold")
    try await mend()
    try await put("edited.lua", SoakRules.counter(revision))
  }

  private mutating func make(_ edit: RuleEdit) async throws {
    switch edit {
    case .inPlace: try await put("edited.lua", SoakRules.counter(revision), inPlace: true)
    case .renamedOver: try await put("labelled.lua", SoakRules.labelled(revision), inPlace: false)
    case .broken: try await spoil("tuned.lua", SoakRules.broken(one(BrokenRule.allCases)))
    case .brokenLibrary: try await spoil("lib/gen.lua", "\(SoakRules.mark): library\nreturn {")
    case .halfWritten: try await writeHalf()
    case .renamed, .removed: try await moveAbout(edit)
    case .inTurn: try await inTurn()
    case .release, .recreated, .earlier: try await exchange(edit)
    case .temporary: try await leaveTemporaries()
    case .backup:
      disk.rename("edited.lua", "edited.lua~")
      try await put("edited.lua", SoakRules.counter(revision), inPlace: true)
    case .held: try await hold()
    case .library: try await put("lib/gen.lua", SoakRules.library(revision))
    case .parameter: try await put("tuned.lua", SoakRules.tuned(revision, every: 20 + random.below(60)))
    case .wallets: try await put("tables/wallets.csv", SoakRules.wallets(revision, watched))
    case .badWallets: try await spoil("tables/wallets.csv", "wallet\n")
    case .burst:
      for _ in 0..<10 {
        revision += 1
        try await put(one(["pair_a.lua", "pair_b.lua"]), SoakRules.pair(revision))
      }
    case .raising:
      try await put("raising.lua", SoakRules.raising(revision, every: one([40, 300, 997])))
    case .window: try await put("windowed.lua", SoakRules.windowed(revision, span: 1 + random.below(4)))
    case .migrate, .badMigrate: try await migrate(isGood: edit == .migrate)
    case .badName: try await spoil("Not-a-rule.lua", "\(SoakRules.mark): name\n" + SoakRules.pair(revision))
    case .asked: ask { await $0.reload() }
    case .rolledBack: ask { await $0.rollback() }
    case .put, .badPut, .takenOut: try await changeFromOutside(edit)
    }
  }

  // MARK: Steps

  /// As a program does it: the engine writes the file, or leaves everything as it is.
  private mutating func changeFromOutside(_ edit: RuleEdit) async throws {
    let rule = edit == .takenOut ? one(["roam_a", "roam_b", "roam_c"]) : "edited"
    let (name, before) = (rule + ".lua", disk.wanted[rule + ".lua"])
    let text = edit == .badPut ? SoakRules.broken(one(BrokenRule.allCases)) : SoakRules.counter(revision)
    // What may come about is known before it runs.
    if edit == .put { disk.mean(name, text) }
    let change =
      edit == .takenOut
      ? await run.host.remove(rule: rule) : await run.host.put(rule: rule, source: Array(text.utf8))
    if change.kind == .done {
      disk.mean(name, edit == .takenOut ? nil : text)
    } else {
      disk.mean(name, before)
    }
    if change.kind == .done { spoilt.remove(name) }
    disk.look()
  }

  /// Asks as somebody at a terminal does: meanwhile others go on.
  private mutating func ask(_ request: @escaping @Sendable (LiveRun) async -> ReloadOutcome) {
    asked.append(Task { [run] in await request(run) })
  }

  private mutating func one<Choice>(_ choices: [Choice]) -> Choice { choices[random.below(choices.count)] }

  private mutating func put(_ name: String, _ text: String, inPlace: Bool? = nil) async throws {
    disk.mean(name, text)
    spoilt.remove(name)
    if inPlace ?? (random.below(2) == 0) {
      try await disk.write(name, text)
    } else {
      try await disk.replace(name, text)
    }
  }

  private mutating func spoil(_ name: String, _ text: String) async throws {
    spoilt.insert(name)
    if random.below(2) == 0 { try await disk.write(name, text) } else { try await disk.replace(name, text) }
  }

  private mutating func mend() async throws {
    for name in spoilt.sorted() {
      if let text = disk.wanted[name] { try await disk.replace(name, text) } else { disk.remove(name) }
    }
    spoilt = []
  }

  private mutating func writeHalf() async throws {
    let text = SoakRules.pair(revision)
    let cut = text.index(text.startIndex, offsetBy: random.below(text.count))
    disk.mean("pair_a.lua", text)
    spoilt.remove("pair_a.lua")
    let (pause, length) = (pause, one([0, 100, 600]))
    try await disk.write("pair_a.lua", [String(text[..<cut]), String(text[cut...])]) {
      try await pause(length)
    }
  }

  private mutating func moveAbout(_ edit: RuleEdit) async throws {
    let names = ["roam_a.lua", "roam_b.lua", "roam_c.lua"]
    guard let here = names.first(where: { disk.wanted[$0] != nil }) else {
      return try await put(one(names), SoakRules.pair(revision))
    }
    let text = disk.wanted[here]
    disk.mean(here, nil)
    let there = one(names)
    guard edit == .renamed, there != here else { return disk.remove(here) }
    disk.mean(there, text)
    disk.rename(here, there)
  }

  /// Several files one after another: each step is a version.
  private mutating func inTurn() async throws {
    for name in ["pair_a.lua", "lib/gen.lua", "pair_b.lua"] {
      try await put(name, name.hasPrefix("lib") ? SoakRules.library(revision) : SoakRules.pair(revision))
      if random.below(2) == 0 { try await pause(random.below(300)) }
    }
  }

  /// All files at once or anew.
  private mutating func exchange(_ edit: RuleEdit) async throws {
    spoilt = []
    if edit == .earlier, let before = earlier.randomElement(using: &random) {
      disk.wanted = before
    } else {
      disk.mean("pair_a.lua", SoakRules.pair(revision))
      disk.mean("pair_b.lua", SoakRules.pair(revision))
      disk.mean("lib/gen.lua", SoakRules.library(revision))
    }
    if edit == .recreated { try await disk.recreate() } else { try disk.release() }
  }

  private mutating func leaveTemporaries() async throws {
    for name in [".pair_a.lua.swp", "4913", "#pair_a.lua#", "pair_a.lua.tmp", "lib/.gen.lua.swx"] {
      try await disk.write(name, "\(SoakRules.mark) \(revision)")
      if random.below(2) == 0 { disk.remove(name) }
    }
  }

  private mutating func hold() async throws {
    try await disk.write(".hold", "")
    for name in ["pair_a.lua", "pair_b.lua"] { try await put(name, SoakRules.pair(revision)) }
    try await pause(500)
    disk.remove(".hold")
  }

  private mutating func migrate(isGood: Bool) async throws {
    stateVersion += 1
    let text = SoakRules.migrant(revision, version: stateVersion, isGood: isGood)
    if isGood { try await put("migrant.lua", text) } else { try await spoil("migrant.lua", text) }
  }
}

/// The same numbers for the same seed (SplitMix64).
struct SoakRandom: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
