public import Glibc

extension UnsafeMutablePointer<dirent> {
  /// The name of an entry that `readdir` returned.
  ///
  /// An entry is only as long as its name: copying the whole of `d_name` can read past the end of the list.
  public var entryName: String {
    let start = UnsafeRawPointer(self) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
    return String(cString: start.assumingMemoryBound(to: CChar.self))
  }
}
