extension String {
  /// The text up to so many bytes of UTF-8, without half a character at its end.
  public func prefix(bytes most: Int) -> Substring {
    guard utf8.count > most else { return self[...] }
    var end = utf8.index(utf8.startIndex, offsetBy: most)
    while end > utf8.startIndex, end.samePosition(in: unicodeScalars) == nil { end = utf8.index(before: end) }
    return self[..<end]
  }
}
