/// The orders that happened and how to write them; the bytes of the last one are kept for the next subscriber.
struct OrderSource: Sendable {
  let flow: Flow
  let writer: OrderWriter
  var log: VenueLog
  private var domeNumber = -1
  private var dome: [UInt8] = []
  private var rtdsNumber = -1
  private var rtds: [UInt8] = []

  init(flow: Flow, keeping limit: Int) {
    self.flow = flow
    writer = OrderWriter(flow: flow)
    log = VenueLog(limit: limit)
  }

  /// An order that happened, as the flow has it.
  func leg(of number: Int) -> FlowOrder { flow.orders[Int(log[number].leg)] }

  /// What follows the head of a Dome event, up to its end.
  mutating func domeBytes(_ number: Int) -> [UInt8] {
    if domeNumber == number { return dome }
    domeNumber = number
    dome.removeAll(keepingCapacity: true)
    writer.appendDome(log[number], to: &dome)
    dome.append("}}")
    return dome
  }

  /// What follows the head of an RTDS frame, up to its end; the trade was seen `sent` ms after 1970.
  mutating func rtdsBytes(_ number: Int, sent: Int64) -> [UInt8] {
    if rtdsNumber == number { return rtds }
    rtdsNumber = number
    rtds.removeAll(keepingCapacity: true)
    writer.appendRTDS(log[number], sent: sent, to: &rtds)
    return rtds
  }
}
