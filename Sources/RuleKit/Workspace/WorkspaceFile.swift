/// A file that `betterbot init` puts into a workspace, and what becomes of one that is there already.
public struct WorkspaceFile: Sendable {
  /// Where it lies in the workspace.
  public var path: String
  private var content: Content

  private enum Content: Sendable {
    /// Written once; from then on it is the user's.
    case text(String)
    /// Written again when it differs, unless it was edited.
    case generated(GeneratedFile)
    /// Settings that are added to those that are there.
    case settings(LanguageServerSettings)
  }

  /// What is to be done about the file.
  public enum Step: Equatable, Sendable {
    /// It is not there: write this.
    case make(String)
    /// It is generated, of another version, and nobody edited it: write this.
    case renew(String)
    /// Something was missing in it, of these names: write this. The remark says what else is not as it should be.
    case merge(String, added: [String], remark: String?)
    /// It stays as it is; the remark says what the user may want to do about it.
    case keep(remark: String?)
  }

  /// A text that is written once.
  public init(_ path: String, text: String) {
    self.path = path
    content = .text(text)
  }

  /// A file that is made of the description of the API.
  public init(_ path: String, _ file: GeneratedFile) {
    self.path = path
    content = .generated(file)
  }

  /// Settings of the language server.
  public init(_ path: String, _ settings: LanguageServerSettings) {
    self.path = path
    content = .settings(settings)
  }

  /// What to do, by what the file holds; nil when there is none.
  public func step(for existing: [UInt8]?) -> Step {
    switch content {
    case .text(let text): return existing == nil ? .make(text) : .keep(remark: nil)
    case .generated(let file):
      guard let existing else { return .make(file.text) }
      let text = String(decoding: existing, as: UTF8.self)
      if text == file.text { return .keep(remark: nil) }
      if GeneratedFile.isUnedited(text) { return .renew(file.text) }
      return .keep(remark: "it was edited and is not renewed; remove it and run this again for a new one")
    case .settings(let settings):
      guard let existing else { return .make(settings.text) }
      return settings.merged(into: existing)
    }
  }
}
