/// What a webhook's receiver understands.
public enum WebhookFormat: String, CaseIterable, Sendable {
  /// A signed JSON text with the whole signal.
  case json
  /// A message for a channel of Discord.
  case discord
  /// A message for a channel of Slack.
  case slack
  /// A message of a bot of Telegram.
  case telegram
}
