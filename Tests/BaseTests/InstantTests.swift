import Foundation
import TestKit
import Testing

@testable import Base

@Suite struct InstantTests {
    // Expected seconds by GNU date: date -u -d … +%s.
    @Test(
        "RFC 3339",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2026-03-08T06:30:00Z", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08t06:30:00z", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08 06:30:00Z", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08T14:30:00+08:00", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08T20:30:00+14:00", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-07T18:30:00-12:00", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08T12:15:00+05:45", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08T06:30:00-00:00", 1_772_951_400_000, "2026-03-08T06:30:00Z"),
            ("2026-03-08T06:30:00.5Z", 1_772_951_400_500, "2026-03-08T06:30:00.500Z"),
            ("2026-03-08T06:30:00.123456789+00:00", 1_772_951_400_123, "2026-03-08T06:30:00.123Z"),
            ("2024-02-29T23:59:59Z", 1_709_251_199_000, "2024-02-29T23:59:59Z"),
            ("2000-02-29T00:00:00Z", 951_782_400_000, "2000-02-29T00:00:00Z"),
            ("1969-12-31T23:59:59.999Z", -1, "1969-12-31T23:59:59.999Z"),
            // Leap seconds (RFC 3339 § 5.7 gives the first two).
            ("1990-12-31T23:59:60Z", 662_688_000_000, "1991-01-01T00:00:00Z"),
            ("1990-12-31T15:59:60-08:00", 662_688_000_000, "1991-01-01T00:00:00Z"),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000, "2017-01-01T00:00:00Z"),
            ("2017-01-01T07:59:60+08:00", 1_483_228_800_000, "2017-01-01T00:00:00Z"),
            ("1900-01-01T00:00:00Z", -2_208_988_800_000, "1900-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", 253_402_300_799_000, "9999-12-31T23:59:59Z"),
        ] as [(String, Int64, String)])
    func reads(text: String, ms: Int64, written: String) {
        #expect(Instant(rfc3339: text)?.ms == ms)
        #expect(Instant(ms: ms).rfc3339 == written)
    }

    @Test(
        "What is no RFC 3339 time",
        arguments: [
            "", "2026-03-08", "2026-03-08T06:30:00", "2026-03-08T06:30Z", "2026-02-29T00:00:00Z",
            "1900-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2016-12-31T23:59:61Z",
            "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+08:00", "9999-12-31T23:59:60Z",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00+0800", "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00.1234567890Z",
            "2026-01-01T00:00:00Zx", "2026-01-01T00:00:00+08:00Z", "1899-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01", "1900-01-01T00:00:00+00:01",
            "２０２６-01-01T00:00:00Z", "2026-01-01T00:00:00\u{2212}08:00", "-026-01-01T00:00:00Z",
            "2026-01-01T0a:00:00Z",
        ])
    func refuses(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test("Written and read again; damaged text never traps", arguments: [61, 62] as [UInt64])
    func roundTrip(seed: UInt64) {
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            let t = Instant(
                ms: Int64.random(in: Instant.earliest.ms...Instant.latest.ms, using: &random))
            #expect(Instant(rfc3339: t.rfc3339) == t, "seed \(seed)")
            let damaged = String(decoding: random.mutated(Array(t.rfc3339.utf8)), as: UTF8.self)
            if let other = Instant(rfc3339: damaged) {
                #expect(Instant(rfc3339: other.rfc3339) == other, "seed \(seed): \(damaged)")
            }
            _ = WallTime(damaged)
            _ = CivilDate.parse(damaged)
        }
    }

    @Test("Dates against Foundation's calendar", arguments: [71, 72] as [UInt64])
    func dates(seed: UInt64) throws {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = try #require(TimeZone(secondsFromGMT: 0))
        var random = SeededRandom(seed)
        for _ in 0..<2000 {
            let day = Int.random(in: -25_567...2_932_896, using: &random)
            let c = calendar.dateComponents(
                [.year, .month, .day, .weekday],
                from: Date(timeIntervalSince1970: Double(day) * 86_400))
            let (y, m, d) = CivilDate.date(dayNumber: day)
            #expect((y, m, d) == (c.year, c.month, c.day), "seed \(seed) day \(day)")
            #expect(CivilDate.weekday(dayNumber: day) + 1 == c.weekday, "seed \(seed) day \(day)")
            #expect(CivilDate.dayNumber(year: y, month: m, day: d) == day)
            #expect(CivilDate.parse(CivilDate.text(dayNumber: day)) == day)
        }
    }

    @Test("Lengths of February", arguments: [(1900, 28), (2000, 29), (2023, 28), (2024, 29), (2100, 28)])
    func february(year: Int, days: Int) {
        #expect(CivilDate.daysInMonth(year: year, month: 2) == days)
        #expect(
            CivilDate.dayNumber(year: year, month: 3, day: 1)
                - CivilDate.dayNumber(year: year, month: 2, day: 1) == days)
    }
}

