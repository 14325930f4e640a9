import Glibc
import Journal
import OrderFlow
import Testing

@testable import Broadcast

@Suite struct WebhookEditTests {
  private let journalFile: JournalFile

  init() throws { journalFile = try JournalFile() }

  private func record(_ change: (inout WebhookRecord) -> Void = { _ in }) -> WebhookRecord {
    var webhook = WebhookRecord(
      name: "desk", url: "https://h.example/a?b=c%20d&e=f", format: .slack, secret: WebhookSecret.make(),
      createdMilliseconds: 77)
    change(&webhook)
    return webhook
  }

  @Test("an edit is one line, and the line is the edit")
  func lines() {
    let full = record { webhook in
      webhook.filter.rule = "a b\n%=é"
      webhook.filter.market = ""
      webhook.filter.token = "t"
      webhook.filter.user = "u"
      webhook.filter.minimumSeverity = .critical
      webhook.allowsPrivate = true
    }
    let actions: [WebhookEdit.Action] = [
      .add(full), .add(record()), .remove("desk"), .rotate("desk", secret: WebhookSecret.make()),
      .pause("a"), .resume("a"), .resend("a"), .resendOne(17),
    ]
    for action in actions {
      let edit = WebhookEdit(action, at: 77)
      #expect(edit.line.hasPrefix("webhook ") && !edit.line.contains("\n"))
      #expect(WebhookEdit(line: edit.line) == edit)
    }
  }

  @Test(
    "what is no edit is told apart",
    arguments: [
      "", "webhook", "webhook ", "status", "webhook remove", "webhook remove name=a",
      "webhook fly name=a now=1",
      "webhook rotate name=a now=1", "webhook rotate name=a secret=whsec_AA== now=1",
      "webhook remove name=%zz now=1",
      "webhook remove name=%+1 now=1", "webhook remove name now=1", "webhook resend id=x now=1",
      "webhook add name=a url=b format=fax severity=low now=1",
    ])
  func garbage(line: String) { #expect(WebhookEdit(line: line) == nil) }

  @Test("edits change the journal and say what they did")
  func applying() throws {
    let journal = try journalFile.open()
    func apply(_ action: WebhookEdit.Action) throws -> String {
      let text = try WebhookEdit(action, at: 1000).apply(to: journal)
      try journal.commit()
      return text
    }
    #expect(try apply(.add(record())).hasPrefix("the webhook desk is there"))
    #expect(try journal.webhook(named: "desk")?.createdMilliseconds == 1000)
    let secret = WebhookSecret.make()
    #expect(try apply(.rotate("desk", secret: secret)).hasPrefix("the webhook desk has a new secret"))
    let rotated = try journal.webhook(named: "desk")
    #expect(rotated?.secret == secret && rotated?.previousUntil == 1000 + 86_400_000)
    #expect(try apply(.pause("desk")).contains("until it is resumed"))
    #expect(try journal.webhook(named: "desk")?.disabledMilliseconds == 1000)
    #expect(try apply(.resume("desk")).hasPrefix("the webhook desk is sent"))
    #expect(try apply(.resend("desk")) == "0 deliveries are sent again")
    #expect(try apply(.remove("desk")) == "the webhook desk is gone")
    let missing: [WebhookEdit.Action] = [
      .remove("x"), .rotate("x", secret: secret), .pause("x"), .resume("x"), .resend("x"), .resendOne(1),
    ]
    for action in missing {
      #expect(throws: JournalError.self) { try apply(action) }
    }
  }

  @Test("a name, a url or a filter that is no good is refused")
  func problems() {
    for name in ["", "a b", "ä", String(repeating: "a", count: 65), "a/b", "a\n"] {
      #expect(WebhookEdit.problem(with: record { $0.name = name })?.hasPrefix("a webhook's name") == true)
    }
    for url in [
      "", "h.example", "ftp://h/", "file:///etc/passwd", "https://", "https:///x", "https://a b/",
      "http://?x",
      "https://h/\n", "https://" + String(repeating: "a", count: 2048), "https://hé/",
    ] {
      #expect(
        WebhookEdit.problem(with: record { $0.url = url })?.hasPrefix("a webhook's url") == true, "\(url)")
    }
    for url in ["https://h", "HTTP://h:8/a?b#c", "https://u:p@h/x", "https://[::1]/x"] {
      #expect(WebhookEdit.problem(with: record { $0.url = url }) == nil, "\(url)")
    }
    let long = String(repeating: "a", count: 513)
    #expect(WebhookEdit.problem(with: record { $0.filter.market = long }) != nil)
  }

  @Test("a secret is not written where others may read it; the file itself is closed")
  func protection() throws {
    let journal = try journalFile.open()
    chmod(journalFile.path, 0o644)
    chmod(journalFile.folder, 0o755)
    do {
      try WebhookEdit(.add(record()), at: 1).apply(to: journal)
      Issue.record("the folder is open")
    } catch {
      #expect(error.code == .misuse && error.message.hasSuffix("run: chmod 700 \(journalFile.folder)"))
    }
    chmod(journalFile.folder, 0o700)
    try WebhookEdit(.add(record()), at: 1).apply(to: journal)
    var status = stat()
    #expect(stat(journalFile.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
  }
}
