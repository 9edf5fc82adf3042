import Foundation

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
///
/// The whole product computes and stores in UTC; a zone is applied only where a person reads.
public struct Instant: Hashable, Comparable, Sendable {
    /// Milliseconds since the epoch.
    public var ms: Int64

    public init(ms: Int64) { self.ms = ms }

    /// - Parameter seconds: whole seconds since the epoch.
    public init(seconds: Int64) { ms = seconds * 1000 }

    /// Whole seconds since the epoch, rounded towards the past.
    public var seconds: Int64 { ms >= 0 ? ms / 1000 : (ms - 999) / 1000 }

    public static func < (a: Instant, b: Instant) -> Bool { a.ms < b.ms }

    public static func + (a: Instant, b: Span) -> Instant { Instant(ms: a.ms &+ b.ms) }
    public static func - (a: Instant, b: Span) -> Instant { Instant(ms: a.ms &- b.ms) }
    public static func - (a: Instant, b: Instant) -> Span { Span(ms: a.ms &- b.ms) }

    /// The earliest and latest instants that the product accepts: years 1900 to 9999.
    public static let earliest = Instant(ms: -2_208_988_800_000)
    public static let latest = Instant(ms: 253_402_300_799_000)
}

/// A length of time in milliseconds; may be negative.
public struct Span: Hashable, Comparable, Sendable {
    public var ms: Int64

    public init(ms: Int64) { self.ms = ms }

    public static let zero = Span(ms: 0)
    public static func seconds(_ n: Int64) -> Span { Span(ms: n * 1000) }
    public static func minutes(_ n: Int64) -> Span { Span(ms: n * 60_000) }
    public static func hours(_ n: Int64) -> Span { Span(ms: n * 3_600_000) }
    public static func days(_ n: Int64) -> Span { Span(ms: n * 86_400_000) }

    /// Whole seconds, rounded towards zero.
    public var seconds: Int64 { ms / 1000 }

    public static func < (a: Span, b: Span) -> Bool { a.ms < b.ms }
    public static func + (a: Span, b: Span) -> Span { Span(ms: a.ms &+ b.ms) }
    public static func - (a: Span, b: Span) -> Span { Span(ms: a.ms &- b.ms) }
    public static func += (a: inout Span, b: Span) { a.ms &+= b.ms }
}

// Coded as plain milliseconds.
extension Instant: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(ms: try decoder.singleValueContainer().decode(Int64.self))
    }
    public func encode(to encoder: any Encoder) throws {
        var c = encoder.singleValueContainer()
        try c.encode(ms)
    }
}

extension Span: Codable {
    public init(from decoder: any Decoder) throws {
        self.init(ms: try decoder.singleValueContainer().decode(Int64.self))
    }
    public func encode(to encoder: any Encoder) throws {
        var c = encoder.singleValueContainer()
        try c.encode(ms)
    }
}

/// Proleptic Gregorian dates by day number, after Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms" (2013): no table, no calendar object, exact for every year the product accepts.
public enum CivilDate {
    /// Days from 1970-01-01 to the given date.
    public static func dayNumber(year: Int, month: Int, day: Int) -> Int {
        let y = month <= 2 ? year - 1 : year
        let era = (y >= 0 ? y : y - 399) / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The date that lies `dayNumber` days after 1970-01-01.
    public static func date(dayNumber: Int) -> (year: Int, month: Int, day: Int) {
        let z = dayNumber + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let month = mp < 10 ? mp + 3 : mp - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * mp + 2) / 5 + 1)
    }

    /// 0 is Sunday, 6 is Saturday.
    public static func weekday(dayNumber: Int) -> Int {
        let w = (dayNumber + 4) % 7
        return w < 0 ? w + 7 : w
    }

    public static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// `YYYY-MM-DD` → day number; nil unless it is exactly that and a date that exists.
    public static func parse(_ text: some StringProtocol) -> Int? {
        let b = Array(text.utf8)
        guard b.count == 10, b[4] == 0x2D, b[7] == 0x2D,
            let y = decimal(b[0..<4]), let m = decimal(b[5..<7]), let d = decimal(b[8..<10]),
            (1900...9999).contains(y), (1...12).contains(m), d >= 1,
            d <= daysInMonth(year: y, month: m)
        else { return nil }
        return dayNumber(year: y, month: m, day: d)
    }

    /// Day number → `YYYY-MM-DD`.
    public static func text(dayNumber: Int) -> String {
        let (y, m, d) = date(dayNumber: dayNumber)
        return "\(padded(y, 4))-\(padded(m, 2))-\(padded(d, 2))"
    }

    static func decimal(_ bytes: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for b in bytes {
            guard b >= 0x30, b <= 0x39 else { return nil }
            value = value * 10 + Int(b - 0x30)
        }
        return bytes.isEmpty ? nil : value
    }

    static func padded(_ value: Int, _ width: Int) -> String {
        let s = String(value)
        return s.utf8.count >= width ? s : String(repeating: "0", count: width - s.utf8.count) + s
    }
}

// MARK: - RFC 3339

