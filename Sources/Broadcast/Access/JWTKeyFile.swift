import Files

/// The file with the keys.
enum JWTKeyFile {
  /// The longest file that is read.
  static let maximumBytes = 1 << 20

  /// What is in the file, and its stamp.
  static func read(_ path: String) throws(JWTKeyFailure) -> (bytes: [UInt8], stamp: SmallFile.Stamp) {
    do throws(SmallFile.Failure) { return try SmallFile.read(path, limit: maximumBytes) } catch {
      throw JWTKeyFailure(error.description)
    }
  }
}
