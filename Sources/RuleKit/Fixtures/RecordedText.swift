import COrderFlow
import Documents
import OrderFlow
import Wire

/// Orders of raw messages that stand in a test file.
enum RecordedText {
  /// The orders of a text whose first line is line `line` of the document `path`.
  static func orders(_ text: String, path: String, line: Int) throws(PlacedProblem) -> [TestEvent] {
    var scanner = OrderScanner(ScannerOptions(source: path))
    var batch = OrderBatch()
    var events: [TestEvent] = []
    var text = text
    text.withUTF8 { scanner.append(UnsafeRawBufferPointer($0)) }
    scanner.finish()
    while true {
      let state = scanner.next(into: &batch)
      if let letter = batch.deadLetters.first {
        let place = line + Int(clamping: letter.line) - 1
        throw PlacedProblem("\(path):\(place)", "orders: \(letter.reason)")
      }
      for place in 0..<batch.count {
        guard let order = batch.orders.baseAddress.map({ $0 + place }) else { continue }
        let number = line + Int(clamping: order.pointee.line) - 1
        events.append(TestEvent(.order(TestOrder(order)), line: number))
      }
      if state != .more { return events }
    }
  }
}
