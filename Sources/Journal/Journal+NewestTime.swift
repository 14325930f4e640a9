extension Journal {
  /// Event time of the newest signal, ms since 1970 UTC; nil without one. What retention by age counts from.
  public func newestTime() throws(JournalError) -> Int64? {
    let newest = try usable().connection.integer("SELECT coalesce(max(t), \(Int64.min)) FROM signals")
    return newest == .min ? nil : newest
  }
}
