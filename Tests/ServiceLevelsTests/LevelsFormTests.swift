import Base
import Foundation
import Testing

@testable import ServiceLevels

/// What administrators type: spans of hours, holidays as they have them at hand.
@Suite struct LevelsFormTests {
    @Test(arguments: [
        ("08:00-12:00, 13:00-17:00", "08:00-12:00, 13:00-17:00"), ("9:00–17:30", "09:00-17:30"),
        ("０８：００—１２：００、１３：００～１７：００", "08:00-12:00, 13:00-17:00"),
        ("08:00至12:00；13:00到18:00", "08:00-12:00, 13:00-18:00"),
        ("", ""), ("00:00-24:00", "00:00-24:00"), ("08:00", nil), ("12:00-08:00", nil), ("25:00-26:00", nil),
        ("08:00-12:00-13:00", nil), ("all day", nil),
    ])
    func spansAsPeopleWriteThem(_ typed: String, _ read: String?) {
        #expect(CalendarForm.spans(typed).map(CalendarForm.text) == read)
    }

    @Test func holidaysAsAList() throws {
        var set = HolidaySet(id: "x")
        let years = try HolidayImport.take(
            "# 2026\n2026-02-17 休 春节\n2026-02-14,work,Spring Festival\n\n2027-01-01\n", into: &set,
            field: "content")
        #expect(years == [2026, 2027] && set.knownYears == [2026, 2027])
        let day = try #require(CivilDate.parse("2026-02-14"))
        #expect(set.days[day] == .init(isOff: false, name: "Spring Festival"))
        #expect(set.days[day + 3] == .init(isOff: true, name: "春节"))
    }

    @Test(arguments: [
        ("2026-02-30", "levels.line_wrong"), ("soon", "levels.line_wrong"), ("{", "levels.not_json"),
        ("{\"year\": 2026}", "levels.no_holiday_file"), ("[1]", "levels.no_holiday_file"),
    ])
    func wrongHolidaysAreNamed(_ text: String, _ code: String) {
        var set = HolidaySet(id: "x")
        let failure = #expect(throws: Failure.self) {
            try HolidayImport.take(
                "2026-01-01\n".prefix(text.hasPrefix("2") || text == "soon" ? 11 : 0) + text, into: &set,
                field: "f")
        }
        #expect(failure?.fields.first?.code == code)
    }

    @Test(.enabled(if: Shared.has("data/calendar/holiday-cn"), Shared.missing("data/calendar/holiday-cn")))
    func filesOfHolidayCN() throws {
        var set = HolidaySet(id: "cn")
        let files = try [2025, 2026].map { try Shared.text("data/calendar/holiday-cn/\($0).json") }
        #expect(try HolidayImport.take(files[0], into: &set, field: "f") == [2025])
        // Several at once, as an array.
        #expect(
            try HolidayImport.take("[" + files.joined(separator: ",") + "]", into: &set, field: "f") == [
                2025, 2026,
            ])
        let before = set.days.count
        set.forget(2026)
        #expect(set.knownYears == [2025] && set.days.count < before)
        #expect(set.isProvisional(CivilDate.dayNumber(year: 2026, month: 2, day: 17)))
    }

    /// The book of an earlier moment counts by that moment's calendar, and shares what did not change.
    @Test func booksOfEarlierMoments() throws {
        func item(_ kind: LevelKind, _ id: String, _ version: Int, _ content: JSON, _ stamp: Int64)
            -> LevelItem
        {
            LevelItem(
                kind: kind, id: id, version: version, content: content, createdAt: Instant(ms: stamp),
                createdBy: nil, isActive: true, stamp: stamp)
        }
        func office(_ to: Int) throws -> JSON {
            try CalendarDefinition.weekly(
                id: "o", zone: "UTC", weekdays: 1...5, spans: [DaySpan(from: 8 * 3600, to: to * 3600)]
            ).json
        }
        let book = try LevelsBook(
            [
                item(.calendar, "o", 1, office(16), 1),
                item(.calendar, "24x7", 1, CalendarDefinition.always().json, 2),
                item(
                    .policy, "house", 1, ServiceLevelPolicy.standard(from: .earliest, calendar: "o").json, 3),
                item(.calendar, "o", 2, office(18), 4),
            ], stamp: 4)
        let monday = try at("2026-03-09T15:00Z")
        let due = { (b: LevelsBook) in b.calendars["o"]?.due(from: monday, counted: .hours(2)) }
        #expect(due(book) == (try at("2026-03-09T17:00Z")))
        #expect(due(try book.at(3)) == (try at("2026-03-10T09:00Z")))
        #expect(try book.at(4) === book && book.at(0) === book && book.at(9) === book)
        #expect(try book.at(3) === book.at(3))
        #expect(try book.at(3).calendars["24x7"] === book.calendars["24x7"])
        #expect(try book.at(2).policies.isEmpty)
    }
}
