import HTTPTypes
import Hummingbird
import NIOCore
import Wire

extension Response {
  /// An answer of JSON.
  static func json(_ status: HTTPResponse.Status = .ok, _ body: (inout JSONWriter) -> Void) -> Response {
    var writer = JSONWriter()
    body(&writer)
    return json(status, bytes: writer.bytes)
  }

  /// An answer that is JSON already.
  static func json(_ status: HTTPResponse.Status = .ok, bytes: [UInt8]) -> Response {
    var fields = HTTPFields()
    fields[.contentType] = "application/json"
    return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// An answer of plain text.
  static func text(_ text: String, type: String = "text/plain; charset=utf-8") -> Response {
    var fields = HTTPFields()
    fields[.contentType] = type
    return Response(status: .ok, headers: fields, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
  }
}
