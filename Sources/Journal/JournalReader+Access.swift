extension JournalReader {
  /// All tokens of the API, the oldest first, those that let nobody in any more included.
  public func tokens() throws(JournalError) -> [TokenRecord] {
    try TokenRecord.all(try connection.prepare(TokenRecord.query))
  }
}
