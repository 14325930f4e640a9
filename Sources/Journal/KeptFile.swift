/// A file of a rule set, as the journal keeps it for a return to that version.
public struct KeptFile: Equatable, Sendable {
  /// Where it stands, relative to the folder of the rules.
  public var path: String
  /// What is in it.
  public var bytes: [UInt8]
  /// SHA-256 of the bytes, as whoever keeps the file calculated it: 32 bytes.
  public var hash: [UInt8]

  /// A file with its hash.
  public init(path: String, bytes: [UInt8], hash: [UInt8]) {
    self.path = path
    self.bytes = bytes
    self.hash = hash
  }

  /// The rows of `ReloadStatements.versionFilesQuery`; throws `corrupt` where the bytes of a file are gone.
  static func all(_ query: Statement, of version: String) throws(JournalError) -> [KeptFile] {
    var files: [KeptFile] = []
    while try query.step() {
      let name = query.text(0) ?? ""
      if query.isNull(1) {
        throw JournalError(
          code: .corrupt, file: query.connection.file,
          message: "\(name) of rule set \(version) is missing in the journal; take it from a backup")
      }
      files.append(KeptFile(path: name, bytes: query.blob(1), hash: query.blob(2)))
    }
    return files
  }
}
