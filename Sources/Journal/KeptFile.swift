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
}
