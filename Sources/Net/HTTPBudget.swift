/// How much memory the bodies of all transfers under way may take together; belongs to one thread.
final class HTTPBudget {
  /// What is left, in bytes.
  var freeBytes = 512 << 20
}
