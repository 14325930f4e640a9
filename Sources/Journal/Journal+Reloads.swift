extension Journal {
  /// Writes one change of the rule set at the end of their history.
  public func append(reload: ReloadRecord) throws(JournalError) {
    let insert = try writing().reloads.insertReload
    insert.bind(reload.version)
    insert.bind(reload.previous)
    insert.bind(reload.seq)
    insert.bind(reload.createdMilliseconds)
    insert.bind(reload.outcome)
    insert.bind(reload.reason)
    try perform(insert)
  }

  /// The newest so many changes of the rule set, the newest first.
  public func reloads(newest count: Int) throws(JournalError) -> [ReloadRecord] {
    try ReloadRecord.all(try usable().reloads.reloads, newest: count)
  }

  /// The newest change that brought a version in; nil when there is none.
  public func lastReloadRun() throws(JournalError) -> ReloadRecord? {
    let query = try usable().reloads.lastRun
    guard try query.step() else { return nil }
    defer { query.reset() }
    return ReloadRecord(query)
  }

  /// The versions that ran, the newest first, each once, at most so many.
  public func versionsRun(newest count: Int) throws(JournalError) -> [String] {
    try ReloadRecord.versions(try usable().reloads.versionsRun, newest: count)
  }

  /// Forgets refused versions but the newest so many.
  public func dropRejectedVersions(keeping count: Int) throws(JournalError) {
    let delete = try writing().reloads.dropRejected
    delete.bind(Int64(max(count, 0)))
    try perform(delete)
  }

  // MARK: The files of a version

  /// Keeps the files of a version of the rule set; those it had before are forgotten.
  ///
  /// Files with the same hash are stored once, whatever version they belong to.
  /// - Throws: `JournalError` with `misuse` when a hash has not 32 bytes.
  public func keepFiles(version: String, files: [KeptFile]) throws(JournalError) {
    if let wrong = files.first(where: { $0.hash.count != 32 }) {
      throw JournalError(
        code: .misuse, file: path,
        message: "the hash of \(wrong.path) has \(wrong.hash.count) bytes; SHA-256 has 32")
    }
    let statements = try writing().reloads
    statements.dropVersionFiles.bind(version)
    try perform(statements.dropVersionFiles)
    for file in files {
      statements.insertFile.bind(blob: file.hash)
      statements.insertFile.bind(blob: file.bytes)
      try perform(statements.insertFile)
      statements.insertVersionFile.bind(version)
      statements.insertVersionFile.bind(file.path)
      statements.insertVersionFile.bind(blob: file.hash)
      try perform(statements.insertVersionFile)
    }
  }

  /// What `keepFiles` kept for a version, by path; empty when there is nothing.
  public func files(of version: String) throws(JournalError) -> [KeptFile] {
    let query = try usable().reloads.versionFiles
    query.bind(version)
    defer { query.reset() }
    return try KeptFile.all(query, of: version)
  }

  /// Deletes the kept files of all versions but these.
  public func dropFiles(keeping versions: [String]) throws(JournalError) {
    let statements = try writing().reloads
    var stored: [String] = []
    while try statements.fileVersions.step() { stored.append(statements.fileVersions.text(0) ?? "") }
    let kept = Set(versions)
    for version in stored where !kept.contains(version) {
      statements.dropVersionFiles.bind(version)
      try perform(statements.dropVersionFiles)
    }
    try perform(statements.dropUnusedFiles)
  }
}
