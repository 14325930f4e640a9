import Testing

@Suite struct DocumentScriptTests {
  /// A document of lines, in which `~` stands for a backtick.
  private func script(_ lines: String...) -> DocumentScript {
    DocumentScript(lines.joined(separator: "\n").replacing("~", with: "`"), name: "d.md")
  }

  @Test("files are written and commands run in the order of the document")
  func order() throws {
    let script = script(
      "Write ~a/b.txt~:", "", "~~~text a/b.txt", "one", "~~~", "", "~~~console", "$ cat a/b.txt", "one",
      "$ cd a", "$ printf 'x\\n' \\", "  >&2; false", "x", "[exit code 1]", "~~~", "Add to b.txt:",
      "~~~text b.txt append", "two", "~~~", "~~~console", "$ wc -l <b.txt", "2", "~~~")
    #expect(script.problems == [])
    #expect(script.commands.map(\.line) == [8, 10, 11, 21])
    let printed = try DocumentRun().run(script)
    #expect(printed == [["one"], [], ["x", "[exit code 1]"], ["2"]])
    for (command, printed) in zip(script.commands, printed) {
      #expect(ShownOutput(command.shown).matches(printed ?? []), "\(command.text)")
    }
  }

  @Test("a command whose file is not there does not run, and the next does")
  func needs() throws {
    let script = script("~~~console if nothing.gz", "$ exit 3", "~~~", "~~~console", "$ echo on", "on", "~~~")
    #expect(try DocumentRun().run(script) == [nil, ["on"]])
  }

  @Test("the program is in the path, and rules and fixtures are copies of the repository's")
  func surroundings() throws {
    let script = script(
      "~~~console", "$ betterbot check >/dev/null && echo good", "good",
      "$ touch rules/mine.lua && ls fixtures",
      "...", "flow.jsonl.gz", "...", "~~~")
    for (command, printed) in zip(script.commands, try DocumentRun().run(script)) {
      #expect(ShownOutput(command.shown).matches(printed ?? []), "\(command.text): \(printed ?? [])")
    }
    let again = self.script("~~~console", "$ ls rules/mine.lua", "...", "~~~")
    #expect(try DocumentRun().run(again).first??.last == "[exit code 2]")
  }

  @Test("a block that says what nobody understands is a problem with its line")
  func problems() {
    #expect(
      script("", "~~~console in a.txt", "$ true", "~~~").problems
        == ["d.md:2: behind console comes nothing, or `if FILE`"])
    #expect(
      script("~~~console", "true", "~~~").problems == ["d.md:1: a console block begins with `$ COMMAND`"])
    #expect(
      script("the rule:", "~~~lua a.lua", "~~~").problems
        == ["d.md:2: say in front of the block that it is a.lua: nobody sees its name"])
    #expect(
      script("a.lua:", "~~~lua a.lua later", "~~~").problems
        == ["d.md:2: behind the name of a file comes nothing, or `append`"])
    #expect(script("~~~lua", "return 1", "~~~", "~~~", "plain", "~~~").steps.isEmpty)
  }

  @Test(
    "what is shown fits what is printed, but for what may differ",
    arguments: [
      ("a|b", "a|b", true), ("a|b", "a", false), ("a", "a|b", false), ("a|...", "a|b|c", true),
      ("a|...", "a", true), ("...|c", "a|b|c", true), ("...|c", "a|b", false),
      ("a|...|c|...|e", "a|b|c|d|e", true),
      ("a|...|x|...|e", "a|b|c|d|e", false), ("a|...|a", "a", false), ("a …", "a and more", true),
      ("a …", "b and more", false), ("b|…", "b|anything", false),
      ("20 orders in 0.11 s (185,246/s)", "20 orders in 1.3 s (15/s)", true),
      ("20 orders in 0.11 s (185,246/s)", "21 orders in 0.11 s (185,246/s)", false),
      ("sweep  5  19  0  0.087", "sweep  5  19  0  11.000", true),
      ("sweep  5  19  0  0.087", "sweep  5  18  0  0.087", false),
      ("rule set 9d7d7e0efabb68d2", "rule set 0000000000000000", true),
      ("price 0.087", "price 0.088", false), ("a||", "a", true),
    ])
  func fits(_ shown: String, _ printed: String, _ matches: Bool) {
    func lines(_ text: String) -> [String] {
      text.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
    }
    let output = ShownOutput(lines(shown))
    #expect(output.matches(lines(printed)) == matches)
    // What is rewritten is true at once, and stays as it is when it was true.
    let rewritten = output.rewritten(lines(printed))
    #expect(ShownOutput(rewritten).matches(lines(printed)), "\(rewritten)")
    if matches { #expect(rewritten == ShownOutput.trimmed(lines(shown))) }
  }

  @Test("a rewritten output ends where it did, with more lines when there are more")
  func rewritten() {
    #expect(ShownOutput(["a", "c", "..."]).rewritten(["a", "b", "c", "d"]) == ["a", "b", "c", "..."])
    #expect(ShownOutput(["a", "x", "..."]).rewritten(["a", "b", "c", "d"]) == ["a", "b", "..."])
    #expect(ShownOutput(["x", "...", "d"]).rewritten(["a", "b", "c", "d"]) == ["a", "...", "d"])
    #expect(ShownOutput([]).rewritten(["a", "b"]) == ["a", "b"])
  }

  @Test("a difference shows the lines that differ, and not all of many")
  func difference() {
    let output = ShownOutput(["a", "b", "c"])
    #expect(output.difference(["a", "x", "c"]) == "- b\n+ x")
    #expect(output.difference(["a", "b", "1", "2", "3", "c"], limit: 2) == "+ 1\n+ 2\n+ and 1 more lines")
    #expect(ShownOutput(["a", "...", "z"]).difference(["b", "z"]) == "- a\n- ...\n+ b")
  }
}
