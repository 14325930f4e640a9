public import Wire

/// The orders of one recorded input: a file, packed or not, or standard input.
public struct FileFeed: ~Copyable {
  /// What was seen so far.
  public var counters: ScanCounters { scanner.counters }
  /// Bytes read from the file so far, before unpacking.
  public var bytesRead: Int64 { source.bytesRead }
  /// Size of the file in bytes as it lies on the disk; nil for pipes and the like.
  public var totalBytes: Int64? { source.totalBytes }
  /// The input as the user named it.
  public var name: String { source.name }

  private var source: ByteSource
  private var scanner: OrderScanner
  private var failure: FeedError?

  /// Opens a file; `-` is standard input. The options' source is replaced by its name.
  public init(path: String, options: ScannerOptions = ScannerOptions()) throws(FeedError) {
    self.init(try ByteSource(path: path), options: options)
  }

  /// Reads orders from a source of bytes.
  public init(_ source: consuming ByteSource, options: ScannerOptions = ScannerOptions()) {
    var options = options
    options.source = source.name
    self.source = source
    scanner = OrderScanner(options)
  }

  /// Empties the batch and fills it with what comes next; false when the input is at its end.
  ///
  /// The batch may hold something even when it returns false. An input that breaks off half way first gives
  /// everything that could be read, then throws. Texts of earlier orders are no longer valid.
  ///
  /// With `patience` it returns an empty batch when a pipe brings nothing for so many milliseconds.
  public mutating func next(
    into batch: inout OrderBatch, patience: Int32? = nil
  ) throws(FeedError) -> Bool {
    while true {
      switch scanner.next(into: &batch) {
      case .more: return true
      case .needsInput:
        // Orders first: reading more would move the texts they point to.
        if batch.count > 0 || !batch.deadLetters.isEmpty { return true }
        if let patience, !source.isReadable(withinMilliseconds: patience) { return true }
        read()
      case .end:
        guard let failure else { return false }
        if batch.count > 0 || !batch.deadLetters.isEmpty { return true }
        throw failure
      }
    }
  }

  private mutating func read() {
    do throws(FeedError) {
      try scanner.fill(block: ByteSource.blockBytes) { (space) throws(FeedError) -> Int in
        try source.read(into: space)
      }
    } catch {
      failure = error
      scanner.finish()
    }
  }
}
