/// What one connection has asked for once.
struct Subscription: Sendable {
  /// Its name, which the client was told; empty in RTDS.
  var id: String
  var filter: OrderFilter
  /// What comes before an order that is sent because of it.
  var head: [UInt8]

  /// A subscription of Dome.
  init(dome id: String, filter: OrderFilter) {
    self.id = id
    self.filter = filter
    head = Array("{\"type\":\"event\",\"subscription_id\":\"\(id)\",\"data\":{".utf8)
  }

  /// A subscription of RTDS on the connection of this name.
  init(connection: String, filter: OrderFilter) {
    id = ""
    self.filter = filter
    head = Array("{\"connection_id\":\"\(connection)\"".utf8)
  }
}