extension Instant {
    /// `2026-03-08T06:30:00Z`, with `.123` only where there are milliseconds (RFC 3339).
    public var rfc3339: String {
        let secs = seconds
        let day = Int(secs >= 0 ? secs / 86_400 : (secs - 86_399) / 86_400)
        let ofDay = Int(secs) - day * 86_400
        let (y, mo, d) = CivilDate.date(dayNumber: day)
        let milli = Int(ms - secs * 1000)
        var out: [UInt8] = []
        out.reserveCapacity(24)
        func put(_ v: Int, _ width: Int) {
            var divisor = 1
            for _ in 1..<width { divisor *= 10 }
            while divisor > 0 {
                out.append(0x30 + UInt8((v / divisor) % 10))
                divisor /= 10
            }
        }
        put(y, 4)
        out.append(0x2D)
        put(mo, 2)
        out.append(0x2D)
        put(d, 2)
        out.append(0x54)
        put(ofDay / 3600, 2)
        out.append(0x3A)
        put(ofDay / 60 % 60, 2)
        out.append(0x3A)
        put(ofDay % 60, 2)
        if milli > 0 {
            out.append(0x2E)
            put(milli, 3)
        }
        out.append(0x5A)
        return String(decoding: out, as: UTF8.self)
    }

    /// Parses RFC 3339 with any offset and up to nine fraction digits (beyond milliseconds cut off).
    /// A leap second, `23:59:60` in UTC, is taken as the second after it. nil for anything else: a date
    /// that does not exist, a missing offset, a year outside 1900–9999.
    public init?(rfc3339 text: some StringProtocol) {
        let b = Array(text.utf8)
        guard b.count >= 20, b.count <= 35, let day = CivilDate.parse(text.prefix(10)),
            b[10] == 0x54 || b[10] == 0x74 || b[10] == 0x20, b[13] == 0x3A, b[16] == 0x3A,
            let h = CivilDate.decimal(b[11..<13]), let mi = CivilDate.decimal(b[14..<16]),
            let s = CivilDate.decimal(b[17..<19]), h < 24, mi < 60, s <= 60
        else { return nil }
        var i = 19
        var milli = 0
        if b[i] == 0x2E {
            let start = i + 1
            i = start
            while i < b.count, b[i] >= 0x30, b[i] <= 0x39 { i += 1 }
            guard i > start, i - start <= 9 else { return nil }
            for k in 0..<3 { milli = milli * 10 + (start + k < i ? Int(b[start + k] - 0x30) : 0) }
        }
        guard i < b.count else { return nil }
        var offset = 0
        if b[i] == 0x5A || b[i] == 0x7A {
            guard i == b.count - 1 else { return nil }
        } else {
            guard b[i] == 0x2B || b[i] == 0x2D, b.count == i + 6, b[i + 3] == 0x3A,
                let oh = CivilDate.decimal(b[(i + 1)..<(i + 3)]),
                let om = CivilDate.decimal(b[(i + 4)..<(i + 6)]), oh < 24, om < 60
            else { return nil }
            offset = (oh * 60 + om) * (b[i] == 0x2B ? 60 : -60)
        }
        let seconds = day * 86_400 + h * 3600 + mi * 60 + s - offset
        guard s < 60 || seconds % 86_400 == 0 else { return nil }
        self.init(ms: Int64(seconds) * 1000 + Int64(milli))
        guard self >= .earliest, self <= .latest else { return nil }
    }
}

// MARK: - Zones, at the edge only

/// A named zone (IANA) with its offsets read once, so that a page of fifty times stays cheap.
public struct Zone: Sendable, Hashable {
    public let identifier: String
    private let table: OffsetTable

    /// nil where the identifier names no zone.
    public init?(_ identifier: String) {
        guard let table = OffsetTable.of(identifier) else { return nil }
        self.identifier = identifier
        self.table = table
    }

    public static let utc = Zone(fixed: "UTC")

    /// The place that it is named for: `New York`.
    public var place: String {
        let bytes = identifier.utf8
        let start = bytes.lastIndex(of: 0x2F).map(bytes.index(after:)) ?? bytes.startIndex
        return String(decoding: bytes[start...].map { $0 == 0x5F ? 0x20 : $0 }, as: UTF8.self)
    }

    /// All names that a person may choose from, sorted.
    public static let identifiers = TimeZone.knownTimeZoneIdentifiers.sorted()

    private init(fixed identifier: String) {
        self.identifier = identifier
        table = OffsetTable(starts: [Int64.min], offsets: [0])
    }

    /// Seconds east of UTC at that instant.
    public func offsetSeconds(at instant: Instant) -> Int {
        table.offset(atSecond: instant.seconds)
    }

    /// The wall clock at that instant.
    public func wall(_ instant: Instant) -> WallTime {
        let local = instant.seconds + Int64(offsetSeconds(at: instant))
        let day = Int(local >= 0 ? local / 86_400 : (local - 86_399) / 86_400)
        return WallTime(dayNumber: day, secondOfDay: Int(local - Int64(day) * 86_400))
    }

