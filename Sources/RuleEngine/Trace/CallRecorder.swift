import COrderFlow
import CRuleVM
import OrderFlow

/// What is noted of one rule while one event runs.
final class CallRecorder {
  /// Groups that hooks looked at, with the number of the call.
  private(set) var groups: [(call: Int, group: GroupSnapshot)] = []
  private var noted: Set<[UInt64]> = []
  /// What became of the signals, in the order of emission.
  var verdicts: [EventTrace.Verdict] = []

  private static let mostGroups = 100

  /// Notes a group that a hook looks at, once a call.
  func note(_ group: crv_group, of runner: RuleRunner) {
    let call = Int(crv_probe_calls(runner.vm))
    let name = [UInt64(call), UInt64(group.window), UInt64(group.index), group.generation]
    guard groups.count < CallRecorder.mostGroups, noted.insert(name).inserted,
      let slot = runner.slot(group)
    else { return }
    groups.append((call, runner.snapshot(Int(group.window), slot)))
  }

  /// The calls that the VM recorded.
  func calls(of vm: OpaquePointer, isTruncated: inout Bool) -> [EventTrace.Call] {
    var calls: [EventTrace.Call] = []
    var count = 0
    var truncated: Int32 = 0
    var firstSignal = 0
    guard let records = crv_probes(vm, &count, &truncated) else { return [] }
    isTruncated = truncated != 0
    for place in 0..<count {
      let record = records[place]
      if Int(record.what) == CRV_PROBE_CALL {
        calls.append(EventTrace.Call(hook: ProbeValue.text(record)))
        calls[calls.count - 1].groups = groups.filter { $0.call == calls.count }.map(\.group)
        firstSignal = Int(record.probe)
        continue
      }
      if calls.isEmpty { continue }
      let last = calls.count - 1
      switch Int(record.what) {
      case CRV_PROBE_STEP:
        calls[last].steps.append((ProbeValue.text(record), Int64(record.size)))
      case CRV_PROBE_END:
        if Int(record.kind) == CRV_TEXT { calls[last].failure = ProbeValue.text(record) }
        calls[last].verdicts = Array(verdicts.prefix(Int(record.probe)).dropFirst(firstSignal))
      default:
        calls[last].points.append(
          EventTrace.Point(
            probe: Int(record.probe), value: ProbeValue(record), isForced: record.forced != 0))
      }
    }
    return calls
  }
}

extension RuleRunner {
  /// The callbacks of `makeHost`; those that read a group note it.
  func makeRecordingHost() -> crv_host {
    var host = makeHost()
    host.aggregate = { context, group, number, out in
      RuleRunner.from(context)._withUnsafeGuaranteedRef { runner in
        runner.recorder?.note(group, of: runner)
        return runner.aggregate(group, Int(number), out)
      }
    }
    host.key = { context, group, number, out in
      RuleRunner.from(context)._withUnsafeGuaranteedRef { runner in
        runner.recorder?.note(group, of: runner)
        return runner.key(group, Int(number), out)
      }
    }
    host.orders = { context, group, count in
      RuleRunner.from(context)._withUnsafeGuaranteedRef { runner in
        runner.recorder?.note(group, of: runner)
        return runner.orders(group, count)
      }
    }
    return host
  }
}
