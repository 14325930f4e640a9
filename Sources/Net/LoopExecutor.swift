internal import NIOCore

/// Runs tasks on an event loop: what is read from a socket is then handled where it was read.
///
/// Without it each message wakes another thread, which costs more than all that is done with it.
final class LoopExecutor: TaskExecutor {
  private let loop: any EventLoop

  init(_ loop: any EventLoop) { self.loop = loop }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
