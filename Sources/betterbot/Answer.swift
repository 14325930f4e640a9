/// What a user answers to a question on the terminal.
enum Answer {
  case yes, no, quit

  /// Asks until the answer is one; a line without anything is a no, and the end of the input ends the asking.
  static func ask(_ question: String) -> Answer {
    while true {
      Output.standard.write("\(question) [y/n/q] ")
      Output.standard.flush()
      guard let line = readLine() else { return .quit }
      switch line.lowercased() {
      case "y", "yes": return .yes
      case "n", "no", "": return .no
      case "q", "quit": return .quit
      default: continue
      }
    }
  }
}
