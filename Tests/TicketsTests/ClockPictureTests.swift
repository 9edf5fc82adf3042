import Base
import ServiceLevels
import Testing

@testable import Tickets

/// The bar of the design's example: received Thursday 16:10 at Naivasha, 24 counted hours of working time
/// (08:00–12:30 and 13:30–17:00), paused from Friday 10:40 to Monday 09:15, looked at on Tuesday 10:24.
/// The expected figures stand in the design's drawing: 12:39 counted, 11:21 left, due Wednesday 14:45.
@Suite struct ClockPictureTests {
    static func at(_ text: String) -> Instant { Instant(rfc3339: text + ":00+03:00") ?? Instant(ms: 0) }

    static let origin = at("2026-03-05T16:10")
    static let now = at("2026-03-10T10:24")

    static func clock(paused: Bool = true) throws -> ServiceClock {
        let spans = [DaySpan("08:00", "12:30"), DaySpan("13:30", "17:00")].compactMap { $0 }
        let calendar = try WorkCalendar(
            CalendarDefinition.weekly(id: "naivasha", zone: "Africa/Nairobi", weekdays: 1...5, spans: spans))
        let row = GradeTargets(response: .hours(4), solution: .hours(24))
        let policy = try ServiceLevelPolicy(
            id: "rift", scope: .house, effectiveFrom: Instant(ms: 0), responseCalendar: "naivasha",
            solutionCalendar: "naivasha", targets: [.p1: row, .p2: row, .p3: row, .p4: row])
        let terms = try ClockTerms(policy, calendars: CalendarBook([calendar]))
        var events = [
            ClockEvent(at("2026-03-05T16:36"), .graded(Grade(.p2))),
            ClockEvent(at("2026-03-06T09:24"), .responded),
        ]
        if paused {
            events.append(ClockEvent(at("2026-03-06T10:40"), .paused))
            events.append(ClockEvent(at("2026-03-09T09:15"), .resumed))
        }
        return ServiceClock(origin: origin, events: events, terms: terms)
    }

    static func picture(_ leg: Leg, at now: Instant = now) throws -> (ClockPicture, LegState) {
        let clock = try clock()
        let state = clock.state(of: leg, at: now)
        let picture = ClockPicture(
            intervals: clock.explanation(of: leg, at: now), origin: state.origin, due: state.due,
            stop: state.endedAt, now: now, zone: Zone("Africa/Nairobi") ?? .utc)
        return (picture, state)
    }

    static func hours(_ picture: ClockPicture, _ kind: ClockPicture.Piece.Kind) -> Double {
        let length = Double((picture.to - picture.from).ms) / 3_600_000
        return picture.pieces.filter { $0.kind == kind }.reduce(0) { $0 + $1.width } / 100 * length
    }

    @Test func theDrawingIsToScale() throws {
        let (picture, state) = try Self.picture(.solution)
        #expect(state.elapsed == .minutes(12 * 60 + 39))
        #expect(state.remaining == .minutes(11 * 60 + 21))
        #expect(state.due == Self.at("2026-03-11T14:45"))
        // Widths are the hours, but for pieces thinner than a fifth of a per cent.
        #expect(abs(Self.hours(picture, .counted) - 12.65) < 0.3)
        #expect(abs(Self.hours(picture, .left) - 11.35) < 0.3)
        #expect(abs(Self.hours(picture, .paused) - 70.58) < 0.1)
        let due = try #require(picture.marks.first { $0.kind == .due })
        #expect(abs(due.x - picture.x(Self.at("2026-03-11T14:45"))) < 0.001)
        #expect((95...99).contains(due.x))
    }

    @Test func everyPieceLiesInsideAndInOrder() throws {
        for leg in Leg.allCases {
            let (picture, _) = try Self.picture(leg)
            var end = -0.001
            for piece in picture.pieces {
                #expect(piece.x >= end - 0.2, "\(leg) \(piece)")
                #expect(piece.x + piece.width <= 100.2)
                end = piece.x + piece.width
            }
        }
    }

