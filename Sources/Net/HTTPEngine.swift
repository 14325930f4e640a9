internal import CCurl
internal import Glibc
internal import Synchronization

/// The thread that moves the bytes of all transfers, and the letter box by which others reach it.
final class HTTPEngine: Sendable {
  /// More at a time are refused.
  static let maximumRequests = 1024
  /// More connections in all are not opened, which also limits the bodies that are held at a time.
  static let connections = 64

  /// A request and who waits for its answer.
  struct Job: Sendable {
    let number: UInt64
    let request: HTTPRequest
    let continuation: CheckedContinuation<Result<HTTPResponse, HTTPError>, Never>

    func fail(_ code: HTTPError.Code, _ text: String) {
      continuation.resume(returning: .failure(HTTPError(code, request.shownURL, text)))
    }
  }

  private struct Mail: Sendable {
    var jobs: [Job] = []
    var cancelled: [UInt64] = []
    var isStopping = false
    /// Those in `jobs` and those that the thread has.
    var count = 0
    /// What wakes the thread; nil before it began and after it ended.
    var bell: CurlBell?
  }

  /// Which hosts may be connected to.
  private let addresses: AddressPolicy
  /// More connections to one host are not opened; requests wait for one.
  private let connectionsPerHost: Int
  private let mail = Mutex(Mail())
  private let numbers = Atomic<UInt64>(0)

  init(addresses: AddressPolicy, connectionsPerHost: Int) {
    self.addresses = addresses
    self.connectionsPerHost = connectionsPerHost
  }

  /// A number for a job.
  func nextNumber() -> UInt64 { numbers.add(1, ordering: .relaxed).newValue }

  /// Takes a job, or fails it at once.
  func submit(_ job: Job) {
    let refusal = mail.withLock { mail -> (HTTPError.Code, String)? in
      // Cancellation sets the flag before it takes the lock: it is seen here, or it finds the job.
      if Task.isCancelled { return (.cancelled, "the request was given up: its task was cancelled") }
      if mail.isStopping { return (.shutDown, "the client is shut down; make a new one") }
      if mail.count >= HTTPEngine.maximumRequests {
        return (.busy, "\(mail.count) requests wait already, the limit; send fewer")
      }
      mail.count += 1
      mail.jobs.append(job)
      mail.bell?.ring()
      return nil
    }
    if let (code, text) = refusal { job.fail(code, text) }
  }

  /// Aborts the job of this number, if it is still there.
  func cancel(_ number: UInt64) {
    mail.withLock { mail in
      if mail.isStopping { return }
      mail.cancelled.append(number)
      mail.bell?.ring()
    }
  }

  /// Makes the thread fail everything and end.
  func stop() {
    mail.withLock { mail in
      mail.isStopping = true
      mail.bell?.ring()
    }
  }

  /// The life of the thread.
  func run() {
    HTTPEngine.blockBrokenPipes()
    let multi = CurlMulti(connectionsPerHost: connectionsPerHost)
    let budget = HTTPBudget()
    mail.withLock { $0.bell = multi?.bell }
    while let multi {
      let (jobs, cancelled, isStopping) = mail.withLock { mail in
        defer { (mail.jobs, mail.cancelled) = ([], []) }
        return (mail.jobs, mail.cancelled, mail.isStopping)
      }
      for job in jobs { start(job, on: multi, budget) }
      for number in cancelled {
        guard let job = multi.remove(number) else { continue }
        finished(1)
        job.fail(.cancelled, "the request was given up: its task was cancelled")
      }
      if isStopping { break }
      multi.perform { job, result in
        finished(1)
        job.continuation.resume(returning: result)
      }
      multi.wait()
    }
    // Without a multi handle there is no memory for one: all that comes fails.
    let left = mail.withLock { mail in
      mail.bell = nil
      mail.isStopping = true
      defer { mail.jobs = [] }
      return mail.jobs
    }
    for job in left + (multi?.removeAll() ?? []) {
      job.fail(.shutDown, "the request was given up: the client was shut down")
    }
  }

  private func start(_ job: Job, on multi: CurlMulti, _ budget: HTTPBudget) {
    do throws(HTTPError) {
      try multi.add(HTTPTransfer(job, budget: budget, addresses: addresses))
    } catch {
      finished(1)
      job.continuation.resume(returning: .failure(error))
    }
  }

  /// OpenSSL writes without MSG_NOSIGNAL: a server that is gone must not end the program.
  private static func blockBrokenPipes() {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }

  private func finished(_ count: Int) {
    mail.withLock { $0.count -= count }
  }
}
