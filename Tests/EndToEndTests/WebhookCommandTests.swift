import Glibc
import Journal
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct WebhookCommandTests {
  private let workspace: Workspace

  init() throws { workspace = try Workspace() }

  private func shell(_ line: String) throws -> Program.Result {
    try Program.shell("w() { c=$1; shift; $BB webhook $c \"$@\" --db a.db; }; \(line)", in: workspace)
  }

  @Test("a webhook is added, shown, rotated, paused, resumed and removed without an engine")
  func life() throws {
    let added = try shell(
      "echo https://h.example/SECRET?k=SECRET | w add - --name desk --rule whale --severity high")
    #expect(added.code == 0, "\(added.errors)")
    #expect(added.lines.first == "the webhook desk is there; it is sent the signals from now on")
    #expect(added.output.contains("secret: whsec_") && !added.output.contains("SECRET"))
    let list = try shell("w list")
    #expect(
      list.output
        == "desk  json  https://h.example  on  0 waiting, 0 given up  only rule whale, severity high\n")
    let rotated = try shell("w rotate desk")
    #expect(rotated.code == 0 && rotated.output.contains("secret: whsec_"))
    #expect(rotated.lines.last != added.lines.dropFirst().first)
    #expect(try shell("w pause desk").code == 0)
    #expect(try shell("w list").output.contains("off (paused)"))
    #expect(try shell("w resume desk").code == 0)
    #expect(try shell("w deliveries desk").output == "desk: 0 waiting, 0 given up\n")
    #expect(try shell("w resend desk").output == "0 deliveries are sent again\n")
    #expect(try shell("w remove desk").output == "the webhook desk is gone\n")
    #expect(try shell("w list").output == "no webhooks\n")
  }

  @Test("a url may be in a file, and chats have no secret of ours")
  func urlFile() throws {
    try workspace.write("https://hooks.slack.com/services/T/B/X\n", to: "url.txt")
    let added = try shell("w add --url-file url.txt --name chat --format slack; w list")
    #expect(added.code == 0, "\(added.errors)")
    #expect(added.lines.last == "chat  slack  https://hooks.slack.com  on  0 waiting, 0 given up")
    #expect(!added.output.contains("whsec_"))
    let missing = try shell("w add --url-file none.txt --name x")
    #expect(missing.code == 3 && missing.errors.contains("none.txt"))
  }

  @Test(
    "what is wrong is said, and ends with its code",
    arguments: [
      ("w add https://h --name 'a b'", 3, "a webhook's name has"),
      ("w add ftp://h --name a", 3, "a webhook's url"),
      ("w add --name a", 3, "give a url"), ("w add https://h --name a --format fax", 3, "--format is one of"),
      ("w add https://h --name a --severity x", 3, "--severity is one of"),
      ("w add https://h --name a && w add https://h --name a", 1, "there is a webhook a already"),
      ("w remove a", 3, "a.db: there is no such file"), ("w list", 3, "no such file"),
      ("w add https://h --name a && w remove b", 1, "there is no webhook of the name b"),
      ("w resend", 3, "name a webhook or a delivery"),
      ("w add https://h --name a && w resend --delivery 5", 1, "no delivery 5 was given up"),
      ("w add https://h --name a && w deliveries b", 3, "there is no webhook of the name b"),
      ("chmod 755 . && w add https://h --name a", 1, "run: chmod 700"),
    ])
  func refusals(line: String, code: Int, words: String) throws {
    let result = try shell(line)
    #expect(result.code == code && result.errors.contains(words), "\(result.code) \(result.errors)")
  }

  @Test("adding closes the journal's file to others")
  func file() throws {
    let result = try shell("umask 022; w add https://h --name a; stat -c %a a.db")
    #expect(result.lines.last == "600", "\(result.output)\(result.errors)")
  }

  @Test(
    "every signal is delivered, signed by the secrets of its time, though the run is killed before it has sent",
    .enabled(if: Program.has("python3"), "skipped: python3 is not installed"))
  func killed() async throws {
    let script = Program.quoted(Program.root + "/Tests/Conformance/webhooks.py")
    let workspace = workspace
    let result = try await offPool {
      try Program.shell("python3 \(script) --own-check --kills 2 --orders 3000 \"$BB\"", in: workspace)
    }
    #expect(result.code == 0, "\(result.output)\(result.errors)")
    #expect(result.output.hasSuffix(" 0 violations\n"))
  }
}
