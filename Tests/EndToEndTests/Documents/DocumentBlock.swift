/// What stands between two fences of a Markdown document.
struct DocumentBlock {
  /// The words behind the opening fence: the language, and what is said of the block.
  var words: [String]
  /// The line of the opening fence, from 1 on.
  var line: Int
  var content: [String]
  /// The lines right before the block, which tell a reader what it is.
  var introduction: String

  /// The blocks of a document; one that is never closed goes to its end.
  static func read(_ lines: [String]) -> [DocumentBlock] {
    var blocks: [DocumentBlock] = []
    var open: (block: DocumentBlock, fence: String)?
    for (place, line) in lines.enumerated() {
      let fence = String(line.prefix { $0 == "`" })
      if let (block, opened) = open {
        if fence.count >= opened.count, fence == line {
          blocks.append(block)
          open = nil
        } else {
          open?.block.content.append(line)
        }
      } else if fence.count >= 3 {
        let words = line.dropFirst(fence.count).split(separator: " ").map(String.init)
        let before = lines[max(0, place - 4)..<place].joined(separator: "\n")
        open = (DocumentBlock(words: words, line: place + 1, content: [], introduction: before), fence)
      }
    }
    if let (block, _) = open { blocks.append(block) }
    return blocks
  }
}
