import Glibc
import RuleEngine

extension RuleFolder {
  /// What reading a folder comes to that somebody may be changing.
  enum Reading: Sendable {
    /// What was there at one moment.
    case stable(RuleSources)
    /// It changed meanwhile; a file that vanishes between listing and reading counts as that.
    case moved
    case unreadable(Failure)
  }

  /// Reads everything twice, and looks at every file before and after. Blocks.
  ///
  /// Twice the same means that all of it was there between the two readings. `between` is called then.
  static func readStable(
    _ path: String, parameters: [String: [String: String]] = [:], between: () -> Void = {}
  ) -> Reading {
    let before = FolderFingerprint(path)
    let first = Result { () throws(Failure) in try read(path, parameters: parameters) }
    between()
    let second = Result { () throws(Failure) in try read(path, parameters: parameters) }
    if FolderFingerprint(path) != before { return .moved }
    switch (first, second) {
    case (.success(let first), .success(let second)):
      return first.version == second.version ? .stable(second) : .moved
    case (.failure(let first), .failure(let second)):
      return first.description == second.description ? .unreadable(second) : .moved
    default: return .moved
    }
  }

  /// The same, again for up to 2 s while somebody is changing the folder. Blocks.
  static func readWhenStable(_ path: String, parameters: [String: [String: String]]) -> Reading {
    for _ in 0..<40 {
      let reading = readStable(path, parameters: parameters)
      guard case .moved = reading else { return reading }
      usleep(50_000)
    }
    return .moved
  }

  /// Whether `.hold` is in the folder: changes then wait.
  static func isHeld(_ path: String) -> Bool { access(path + "/" + RuleFileNames.hold, F_OK) == 0 }
}
