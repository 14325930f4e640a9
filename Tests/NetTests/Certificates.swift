import Glibc
import NIOPosix
import NIOSSL
import Synchronization

/// A certificate authority and servers' certificates of it, made for the tests.
final class Certificates: Sendable {
  /// Whether the program that makes them is there.
  static let canBeMade = system("openssl version >/dev/null 2>&1") == 0

  /// One set for all tests of a run, gone at its end. Made where it does not hold up the tests.
  static let shared = Task { try await NIOThreadPool.singleton.runIfActive { try Certificates() } }

  private static let folders = Mutex<[String]>([])

  private let folder: String
  /// The authority's own certificate.
  var rootFile: String { folder + "/root.pem" }

  private init() throws {
    var template = Array("/tmp/betterbot-tls-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CancellationError() }
    folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    Certificates.folders.withLock { $0.append(folder) }
    atexit { for folder in Certificates.folders.withLock({ $0 }) { _ = system("rm -rf '\(folder)'") } }
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    try run("openssl req -x509 \(key) -keyout root.key -out root.pem -days 2 -subj /CN=Root")
    for (name, names) in [
      ("good", "DNS:localhost,IP:127.0.0.1"), ("other", "DNS:other.example"),
      ("address", "DNS:other.example,IP:127.0.0.1"),
    ] {
      try run("openssl req \(key) -keyout \(name).key -out \(name).csr -subj /CN=\(name)")
      try run("echo subjectAltName=\(names) > \(name).ext")
      try run(
        "openssl x509 -req -in \(name).csr -CA root.pem -CAkey root.key -CAcreateserial -out \(name).pem"
          + " -days 2 -extfile \(name).ext")
    }
  }

  private func run(_ command: String) throws {
    guard system("cd '\(folder)' && { \(command); } 2>/dev/null") == 0 else { throw CancellationError() }
  }

  /// For a server: `good` is for this machine, `other` for another host, `address` for another host at this address.
  func server(_ name: String = "good") throws -> NIOSSLContext {
    let chain = try NIOSSLCertificate.fromPEMFile("\(folder)/\(name).pem")
    return try NIOSSLContext(
      configuration: .makeServerConfiguration(
        certificateChain: chain.map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: "\(folder)/\(name).key", format: .pem))))
  }
}
