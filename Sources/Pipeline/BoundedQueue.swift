import Glibc

/// A queue between two threads that holds a limited number of elements: a full one makes the sender wait, an
/// empty one the receiver. Closing it wakes both.
///
/// `@unchecked Sendable`: every member is touched under the mutex alone.
public final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let changed: UnsafeMutablePointer<pthread_cond_t>
  private var elements: [Element] = []
  private var isClosed = false
  private let limit: Int

  /// A queue of at most `limit` elements.
  public init(limit: Int) {
    self.limit = limit
    mutex = .allocate(capacity: 1)
    changed = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_cond_destroy(changed)
    pthread_mutex_destroy(mutex)
    changed.deallocate()
    mutex.deallocate()
  }

  /// Adds an element when there is room; false when the queue is closed.
  @discardableResult
  public func send(_ element: Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.count >= limit, !isClosed { pthread_cond_wait(changed, mutex) }
    if isClosed { return false }
    elements.append(element)
    pthread_cond_broadcast(changed)
    return true
  }

  /// Adds an element if there is room now; false when there is none, or the queue is closed.
  @discardableResult
  public func offer(_ element: Element) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if isClosed || elements.count >= limit { return false }
    elements.append(element)
    pthread_cond_broadcast(changed)
    return true
  }

  /// Takes the oldest element when there is one; nil when the queue is closed and empty.
  public func receive() -> Element? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while elements.isEmpty, !isClosed { pthread_cond_wait(changed, mutex) }
    if elements.isEmpty { return nil }
    let element = elements.removeFirst()
    pthread_cond_broadcast(changed)
    return element
  }

  /// Lets nothing more in; what is in can still be received.
  public func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}