@Suite struct ZoneTests {
    // Gaps take the offset before them, overlaps the earlier instant (RFC 5545 § 3.3.5).
    @Test(
        "Wall time to instant",
        arguments: [
            ("America/New_York", "2026-03-08 01:59", "2026-03-08T06:59:00Z", "2026-03-08 01:59"),
            ("America/New_York", "2026-03-08 02:30", "2026-03-08T07:30:00Z", "2026-03-08 03:30"),
            ("America/New_York", "2026-03-08 03:00", "2026-03-08T07:00:00Z", "2026-03-08 03:00"),
            ("America/New_York", "2026-11-01 00:59", "2026-11-01T04:59:00Z", "2026-11-01 00:59"),
            ("America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z", "2026-11-01 01:30"),
            ("America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z", "2026-11-01 02:00"),
            ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29T01:30:00Z", "2026-03-29 03:30"),
            ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25T00:30:00Z", "2026-10-25 02:30"),
            ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:45:00Z", "2026-10-04 02:45"),
            ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z", "2026-04-05 01:45"),
            ("Asia/Shanghai", "2024-02-29 09:00", "2024-02-29T01:00:00Z", "2024-02-29 09:00"),
            ("Pacific/Kiritimati", "2026-01-01 00:00", "2025-12-31T10:00:00Z", "2026-01-01 00:00"),
            ("Asia/Kathmandu", "2026-01-01 05:45", "2026-01-01T00:00:00Z", "2026-01-01 05:45"),
            ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30T22:00:00Z", "2011-12-31 12:00"),
            ("UTC", "2026-01-01 00:00:01", "2026-01-01T00:00:01Z", "2026-01-01 00:00"),
        ])
    func instants(zone: String, wall: String, expected: String, back: String) throws {
        let zone = try #require(Zone(zone))
        let wall = try #require(WallTime(wall))
        #expect(zone.instant(wall).rfc3339 == expected)
        #expect(zone.wall(zone.instant(wall)).text == back)
    }

    @Test("Names that are no zone", arguments: ["", "Nowhere/Town", "../etc/passwd", "\u{0}"])
    func unknown(name: String) {
        #expect(Zone(name) == nil)
    }

    static let names = [
        "America/New_York", "Europe/Berlin", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe",
        "Pacific/Kiritimati", "Pacific/Apia", "Africa/Casablanca", "America/Sao_Paulo", "UTC",
    ]

    @Test("Offsets against Foundation; there and back again outside overlaps", arguments: names)
    func roundTrip(name: String) throws {
        let zone = try #require(Zone(name))
        let other = try #require(TimeZone(identifier: name))
        var random = SeededRandom(81)
        for _ in 0..<2000 {
            let t = Instant(seconds: Int64.random(in: 0..<4_100_000_000, using: &random))
            let date = Date(timeIntervalSince1970: Double(t.seconds))
            #expect(zone.offsetSeconds(at: t) == other.secondsFromGMT(for: date), "\(t.rfc3339)")
            let again = zone.instant(zone.wall(t))
            // In an overlap the earlier of the two: same wall time, never later.
            #expect(zone.wall(again) == zone.wall(t), "seed 81: \(t.rfc3339)")
            #expect(again <= t, "seed 81: \(t.rfc3339)")
            let isOverlap = zone.offsetSeconds(at: again) != zone.offsetSeconds(at: t)
            #expect(again == t || isOverlap, "seed 81: \(t.rfc3339)")
        }
    }
}
