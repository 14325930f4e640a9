package import HummingbirdCore
package import Logging
package import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypesHTTP1

/// A connection of the server: HTTP/1.1 with limits, and WebSockets on the requests that ask for one.
package struct SocketChannel: ServerChildChannel, HTTPChannelHandler {
  package typealias Value = HTTP1Channel.Value

  /// What all connections of a server share.
  package struct Configuration: Sendable {
    /// The limits of each connection.
    package var limits: RequestLimits
    /// Counts all of them.
    package var connections: ConnectionCounter<ClientAddress>
    /// Decides which requests become a WebSocket.
    package var decide: UpgradeDecider
    /// Counts the connections over the cap that are being told so.
    let refusals = ConnectionCounter<ClientAddress>(maximum: 64, maximumEach: 4)

    package init(
      limits: RequestLimits = .init(), connections: ConnectionCounter<ClientAddress>,
      decide: @escaping UpgradeDecider
    ) {
      self.limits = limits
      self.connections = connections
      self.decide = decide
    }
  }

  package let responder: Responder
  private let configuration: Configuration

  package init(responder: @escaping Responder, configuration: Configuration) {
    self.responder = responder
    self.configuration = configuration
  }

  package func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let limits = configuration.limits
      let pipeline = channel.pipeline.syncOperations
      let guardian = ConnectionGuard(
        limits, connections: configuration.connections, refusals: configuration.refusals)
      var sizes = NIOHTTPDecoderLimitConfiguration()
      sizes.maxHeaderFieldSize = limits.headBytes
      sizes.maxHeaderListSize = limits.headBytes
      let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes, limitConfiguration: sizes)
      let codec = HTTPConnectionHandler.Codec(
        encoder: HTTPResponseEncoder(), decoder: ByteToMessageHandler(decoder),
        types: HTTP1ToHTTPServerCodec(secure: false))
      try pipeline.addHandler(guardian)
      try pipeline.addHandler(codec.encoder)
      try pipeline.addHandler(codec.decoder)
      try pipeline.addHandler(
        HTTPConnectionHandler(guardian, codec: codec, limits: limits, decide: configuration.decide))
      try pipeline.addHandler(codec.types)
      return try Value(
        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
  }

  package func handle(value: Value, logger: Logger) async {
    await handleHTTP(asyncChannel: value, logger: logger)
  }
}
