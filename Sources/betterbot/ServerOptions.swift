import ArgumentParser
import Simulator

/// Where `betterbot simulate` listens, and what it asks of clients.
struct ServerOptions: ParsableArguments {
  @Option(name: .long, help: "The address to listen on.") var host = "127.0.0.1"
  @Option(name: .long, help: "The port; 0 takes any free one.") var port = 0
  @Option(name: .long, help: "The key that clients need: as the path of the stream, as Bearer token of REST.")
  var key: String?
  @Option(name: .customLong("max-subscriptions"), help: "Subscriptions of a connection at most.")
  var maximumSubscriptions = 500
  @Option(name: .customLong("max-wallets"), help: "Wallets of a subscription at most.")
  var maximumWallets = 500
  @Option(name: .long, help: "A certificate chain, PEM; with --private-key the port speaks TLS.")
  var certificate: String?
  @Option(name: .customLong("private-key"), help: "The key of the certificate, PEM.") var privateKey: String?
  @Option(name: .long, help: "Write every order that happened to this file, one REST row a line.")
  var sent: String?
  @Flag(name: .customLong("exit-when-done"), help: "End after the last order, once nothing is held back.")
  var exitWhenDone = false

  func validate() throws {
    if !(0...65_535).contains(port) { throw ValidationError("--port is a number from 0 to 65535") }
    if (certificate == nil) != (privateKey == nil) {
      throw ValidationError("--certificate and --private-key go together")
    }
    if maximumSubscriptions < 1 || maximumWallets < 1 {
      throw ValidationError("--max-subscriptions and --max-wallets are 1 at least")
    }
    if key?.isEmpty == true { throw ValidationError("--key is not empty") }
  }

  /// Fills in where to listen.
  func apply(to options: inout SimulatorOptions) throws {
    options.host = host
    options.port = port
    options.key = key
    options.maximumSubscriptions = maximumSubscriptions
    options.maximumWallets = maximumWallets
    options.sentPath = sent
    if let certificate, let privateKey {
      options.tls = SimulatorOptions.TLS(certificate: certificate, privateKey: privateKey)
    }
  }
}
