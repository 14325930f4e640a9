internal import Glibc

/// One thing to measure: a run over its input returns how many orders it handled and a sum that must agree.
struct Contender {
  var name: String
  /// What has to be ready before a run and is not measured.
  var prepare: () -> Void = {}
  var run: () -> (orders: Int, sum: Int64)
}

/// Measures contenders in turn, so that a busy machine slows all of them alike.
enum Rounds {
  /// The median CPU time an order of each contender, in nanoseconds.
  static func measure(_ contenders: [Contender], rounds: Int) -> [Double] {
    var times = [[Double]](repeating: [], count: contenders.count)
    for round in 0...rounds {
      for (place, contender) in contenders.enumerated() {
        contender.prepare()
        let start = cpuSeconds()
        let result = contender.run()
        let spent = cpuSeconds() - start
        // The first round only warms up.
        if round > 0 { times[place].append(spent / Double(max(result.orders, 1)) * 1e9) }
      }
    }
    return times.map { $0.sorted()[$0.count / 2] }
  }

  private static func cpuSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
