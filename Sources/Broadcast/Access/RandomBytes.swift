/// Bytes that nobody can guess: the system's generator, which is `getrandom(2)`.
enum RandomBytes {
  /// So many of them.
  static func make(_ count: Int) -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
  }
}
