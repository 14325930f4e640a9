import Journal

/// The journal could not be read for a request, in words that name no file of this machine.
struct JournalTrouble: Sendable, CustomStringConvertible {
  var description: String

  init(_ error: JournalError) { description = "the journal cannot be read at the moment: \(error.code)" }
}
