import Glibc
import NIOPosix
import NIOSSL
import Synchronization

/// A server's certificate that signs itself, made for the tests.
final class Certificates: Sendable {
  /// Whether the program that makes it is there.
  static let canBeMade = system("openssl version >/dev/null 2>&1") == 0

  /// One for all tests of a run. Made where it does not hold up the tests.
  static let shared = Task { try await NIOThreadPool.singleton.runIfActive { try Certificates() } }

  private static let folders = Mutex<[String]>([])

  /// The files for a server that reads them itself; gone at the end of the run.
  let chainFile: String
  let keyFile: String
  let configuration: TLSConfiguration
  let client: NIOSSLContext

  private init() throws {
    var template = Array("/tmp/betterbot-tls-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw CancellationError() }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    Certificates.folders.withLock { $0.append(folder) }
    atexit { for folder in Certificates.folders.withLock({ $0 }) { _ = system("rm -rf '\(folder)'") } }
    chainFile = folder + "/certificate.pem"
    keyFile = folder + "/key.pem"
    let made = system(
      "cd '\(folder)' && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2"
        + " -keyout key.pem -out certificate.pem -subj /CN=localhost -addext subjectAltName=DNS:localhost"
        + " >/dev/null 2>&1")
    guard made == 0 else { throw CancellationError() }
    let chain = try NIOSSLCertificate.fromPEMFile(chainFile)
    configuration = .makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: keyFile, format: .pem)))
    var trusting = TLSConfiguration.makeClientConfiguration()
    trusting.trustRoots = .certificates(chain)
    client = try NIOSSLContext(configuration: trusting)
  }
}
