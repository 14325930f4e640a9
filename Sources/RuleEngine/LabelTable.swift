import COrderFlow
import OrderFlow

/// The watch list: labels by wallet, with their bytes where orders can point at them.
final class LabelTable {
  private var labels: [[UInt8]: UnsafeMutableBufferPointer<UInt8>] = [:]

  /// The entries that it was made of.
  let entries: [String: String]

  init(_ entries: [String: String]) {
    self.entries = entries
    for (wallet, label) in entries where !label.isEmpty {
      let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: label.utf8.count)
      _ = bytes.initialize(from: label.utf8)
      labels[Array(wallet.utf8)] = bytes
    }
  }

  deinit {
    for label in labels.values { label.deallocate() }
  }

  var isEmpty: Bool { labels.isEmpty }

  /// Sets the order's label when its wallet is on the list.
  func apply(_ order: UnsafeMutablePointer<bb_order>) {
    let user = order.text(.user).pointee
    let key = Array(UnsafeBufferPointer(start: user.bytes, count: Int(user.count)))
    guard let label = labels[key] else { return }
    order.text(.label).pointee = bb_text(
      bytes: UnsafePointer(label.baseAddress), count: UInt32(label.count), symbol: 0)
  }
}
