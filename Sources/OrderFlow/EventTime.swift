/// Event times as text: UTC, without a time zone database.
public enum EventTime {
  /// `2026-01-04 19:51:35` for milliseconds since 1970.
  public static func text(_ milliseconds: Int64) -> String {
    let seconds = milliseconds / 1000 - (milliseconds % 1000 < 0 ? 1 : 0)
    let day = seconds / 86_400 - (seconds % 86_400 < 0 ? 1 : 0)
    let rest = seconds - day * 86_400
    let (year, month, date) = civil(day)
    return
      "\(pad(year, 4))-\(pad(month, 2))-\(pad(date, 2)) \(pad(rest / 3600, 2)):\(pad(rest / 60 % 60, 2)):\(pad(rest % 60, 2))"
  }

  /// Milliseconds since 1970 of `2026-01-04`, `2026-01-04T19:51:35Z` (or with a space) or seconds; nil for others.
  public static func parse(_ text: String) -> Int64? {
    if let seconds = Int64(text) { return seconds.magnitude < 100_000_000_000 ? seconds * 1000 : nil }
    guard let match = text.wholeMatch(of: /(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?Z?)?/) else {
      return nil
    }
    func number(_ part: Substring?) -> Int64 { part.flatMap { Int64($0) } ?? 0 }
    let (year, month, date) = (number(match.1), number(match.2), number(match.3))
    let (hour, minute, second) = (number(match.4), number(match.5), number(match.6))
    let days = dayNumber(year, month, date)
    guard civil(days) == (year, month, date), hour < 24, minute < 60, second < 60 else { return nil }
    return (days * 86_400 + hour * 3600 + minute * 60 + second) * 1000
  }

  /// A duration for people: `1.42 s`, `35 s`, `2 min 5 s`.
  public static func seconds(_ value: Double) -> String {
    if value < 10 {
      let hundredths = Int((value * 100).rounded())
      return "\(hundredths / 100).\(pad(Int64(hundredths % 100), 2)) s"
    }
    let whole = Int(value.rounded())
    return whole < 100 ? "\(whole) s" : "\(whole / 60) min \(whole % 60) s"
  }

  private static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// Year, month and day of a day number, in the proleptic Gregorian calendar; eras of 400 years from March.
  private static func civil(_ day: Int64) -> (Int64, Int64, Int64) {
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let date = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, date)
  }

  private static func dayNumber(_ year: Int64, _ month: Int64, _ date: Int64) -> Int64 {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + date - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}
