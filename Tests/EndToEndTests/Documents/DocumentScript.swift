/// A Markdown document as a script: the files that it has a reader write, and the commands with what they print.
struct DocumentScript {
  /// A command behind `$`, and what is shown below it.
  struct Command {
    var text: String
    /// The line of the command, from 1 on.
    var line: Int
    var shown: [String]
    /// Where `shown` stands in the lines of the document.
    var place: Range<Int>
    /// The file that has to be there for the command to run, nil when it runs always.
    var needs: String?
  }

  enum Step {
    case file(path: String, text: String, appends: Bool)
    case command(Command)
  }

  var steps: [Step] = []
  /// What is wrong with the document itself, with its lines.
  var problems: [String] = []

  var commands: [Command] {
    steps.compactMap { step in if case .command(let command) = step { command } else { nil } }
  }

  init(_ text: String, name: String) {
    for block in DocumentBlock.read(DocumentScript.lines(text)) {
      let words = block.words
      guard let language = words.first else { continue }
      if language == "console" {
        guard words.count == 1 || (words.count == 3 && words[1] == "if") else {
          problems.append("\(name):\(block.line): behind console comes nothing, or `if FILE`")
          continue
        }
        add(console: block, needs: words.count == 3 ? words[2] : nil, name: name)
      } else if words.count > 1 {
        add(file: block, name: name)
      }
    }
  }

  static func lines(_ text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  private mutating func add(file block: DocumentBlock, name: String) {
    let path = block.words[1]
    guard block.words.count == 2 || (block.words.count == 3 && block.words[2] == "append") else {
      problems.append("\(name):\(block.line): behind the name of a file comes nothing, or `append`")
      return
    }
    let file = path.split(separator: "/").last.map(String.init) ?? path
    if !block.introduction.contains(file), !(block.content.first ?? "").contains(file) {
      problems.append(
        "\(name):\(block.line): say in front of the block that it is \(path): nobody sees its name")
    }
    let text = block.content.map { $0 + "\n" }.joined()
    steps.append(.file(path: path, text: text, appends: block.words.count == 3))
  }

  private mutating func add(console block: DocumentBlock, needs: String?, name: String) {
    guard block.content.first?.hasPrefix("$ ") == true else {
      problems.append("\(name):\(block.line): a console block begins with `$ COMMAND`")
      return
    }
    var place = 0
    while place < block.content.count {
      let start = place
      var text = String(block.content[place].dropFirst(2))
      place += 1
      while text.hasSuffix("\\"), place < block.content.count {
        text += "\n" + block.content[place]
        place += 1
      }
      let first = place
      while place < block.content.count, !block.content[place].hasPrefix("$ ") { place += 1 }
      let shown = Array(block.content[first..<place])
      // The content's first line has the index `block.line` in the document.
      steps.append(
        .command(
          Command(
            text: text, line: block.line + start + 1, shown: shown,
            place: (block.line + first)..<(block.line + place), needs: needs)))
    }
  }
}
