import COrderFlow
import OrderFlow
import Testing

@Suite struct OrderTests {
  @Test("each text field has its own place and comes back as it was set")
  func texts() {
    var order = Order.empty
    let names = TextField.allCases.map { Array($0.name.utf8) }
    for (field, name) in zip(TextField.allCases, names) {
      name.withUnsafeBufferPointer { bytes in
        order[field] = .init(
          bytes: bytes.baseAddress, count: UInt32(bytes.count), symbol: UInt32(field.rawValue + 1))
        #expect(order.string(field) == field.name)
      }
    }
    #expect(TextField.allCases.map { order[$0].symbol } == (1...10).map { UInt32($0) })
    #expect(order.block_number == -1 && order.log_index == -1 && order.price == 0)
  }

  @Test("an absent text is no string")
  func absent() {
    #expect(TextField.allCases.allSatisfy { Order.empty.string($0) == nil })
  }
}