    @Test func anOverrunIsDrawnAsOne() throws {
        let late = Self.at("2026-03-12T10:00")
        let (picture, state) = try Self.picture(.solution, at: late)
        #expect(state.verdict == .missed)
        #expect(abs(Self.hours(picture, .counted) - 24) < 0.5)
        #expect(abs(Self.hours(picture, .over) - 4.25) < 0.3)
        #expect(Self.hours(picture, .left) == 0)
    }

    @Test func wordsOfMarksKeepApart() throws {
        let due = Self.now + .minutes(20)
        let widths: [ClockPicture.Mark.Kind: Double] = [.now: 10, .due: 10, .stop: 20]
        for (from, expected) in [
            (Self.now - .hours(10), [ClockPicture.Mark.Anchor.end, .end] as [ClockPicture.Mark.Anchor?]),
            (Self.now - .minutes(1), [.start, .end]),
        ] {
            let picture = ClockPicture(
                intervals: [], origin: from, due: due, stop: nil, now: Self.now, zone: .utc, widths: widths)
            #expect(picture.marks.map(\.kind) == [.now, .due])
            // Where both cannot stand, the word `now` goes and its line stays.
            if picture.marks[0].anchor != nil { #expect(picture.marks.map(\.anchor) == expected) }
        }
    }

    @Test func aYearStaysDrawable() throws {
        let (picture, _) = try Self.picture(.solution, at: Self.at("2027-03-10T10:24"))
        #expect(picture.pieces.count < 700)
        #expect(picture.ticks.count <= 6)
    }

    @Test(arguments: [
        (Span.hours(1), 0...6), (.hours(20), 1...6), (.hours(60), 1...6), (.days(9), 1...6),
        (.days(400), 1...6),
    ])
    func atMostSixTicks(length: Span, count: ClosedRange<Int>) {
        let ticks = ClockPicture.ticks(from: Self.origin, to: Self.origin + length, zone: .utc)
        #expect(count.contains(ticks.count), "\(length): \(ticks.count)")
    }

    @Test func percentHasTwoDecimals() {
        for (value, text) in [(0.0, "0.00%"), (12.345, "12.35%"), (100, "100.00%"), (7.004, "7.00%")] {
            #expect(ClockBar.percent(value) == text)
        }
    }
}

/// Amounts in capitals, after the examples of the accounting rules (会计基础工作规范, 1996, § 52).
@Suite struct ChineseAmountTests {
    @Test(
        arguments: [
            (486_000, "肆仟捌佰陆拾元整"), (0, "零元整"), (1, "壹分"), (10, "壹角整"), (105, "壹元零伍分"),
            (140_950, "壹仟肆佰零玖元伍角整"), (600_714, "陆仟零柒元壹角肆分"), (168_032, "壹仟陆佰捌拾元零叁角贰分"),
            (10_700_053, "壹拾万柒仟元零伍角叁分"), (1_640_902, "壹万陆仟肆佰零玖元零贰分"), (32_504, "叁佰贰拾伍元零肆分"),
            (1_000_000, "壹万元整"), (100_000_000_00, "壹亿元整"), (100_000_001_00, "壹亿零壹元整"),
            (3_860_000, "叁万捌仟陆佰元整"),
        ] as [(Int64, String)])
    func capitals(minor: Int64, text: String) {
        #expect(ChineseAmount.capitals(minor: minor) == text)
    }

    @Test func traditionalAndBounds() {
        #expect(ChineseAmount.capitals(minor: 2_360_000, traditional: true) == "貳萬參仟陸佰元整")
        #expect(ChineseAmount.capitals(minor: -1) == nil)
        #expect(ChineseAmount.capitals(minor: .max) == nil)
    }

    @Test(
        arguments: [
            ("38600", 3_860_000), ("38,600.50", 3_860_050), ("３８６００", 3_860_000), ("0.5", 50), ("¥ 12", 1200),
        ] as [(String, Int64)])
    func amountsAsPeopleWriteThem(text: String, minor: Int64) {
        #expect(Money.minor(text, "CNY") == minor)
    }

    @Test(arguments: ["", "x", "1.234", "-5", "1e9", "99999999999999999999", "1.", "."])
    func notAmounts(text: String) {
        #expect(Money.minor(text, "CNY") == nil)
    }
}
