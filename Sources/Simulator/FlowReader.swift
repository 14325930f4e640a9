internal import COrderFlow
internal import Feeds
internal import OrderFlow
internal import Wire

/// Makes a flow of a recorded file.
enum FlowReader {
  /// The most legs a flow has; about two gigabytes.
  static let maximumOrders = 16_000_000

  /// Reads all of a file, in any format the scanner reads, plain or gzipped; repeats are left out.
  static func read(path: String) throws(SimulatorError) -> Flow {
    var flow = Flow()
    do throws(FeedError) {
      var feed = try FileFeed(path: path)
      var batch = OrderBatch()
      var builder = Builder()
      var isMore = true
      while isMore {
        isMore = try feed.next(into: &batch)
        for order in batch.orders { builder.add(order, to: &flow) }
        if flow.count > maximumOrders { break }
      }
    } catch {
      throw SimulatorError(error.description)
    }
    if flow.count > maximumOrders {
      throw SimulatorError("\(path) has more than \(maximumOrders) orders: use a part of it")
    }
    if flow.count == 0 { throw SimulatorError("there is no order in \(path): check what it holds") }
    return flow
  }

  private struct Builder {
    private var repeats = RepeatFilter()
    private var lastTransaction = Hash256.absent

    mutating func add(_ order: Order, to flow: inout Flow) {
      var result = FlowOrder()
      func text(_ field: TextField) -> UnsafeBufferPointer<UInt8> {
        let text = order[field]
        return UnsafeBufferPointer(start: text.bytes, count: Int(text.count))
      }
      let outcome = Outcome(
        tokenID: flow.texts.intern(text(.tokenID)), label: flow.texts.intern(text(.tokenLabel)),
        slug: flow.texts.intern(text(.marketSlug)), conditionID: flow.texts.intern(text(.conditionID)),
        title: flow.texts.intern(text(.title)))
      result.outcome = flow.intern(outcome)
      result.user = flow.texts.intern(text(.user))
      result.taker = flow.texts.intern(text(.taker))
      result.isBuy = order.side == UInt8(BB_SIDE_BUY)
      result.price = Int32(clamping: order.price)
      result.shares = order.shares
      result.time = order.time / 1000
      result.txHash = Hash256(text(.txHash), pool: &flow.texts)
      result.orderHash = Hash256(text(.orderHash), pool: &flow.texts)
      // Without a taker in the recording, the first leg of a transaction passes for its leg.
      let isFirst = result.txHash != lastTransaction
      result.isTaker = order.role == UInt8(BB_ROLE_UNKNOWN) ? isFirst : order.role == UInt8(BB_ROLE_TAKER)
      lastTransaction = result.txHash
      if repeats.admits(result, token: outcome.tokenID, logIndex: order.log_index) { flow.append(result) }
    }
  }
}
