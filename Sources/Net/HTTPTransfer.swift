internal import CCurl
internal import Glibc

/// One request as libcurl sees it; belongs to the thread of the engine.
final class HTTPTransfer {
  let job: HTTPEngine.Job
  /// libcurl's handle, freed with this.
  let handle: UnsafeMutableRawPointer

  private let url: SafeURL
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var body: [UInt8] = []
  private var isTooBig = false
  private var isOverBudget = false
  private let budget: HTTPBudget
  /// An address that was not connected to.
  private var refusedAddress: String?

  init(_ job: HTTPEngine.Job, budget: HTTPBudget, addresses: AddressPolicy) throws(HTTPError) {
    self.job = job
    self.budget = budget
    url = job.request.shownURL
    guard let handle = curl_easy_init() else {
      throw HTTPError(.busy, url, "there is no memory for another request; send fewer")
    }
    self.handle = handle
    try configure(job.request)
    if addresses == .publicOnly { refusePrivateAddresses() }
    if let body = job.request.body { try setBody(body) }
    try addHeaders(job.request.headers)
  }

  deinit {
    budget.freeBytes += body.count
    curl_easy_cleanup(handle)
    curl_slist_free_all(headers)
  }

  private func configure(_ request: HTTPRequest) throws(HTTPError) {
    guard request.url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw error(.badURL, "the url has a character that must be written as %XX; check it for typos")
    }
    set(CURLOPT_URL, request.url)
    set(CURLOPT_PROTOCOLS_STR, "http,https")
    set(CURLOPT_NOSIGNAL, 1)
    // Or giving up a request whose name is still being looked up would hold up all others.
    set(CURLOPT_QUICK_EXIT, 1)
    // Some servers turn away who does not say what they are; a header of this name goes before.
    set(CURLOPT_USERAGENT, "betterbot")
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_TIMEOUT_MS, HTTPTransfer.milliseconds(request.timeout))
    set(CURLOPT_CONNECTTIMEOUT_MS, HTTPTransfer.milliseconds(request.connectTimeout))
    set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // An empty list stands for all encodings that libcurl can unpack.
    set(CURLOPT_ACCEPT_ENCODING, "")
    // The system's folder of roots stays in use beside this file.
    if let file = request.certificateFile { set(CURLOPT_CAINFO, file) }
    _ = bb_curl_set_pointer(handle, CURLOPT_WRITEDATA, Unmanaged.passUnretained(self).toOpaque())
    _ = bb_curl_set_write(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      guard let bytes, let context else { return 0 }
      let transfer = Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue()
      return transfer.receive(UnsafeRawBufferPointer(start: bytes, count: size * count))
    }
  }

  private func setBody(_ body: [UInt8]) throws(HTTPError) {
    set(CURLOPT_POST, 1)
    set(CURLOPT_POSTFIELDSIZE, body.count)
    // libcurl makes a copy. Room for a byte more: nil would mean that the body is asked for.
    var copy = body + [0]
    let code = copy.withUnsafeMutableBytes { bytes in
      bb_curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, bytes.baseAddress)
    }
    // Nobody is asked first whether he wants a body, however long it is.
    guard code == CURLE_OK, let list = curl_slist_append(headers, "Expect:") else {
      throw error(.busy, "there is no memory for another request; send fewer")
    }
    headers = list
  }

  /// Has every address looked at, in the form in which the system will connect to it.
  private func refusePrivateAddresses() {
    set(CURLOPT_PROXY, "")
    _ = bb_curl_set_pointer(handle, CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
    _ = bb_curl_set_open_socket(handle, CURLOPT_OPENSOCKETFUNCTION) { context, _, address in
      guard let context, let address else { return -1 }
      return Unmanaged<HTTPTransfer>.fromOpaque(context).takeUnretainedValue().openSocket(address)
    }
  }

  /// A socket for an address; -1, libcurl's CURL_SOCKET_BAD, when that must not be connected to.
  private func openSocket(_ target: UnsafePointer<curl_sockaddr>) -> Int32 {
    // The bytes of the address go on behind the struct that C declares.
    let start = UnsafeRawPointer(target) + (MemoryLayout<curl_sockaddr>.offset(of: \.addr) ?? 0)
    let address = PeerAddress(start, count: Int(target.pointee.addrlen))
    guard let address, address.isPublic else {
      refusedAddress = address?.text ?? "of another kind"
      return -1
    }
    return socket(
      target.pointee.family, target.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), target.pointee.protocol)
  }

  private func addHeaders(_ fields: [(name: String, value: String)]) throws(HTTPError) {
    for (name, value) in fields {
      let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
      guard isName, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw error(.badHeader, "a header has a line break or another wrong character")
      }
      // A header without a value is written with a semicolon, or libcurl leaves it out.
      guard let list = curl_slist_append(headers, value.isEmpty ? "\(name);" : "\(name): \(value)") else {
        throw error(.busy, "there is no memory for another request; send fewer")
      }
      headers = list
    }
    _ = bb_curl_set_list(handle, CURLOPT_HTTPHEADER, headers)
  }

  private func set(_ option: CURLoption, _ value: Int) { _ = bb_curl_set_long(handle, option, value) }
  private func set(_ option: CURLoption, _ value: String) { _ = bb_curl_set_text(handle, option, value) }

  private static func milliseconds(_ duration: Duration) -> Int {
    // 0 would be no limit at all.
    max(Int(duration.clamped(to: 86_400) * 1000), 1)
  }

  private func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    if bytes.count > job.request.maximumBytes - body.count {
      isTooBig = true
    } else if bytes.count > budget.freeBytes {
      isOverBudget = true
    }
    // Fewer bytes than were given: libcurl aborts.
    if isTooBig || isOverBudget { return bytes.isEmpty ? 0 : bytes.count - 1 }
    budget.freeBytes -= bytes.count
    body.append(contentsOf: bytes)
    return bytes.count
  }

  func error(_ code: HTTPError.Code, _ text: String) -> HTTPError { HTTPError(code, url, text) }

  /// The answer, after libcurl is done with this code.
  func result(_ code: CURLcode) -> Result<HTTPResponse, HTTPError> {
    if code != CURLE_OK { return .failure(failure(code)) }
    let status = number(CURLINFO_RESPONSE_CODE)
    if (300..<400).contains(status), status != 304 {
      let host = redirectHost.map { "to \($0)" } ?? "elsewhere"
      return .failure(
        error(.redirected, "the server answered \(status), a redirect \(host); use the new url"))
    }
    let retry = number(CURLINFO_RETRY_AFTER)
    var type: UnsafeMutableRawPointer?
    _ = bb_curl_get_pointer(handle, CURLINFO_CONTENT_TYPE, &type)
    return .success(
      HTTPResponse(
        status: status, body: body, retryAfter: retry > 0 ? .seconds(retry) : nil,
        contentType: type.map { String(cString: $0.assumingMemoryBound(to: CChar.self)) }))
  }

  private func number(_ info: CURLINFO) -> Int {
    var value = 0
    return bb_curl_get_long(handle, info, &value) == CURLE_OK ? value : 0
  }

  /// Only the host: the rest of the new url may repeat a key.
  private var redirectHost: String? {
    var target: UnsafeMutableRawPointer?
    _ = bb_curl_get_pointer(handle, CURLINFO_REDIRECT_URL, &target)
    guard let target, let parts = curl_url() else { return nil }
    defer { curl_url_cleanup(parts) }
    var host: UnsafeMutablePointer<CChar>?
    guard curl_url_set(parts, CURLUPART_URL, target.assumingMemoryBound(to: CChar.self), 0) == CURLUE_OK,
      curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK, let host
    else { return nil }
    defer { curl_free(host) }
    return Redactor([]).line(String(cString: host).utf8, limit: 100)
  }

  private func failure(_ code: CURLcode) -> HTTPError {
    switch code {
    case _ where isTooBig:
      return error(
        .tooBig, "the answer is longer than \(job.request.maximumBytes) bytes, the limit; raise it")
    case _ where isOverBudget:
      return error(.busy, "all answers under way are more than can be held in memory; send fewer requests")
    case CURLE_OPERATION_TIMEDOUT:
      let isConnected = number(CURLINFO_NUM_CONNECTS) > 0 && number(CURLINFO_PRETRANSFER_TIME_T) > 0
      return isConnected
        ? error(.timedOut, "no whole answer within \(job.request.timeout.text); try again later")
        : error(
          .timedOut,
          "no connection within \(min(job.request.connectTimeout, job.request.timeout).text); check host and port"
        )
    case CURLE_COULDNT_RESOLVE_HOST:
      return error(.cannotResolve, "the host's name has no address; check the name and the DNS")
    case CURLE_COULDNT_RESOLVE_PROXY, CURLE_PROXY:
      return error(.proxy, "the proxy of the environment does not work; check https_proxy and http_proxy")
    case CURLE_COULDNT_CONNECT where refusedAddress != nil:
      return error(
        .notPublic,
        "the address \(refusedAddress ?? "") is not public; only what is on the internet may be called")
    case CURLE_COULDNT_CONNECT:
      return number(CURLINFO_OS_ERRNO) == Int(ECONNREFUSED)
        ? error(.refused, "the host refuses the connection; check the port and that it runs")
        : error(.unreachable, "the host cannot be reached; check the network")
    case CURLE_PEER_FAILED_VERIFICATION:
      return error(
        .certificate,
        "the server's certificate is not trusted, has expired or is for another host; check the url, "
          + "or name its root")
    case CURLE_SSL_CACERT_BADFILE:
      return error(
        .certificate,
        "\(job.request.certificateFile ?? "the file of roots") holds no certificate that "
          + "can be read; name a PEM file")
    case CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CIPHER, CURLE_USE_SSL_FAILED:
      return error(.tls, "TLS failed; check host and port")
    case CURLE_UNSUPPORTED_PROTOCOL where number(CURLINFO_PRETRANSFER_TIME_T) > 0:
      return error(.badResponse, "the server does not speak HTTP; check host and port")
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL:
      return error(.badURL, "this is no http:// or https:// url; check it for typos")
    default:
      return error(
        .badResponse, "the answer cannot be used (\(String(cString: curl_easy_strerror(code)))); try again")
    }
  }
}
