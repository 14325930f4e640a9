/// Which names in a rules folder count: those that a version is made of, and `.hold`.
enum RuleFileNames {
  /// Where in the folder a name stands.
  enum Place: String, CaseIterable, Sendable {
    case rules = ""
    case libraries = "lib"
    case tables = "tables"

    /// The place's path in a rules folder.
    func path(in folder: String) -> String { self == .rules ? folder : folder + "/" + rawValue }
  }

  /// While a file of this name is in the rules folder, changes wait.
  static let hold = ".hold"

  /// Whether a version is made of such a file.
  static func counts(_ name: String, in place: Place) -> Bool {
    if isTemporary(name) { return false }
    return place == .tables || name.hasSuffix(".lua")
  }

  /// Hidden files, and what editors leave for a moment or as a backup; `4913` is how Vim tries a folder.
  private static func isTemporary(_ name: String) -> Bool {
    if name.hasPrefix(".") || name.hasSuffix("~") || name == "4913" { return true }
    if name.hasPrefix("#") && name.hasSuffix("#") { return true }
    return [".tmp", ".swp", ".swo", ".swx", "___jb_tmp___", "___jb_old___", "___jb_bak___"].contains {
      name.hasSuffix($0)
    }
  }
}
