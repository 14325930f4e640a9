public import Feeds
import Glibc

/// How much there is to read.
public enum InputSize {
  /// Bytes of all inputs as they lie on the disk; nil when one is a pipe or the like.
  ///
  /// Throws for the first input that is missing or may not be read, so that nothing starts in vain.
  public static func total(_ inputs: [String]) throws(FeedError) -> Int64? {
    var total: Int64? = 0
    for input in inputs {
      let size = try size(input)
      total = total.flatMap { total in size.map { total &+ $0 } }
    }
    return total
  }

  private static func size(_ input: String) throws(FeedError) -> Int64? {
    var status = stat()
    let kinds = [S_IFIFO, S_IFCHR, S_IFSOCK]
    // Opening a pipe and closing it again would take its writer's reader away.
    if input != "-", stat(input, &status) == 0, kinds.contains(status.st_mode & S_IFMT) { return nil }
    return try ByteSource(path: input).totalBytes
  }
}