    /// The instant of a wall time. In an autumn overlap the earlier one; a time that a spring gap
    /// leaves out is taken with the offset before the gap, so 02:30 becomes 03:30 (RFC 5545 § 3.3.5).
    public func instant(_ wall: WallTime) -> Instant {
        let local = Int64(wall.dayNumber) * 86_400 + Int64(wall.secondOfDay)
        let before = Int64(table.offset(atSecond: local - 86_400))
        let after = Int64(table.offset(atSecond: local + 86_400))
        let first = local - before
        if before == after || Int64(table.offset(atSecond: first)) == before {
            return Instant(seconds: first)
        }
        let second = local - after
        if Int64(table.offset(atSecond: second)) == after { return Instant(seconds: second) }
        return Instant(seconds: first)
    }

    /// How an instant stands in a form, to the minute: its wall time, and in the second half of an
    /// autumn overlap with its offset too (RFC 3339), so that a form that is sent back unchanged never
    /// moves a time.
    public func formText(_ instant: Instant) -> String {
        let wall = wall(instant)
        let minute = WallTime(dayNumber: wall.dayNumber, secondOfDay: wall.secondOfDay / 60 * 60)
        guard instant.seconds - self.instant(minute).seconds >= 60 else { return wall.text }
        let offset = offsetSeconds(at: instant) / 60
        return CivilDate.text(dayNumber: wall.dayNumber) + "T" + wall.clock + ":00"
            + (offset < 0 ? "-" : "+") + CivilDate.padded(abs(offset) / 60, 2) + ":"
            + CivilDate.padded(abs(offset) % 60, 2)
    }

    public static func == (a: Zone, b: Zone) -> Bool { a.identifier == b.identifier }
    public func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}

/// A date and time of day without a zone.
public struct WallTime: Hashable, Sendable {
    /// Days since 1970-01-01.
    public var dayNumber: Int
    /// Seconds since midnight, 0 ..< 86,400 (86,400 = the end of the day).
    public var secondOfDay: Int

    public init(dayNumber: Int, secondOfDay: Int) {
        self.dayNumber = dayNumber
        self.secondOfDay = secondOfDay
    }

    /// `YYYY-MM-DD HH:MM` or `YYYY-MM-DDTHH:MM`, seconds allowed; nil for anything else.
    public init?(_ text: some StringProtocol) {
        let b = Array(text.utf8)
        guard b.count == 16 || b.count == 19, let day = CivilDate.parse(text.prefix(10)),
            b[10] == 0x20 || b[10] == 0x54, b[13] == 0x3A,
            let h = CivilDate.decimal(b[11..<13]), let m = CivilDate.decimal(b[14..<16]),
            h < 24, m < 60
        else { return nil }
        var s = 0
        if b.count == 19 {
            guard b[16] == 0x3A, let v = CivilDate.decimal(b[17..<19]), v < 60 else { return nil }
            s = v
        }
        self.init(dayNumber: day, secondOfDay: h * 3600 + m * 60 + s)
    }

    /// `YYYY-MM-DD HH:MM`.
    public var text: String { CivilDate.text(dayNumber: dayNumber) + " " + clock }

    /// `HH:MM`.
    public var clock: String {
        CivilDate.padded(secondOfDay / 3600, 2) + ":"
            + CivilDate.padded(secondOfDay / 60 % 60, 2)
    }

    /// `MM-DD HH:MM`.
    public var short: String {
        let (_, m, d) = CivilDate.date(dayNumber: dayNumber)
        return CivilDate.padded(m, 2) + "-" + CivilDate.padded(d, 2) + " " + clock
    }
}

/// The changes of a zone's offset, 1970 to 2100, as two arrays searched by halving.
final class OffsetTable: Sendable {
    let starts: [Int64]
    let offsets: [Int]

    init(starts: [Int64], offsets: [Int]) {
        self.starts = starts
        self.offsets = offsets
    }

    func offset(atSecond second: Int64) -> Int {
        if starts.count == 1 { return offsets[0] }
        var lo = 0
        var hi = starts.count - 1
        while lo < hi {
            let mid = (lo + hi + 1) / 2
            if starts[mid] <= second { lo = mid } else { hi = mid - 1 }
        }
        return offsets[lo]
    }

    private static let cache = Locked<[String: OffsetTable]>([:])

    static func of(_ identifier: String) -> OffsetTable? {
        if let known = cache.withLock({ $0[identifier] }) { return known }
        guard identifier.utf8.count <= 64, let zone = TimeZone(identifier: identifier) else {
            return nil
        }
        var starts: [Int64] = [Int64.min]
        var at = Date(timeIntervalSince1970: -86_400)
        var offsets = [zone.secondsFromGMT(for: at)]
        let end = Date(timeIntervalSince1970: 4_102_444_800)
        while let next = zone.nextDaylightSavingTimeTransition(after: at), next < end, next > at {
            let offset = zone.secondsFromGMT(for: next.addingTimeInterval(1))
            if offset != offsets[offsets.count - 1] {
                starts.append(Int64(next.timeIntervalSince1970.rounded()))
                offsets.append(offset)
            }
            at = next
        }
        let table = OffsetTable(starts: starts, offsets: offsets)
        cache.withLock { $0[identifier] = table }
        return table
    }
}
