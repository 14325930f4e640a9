import ArgumentParser

/// A command that runs until it is told to stop, and waits for several things at once meanwhile.
///
/// The other commands are synchronous. This one runs on the main actor, which is the main thread, so that it may
/// use `Output` as they do.
protocol LongRunningCommand: ParsableCommand {
  /// Does the command's work; called instead of `run`.
  @MainActor func serve() async throws
}
