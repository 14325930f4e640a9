import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

extension Request {
  /// The type of the body without its parameters, in small letters; nil when the request does not say.
  var mediaTypeName: String? {
    headers[.contentType].map { type in
      let name = type.prefix { $0 != ";" }
      return String(name.drop { $0 == " " }.prefix { $0 != " " && $0 != "\t" }).lowercased()
    }
  }

  /// The whole body; a longer one is a problem, which `detail` explains.
  func wholeBody(upTo most: Int, _ detail: String) async throws -> [UInt8] {
    // What is known beforehand need not be sent.
    if let length = headers[.contentLength].flatMap({ Int($0) }), length > most {
      throw Problem.tooLarge(detail)
    }
    var request = self
    do {
      return Array(try await request.collectBody(upTo: most).readableBytesView)
    } catch let error as HTTPError where error.status == .contentTooLarge {
      throw Problem.tooLarge(detail)
    } catch is ChannelError {
      throw Problem.badRequest("the body breaks off before its end")
    } catch is NIOTooManyBytesError {
      throw Problem.tooLarge(detail)
    }
  }
}
