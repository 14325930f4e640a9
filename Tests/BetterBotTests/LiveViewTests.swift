import Glibc
import OrderFlow
import Pipeline
import Testing

@testable import betterbot

@Suite struct LiveViewTests {
  /// A terminal that is none, with a clock that is set.
  private final class Fake {
    var output = ""
    var errors = ""
    var writes = 0
    var now: Int64 = 0
    var size = (columns: 80, rows: 12)
    var code: Int32 = 0

    func view(_ mode: LiveView.Mode, takesReports: Bool = true) -> LiveView {
      LiveView(
        LiveView.Terminal(
          mode: mode, hasColour: false, size: { self.size },
          write: { bytes, descriptor in
            self.writes += 1
            let text = String(decoding: bytes, as: UTF8.self)
            if descriptor == STDOUT_FILENO { self.output += text } else { self.errors += text }
            return self.code
          }, takesReports: takesReports, wallClock: { 1_767_556_295_000 + self.now }, clock: { self.now }))
    }
  }

  private func signals(_ range: Range<Int>) -> [Signal] { range.map { LiveFrameTests.signal($0) } }

  @Test("standard error that programs read gets no lines about the run")
  func noReports() {
    for takesReports in [true, false] {
      let fake = Fake()
      let view = fake.view(.rows, takesReports: takesReports)
      view.show(signals: signals(0..<1))
      view.show(status: LiveFrameTests.status)
      #expect(fake.errors.isEmpty == !takesReports && !fake.output.isEmpty)
    }
  }

  @Test("for programs every signal is a line, and nothing else is printed")
  func lines() {
    let fake = Fake()
    let view = fake.view(.lines)
    for number in 0..<1000 {
      view.show(signals: signals(number..<number + 1))
      view.show(status: LiveFrameTests.status)
    }
    view.finish()
    #expect(fake.output.split(separator: "\n").count == 1000 && fake.errors == "")
    #expect(fake.output.hasPrefix(#"{"id":"00000000000000000000000000000000","rule":"whale_order""#))
  }

  @Test("without a terminal signals are rows, and a line about the run comes every five seconds")
  func rows() {
    let fake = Fake()
    let view = fake.view(.rows)
    for step in 0..<101 {
      fake.now = Int64(step) * 100
      view.show(signals: signals(step..<step + 1))
      view.show(status: LiveFrameTests.status)
    }
    view.finish()
    #expect(fake.output.split(separator: "\n").count == 101)
    #expect(fake.output.hasPrefix("2026-01-04 19:51:35  high      whale_order         0 a title\n"))
    let lines = fake.errors.split(separator: "\n")
    #expect(lines.count == 3)
    #expect(
      lines[1].hasPrefix("2026-01-04 19:51:40  740 orders/s · lag 356 ms · ")
        && lines[1].hasSuffix(" · relay waiting"))
  }

  @Test("a terminal is drawn ten times a second at most, and the last state at the end")
  func throttle() {
    let fake = Fake()
    let view = fake.view(.screen)
    for step in 0..<1000 {
      fake.now = Int64(step)
      view.show(signals: signals(step..<step + 1))
      if step % 50 == 0 { view.show(status: LiveFrameTests.status) }
    }
    #expect(fake.writes == 10)
    view.finish()
    #expect(fake.writes == 11)
    #expect(fake.output.hasSuffix("999 a title\u{1B}[K\n\u{1B}[J\u{1B}[?2026l"))
    #expect(fake.errors == "")
  }

  @Test("the first frame scrolls what was there away, another size clears, others draw over")
  func clearing() {
    let fake = Fake()
    let view = fake.view(.screen)
    func frame() -> String {
      fake.now += 1000
      fake.output = ""
      view.show(status: LiveFrameTests.status)
      return fake.output
    }
    #expect(frame().hasPrefix("\u{1B}[?2026h" + String(repeating: "\n", count: 12) + "\u{1B}[H"))
    #expect(frame().hasPrefix("\u{1B}[?2026h\u{1B}[H"))
    fake.size = (60, 10)
    #expect(frame().hasPrefix("\u{1B}[?2026h\u{1B}[2J\u{1B}[H"))
    #expect(frame().hasPrefix("\u{1B}[?2026h\u{1B}[H"))
  }

  @Test(
    "after an error of write nothing more is written, and the error can be asked for",
    arguments: [LiveView.Mode.lines, .rows, .screen])
  func broken(_ mode: LiveView.Mode) {
    let fake = Fake()
    let view = fake.view(mode)
    fake.code = EPIPE
    view.show(signals: signals(0..<1))
    fake.now = 1000
    view.show(signals: signals(1..<2))
    #expect(view.failure == EPIPE && fake.writes == 1)
  }

  @Test("a flood of signals between two frames is one frame")
  func flood() {
    let fake = Fake()
    let view = fake.view(.screen)
    for _ in 0..<100 { view.show(signals: signals(0..<1000)) }
    #expect(fake.writes == 1)
  }
}
