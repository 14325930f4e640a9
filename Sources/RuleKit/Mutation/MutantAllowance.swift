/// The lines whose mutants may survive: `-- betterbot: allow mutants: only saves memory`.
struct MutantAllowance {
  /// The name in the comment.
  static let name = "mutants"

  /// From 1.
  private(set) var lines: Set<Int> = []

  init(_ chunk: LuaChunk) {
    for comment in chunk.comments {
      let allowance = Allowance(comment, in: chunk)
      if allowance.names.contains(MutantAllowance.name) { lines.formUnion(allowance.lines) }
    }
  }
}
