import Hummingbird
import Logging
import NIOCore

/// What a request carries with it.
struct APIContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The connection.
  let channel: any Channel
  /// Who sends the request; nil where nobody was asked.
  var caller: Caller?

  init(source: ApplicationRequestContextSource) {
    coreContext = CoreRequestContextStorage(source: source)
    channel = source.channel
  }

  /// A body is collected whole up to so many bytes.
  var maxUploadSize: Int { 64 << 10 }
}
