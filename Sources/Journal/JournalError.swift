/// Why the journal could not do what was asked, in words for the person who runs it.
public struct JournalError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of trouble, for code that reacts to it.
  public enum Code: Equatable, Sendable {
    /// The file or its directory cannot be opened or created.
    case cannotOpen
    /// Another engine, in this process or another, has the file open for writing.
    case inUse
    /// The file is no SQLite database.
    case notADatabase
    /// The file is an SQLite database of some other program.
    case notAJournal
    /// A newer program wrote the file.
    case newerVersion
    /// An older program wrote the file and nobody has opened it for writing since.
    case olderVersion
    /// The file or its directory may not be written.
    case readOnly
    /// The disk is full; the batch can be written again once there is room.
    case diskFull
    /// Another program holds the write lock for longer than the journal waits.
    case busy
    /// The file is damaged.
    case corrupt
    /// A read, write or sync failed.
    case inputOutput
    /// A text or blob is longer than SQLite stores.
    case tooBig
    /// Two different orders claim one sequence number.
    case sequenceClash
    /// An earlier write of this batch failed: roll back, then write the batch again.
    case batchFailed
    /// The call does not fit the state of the journal: after `close`, or inside a batch.
    case misuse
    /// Any other answer of SQLite.
    case database
  }

  /// The kind of trouble.
  public let code: Code
  /// The journal file, as the user named it.
  public let file: String
  /// What was wrong and what to do about it.
  public let message: String
  /// SQLite's extended result code, 0 when the trouble did not come from SQLite.
  public let sqliteCode: Int32

  /// Names the file, what was wrong and what to do about it.
  public init(code: Code, file: String, message: String, sqliteCode: Int32 = 0) {
    self.code = code
    self.file = file
    self.message = message
    self.sqliteCode = sqliteCode
  }

  /// Whether the same batch may go through later without anybody changing the program or its input.
  ///
  /// Then the journal is rolled back and the batch written again, until it goes through.
  public var isTransientDisk: Bool {
    switch code {
    case .diskFull, .readOnly, .inputOutput, .busy: true
    default: false
    }
  }

  /// The file and the message, on one line.
  public var description: String { "\(file): \(message)" }
}
