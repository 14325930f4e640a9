import Glibc
import NIOCore
import NIOPosix

extension ControlSocket {
  /// Answers on a path until it is cancelled.
  ///
  /// A socket that a dead engine left is replaced; one that answers is `.taken`. Only the owner may connect.
  /// `handler` gets the line without its end and may be called several times at once; its answer is sent
  /// whatever the bytes are. A line of over 8192 bytes, or none within `timeout`, closes the connection.
  public static func serve(
    path: String, timeout: Duration = .seconds(5), onListening: @Sendable () -> Void = {},
    handler: @escaping @Sendable (String) async -> [UInt8]
  ) async throws {
    let socket = try listen(path)
    let identity = fileIdentity(path)
    defer {
      // Not another engine's that has replaced it.
      if let identity, fileIdentity(path) == identity { unlink(path) }
    }
    let limit = TimeAmount(timeout)
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .bind(socket) { channel in
        channel.eventLoop.makeCompletedFuture {
          let line = channel.eventLoop.makePromise(of: String?.self)
          try channel.pipeline.syncOperations.addHandler(ControlLineHandler(line, timeout: limit))
          return Connection(channel: channel, line: line.futureResult)
        }
      }
    onListening()
    try await server.executeThenClose { connections in
      try await withThrowingTaskGroup(of: Void.self) { group in
        var open = 0
        for try await connection in connections {
          if open == maximumConnections {
            try await group.next()
            open -= 1
          }
          open += 1
          group.addTask { await answer(connection, limit, handler) }
        }
        // The end of the stream while nobody cancels us is one: there is nothing more to wait for.
        group.cancelAll()
      }
    }
  }

  /// A client, and the line that it will have said.
  private struct Connection: Sendable {
    var channel: any Channel
    var line: EventLoopFuture<String?>
  }

  /// One connection; whatever goes wrong with it is its client's trouble alone.
  ///
  /// The end of the server closes those that have not said anything yet; who has asked gets the answer.
  private static func answer(
    _ connection: Connection, _ limit: TimeAmount, _ handler: @Sendable (String) async -> [UInt8]
  ) async {
    let channel = connection.channel
    let line = await withTaskCancellationHandler {
      try? await connection.line.get()
    } onCancel: {
      // The line is then nil, unless it is there already.
      channel.close(promise: nil)
    }
    if let line {
      let bytes = await handler(line)
      let deadline = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
      try? await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
      deadline.cancel()
    }
    try? await channel.close().get()
  }

  /// A bound socket that only the owner may connect to.
  private static func listen(_ path: String) throws(Failure) -> Int32 {
    try prepareFolder(path)
    try removeStale(path)
    let socket = Glibc.socket(
      AF_UNIX,
      Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    if socket < 0 { throw failure("cannot make a socket for", path, errno) }
    do throws(Failure) {
      // Linux gives the file the mode of the socket, so there is no moment in which others may connect.
      if fchmod(socket, 0o600) != 0 { throw failure("cannot protect", path, errno) }
      let code = try withAddress(path) { bind(socket, $0, $1) == 0 ? 0 : errno }
      if code == EADDRINUSE {
        throw Failure(code: .taken, description: "another engine has just taken \(path)")
      }
      if code != 0 { throw failure("cannot listen on", path, code) }
      return socket
    } catch {
      close(socket)
      throw error
    }
  }

  /// Removes the socket of an engine that is gone; throws `.taken` when one answers.
  private static func removeStale(_ path: String) throws(Failure) {
    var status = stat()
    if lstat(path, &status) != 0 { return }
    if status.st_mode & S_IFMT != S_IFSOCK {
      throw Failure(
        code: .system, description: "\(path) is there and is no socket; move it away, or name another path")
    }
    do throws(Failure) {
      close(try connect(path))
    } catch {
      if error.code != .nobody { throw error }
      if unlink(path) != 0, errno != ENOENT { throw failure("cannot replace", path, errno) }
      return
    }
    throw Failure(code: .taken, description: "another engine listens on \(path)")
  }

  /// Makes the folder of a short path in /tmp; it must be ours alone.
  private static func prepareFolder(_ path: String) throws(Failure) {
    let folder = "/tmp/betterbot-\(getuid())"
    guard path.hasPrefix(folder + "/") else { return }
    if mkdir(folder, 0o700) != 0, errno != EEXIST { throw failure("cannot make", folder, errno) }
    var status = stat()
    let isOurs =
      lstat(folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR && status.st_uid == getuid()
      && status.st_mode & 0o077 == 0
    if !isOurs {
      throw Failure(
        code: .system,
        description: "\(folder) is not a folder of this user alone; remove it, or set XDG_RUNTIME_DIR")
    }
  }

  private static func fileIdentity(_ path: String) -> [UInt64]? {
    var status = stat()
    return lstat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : nil
  }
}
