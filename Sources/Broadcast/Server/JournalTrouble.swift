import Journal

/// The journal could not be read for a request.
struct JournalTrouble: Error, CustomStringConvertible {
  var description: String

  init(_ error: JournalError) { description = "the journal cannot be read at the moment: \(error.code)" }
}
