import COrderFlow
public import Documents
import Feeds
import Glibc
import OrderFlow
public import RuleKit
import Wire

/// The orders of a recording that a test names.
public enum RecordedOrders {
  /// More is no test's flow.
  private static let most = 2_000_000

  /// All orders of a file, in its order; a message that is none is left out, as a replay does.
  ///
  /// Throws a problem without a place when the file cannot be read.
  public static func read(_ path: String) throws(PlacedProblem) -> [TestOrder] {
    // A pipe would keep us waiting, and standard input is somebody else's.
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      throw PlacedProblem("", "\(path) is no regular file")
    }
    if path == "-" { throw PlacedProblem("", "a recording is a file, not standard input") }
    var orders: [TestOrder] = []
    do throws(FeedError) {
      var feed = try FileFeed(path: path)
      var batch = OrderBatch()
      var isMore = true
      while isMore {
        isMore = try feed.next(into: &batch)
        for place in 0..<batch.count {
          guard let order = batch.orders.baseAddress.map({ $0 + place }) else { continue }
          orders.append(TestOrder(order))
        }
        if orders.count > most {
          throw FeedError(.cannotRead, "\(path) has more than \(most) orders: cut it")
        }
      }
    } catch {
      throw PlacedProblem("", error.description)
    }
    if orders.isEmpty { throw PlacedProblem("", "\(path) holds no order") }
    return orders
  }
}
