import Hummingbird
import Journal

extension QueryReader {
  /// The names of what every listing takes.
  static let page = ["after", "limit", "order"]

  private enum Order: String, CaseIterable { case newest, oldest }

  /// The page that is wanted.
  func page() throws(Problem) -> PageRequest {
    PageRequest(
      after: try number("after", 0...Int64.max), isNewestFirst: try word("order", Order.self) != .oldest,
      limit: Int(try number("limit", 1...500) ?? 50))
  }
}

extension PageRequest {
  /// How many numbers a request may look at before it answers with what it has.
  private static let mostScanned: Int64 = 1_000_000

  /// Reads pages until there is something to show, the end, or enough has been looked at. Blocks.
  func fill<Row>(_ read: (PageRequest) throws -> Page<Row>) rethrows -> Page<Row> {
    var request = self
    var result = try read(request)
    var scanned = scan
    while result.rows.count < limit, let next = result.next, scanned < PageRequest.mostScanned {
      request.after = next
      request.limit = limit - result.rows.count
      let more = try read(request)
      result.rows += more.rows
      result.next = more.next
      scanned += scan
    }
    return result
  }
}
