extension LiveBoard.Answer {
  /// What the control socket says: `done` or `refused` for programs, then the text for people.
  var line: [UInt8] { Array("\(isDone ? "done" : "refused")\n\(text)\n".utf8) }
}
