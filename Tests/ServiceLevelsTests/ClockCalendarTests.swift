import Base
import Foundation
import Testing

@testable import ServiceLevels

/// Clocks on business hours, edits of calendars, worked examples from outside.
@Suite struct ClockCalendarTests {
    @Test func aPauseOverTheWeekendCreditsNothing() throws {
        // 2026-03-06 is a Friday.
        let origin = try at("2026-03-06T09:00Z")
        func due(_ from: String, _ to: String) throws -> Instant? {
            ServiceClock(
                origin: origin,
                events: [
                    ClockEvent(origin, graded(.p1)), ClockEvent(try at(from), .paused),
                    ClockEvent(try at(to), .resumed),
                ], terms: try terms(office())
            ).state(of: .solution, at: try at("2026-03-09T08:30Z")).due
        }
        // 24 h in hours of eight a day: without a pause Wednesday 09:00.
        let plain = try at("2026-03-11T09:00Z")
        #expect(try due("2026-03-06T17:00Z", "2026-03-09T08:00Z") == plain)
        #expect(try due("2026-03-06T19:00Z", "2026-03-08T11:00Z") == plain)
        #expect(try due("2026-03-06T12:00Z", "2026-03-06T13:00Z") == plain, "lunch")
        #expect(try due("2026-03-06T16:00Z", "2026-03-09T08:00Z") == plain + .hours(1))
        #expect(try due("2026-03-06T16:00Z", "2026-03-07T23:00Z") == plain + .hours(1))
    }

    @Test func workingDaysAndAPause() throws {
        let calendar = try office()
        let origin = try at("2026-03-05T15:00Z")
        var events = [ClockEvent(origin, graded(.p3))]
        let terms = try terms(.workingDays(2), calendar)
        func state() -> LegState {
            ServiceClock(origin: origin, events: events, terms: terms)
                .state(of: .solution, at: origin + .days(5))
        }
        #expect(state().due == (try at("2026-03-09T17:00Z")))
        events += [
            ClockEvent(try at("2026-03-06T10:00Z"), .paused),
            ClockEvent(try at("2026-03-06T14:00Z"), .resumed),
        ]
        // Three hours of it in hours: the close moves into the day after.
        #expect(state().due == (try at("2026-03-10T11:00Z")))
    }

    static let golden = "design/golden.json"

    @Test(.enabled(if: Shared.has(golden), Shared.missing(golden)))
    func workedExamples() throws {
        let json = try JSON.parse(Shared.text(Self.golden))
        let dst = try #require(json["dst"])
        let created = try #require(dst["created_utc"]?.string.flatMap { Instant(rfc3339: $0) })
        let due = try #require(dst["P4_response_due_utc"]?.string.flatMap { Instant(rfc3339: $0) })
        // The reader's zone has no part in it.
        for zone in ["America/New_York", "UTC", "Asia/Shanghai"] {
            let calendar = try WorkCalendar(.always(zone: zone))
            let clock = ServiceClock(
                origin: created, events: [ClockEvent(created, graded(.p4))], terms: try terms(calendar))
            #expect(clock.state(of: .response, at: created).due == due)
        }
        #expect(Zone("America/New_York")?.wall(due).text == "2026-03-09 02:30")

        let change = try #require(json["reprioritise"])
        let pause = change["paused_h"]?.array?.compactMap(\.double) ?? []
        try #require(pause.count == 2)
        let hour = try #require(change["reprioritised_to_P2_72h_at_h"]?.double)
        func dueAfter(_ why: Reprioritisation) throws -> Instant? {
            clock(
                [
                    (0, graded(.p4)), (pause[0], .paused), (pause[1], .resumed),
                    (hour, .reprioritised(why, Grade(.p2))),
                ], try terms()
            ).state(of: .solution, at: h(hour)).due
        }
        #expect(try dueAfter(.misjudged) == h(#require(change["reason_misjudged_due_h"]?.double)))
        #expect(try dueAfter(.impactChanged) == h(#require(change["reason_impact_changed_due_h"]?.double)))
    }

    /// The clock drawn on the ticket's page.
    @Test func theClockThatWasDrawn() throws {
        let nairobi = "Africa/Nairobi"
        let calendar = try WorkCalendar(
            .weekly(
                id: "nairobi", zone: nairobi, weekdays: 1...5,
                spans: [DaySpan(from: 28_800, to: 45_000), DaySpan(from: 48_600, to: 61_200)]))
        let row = GradeTargets(response: .hours(4), solution: .hours(24))
        let policy = try ServiceLevelPolicy(
            id: "SLA-2023-017", version: 3, scope: .contract("x"), effectiveFrom: .earliest,
            responseCalendar: "nairobi", solutionCalendar: "nairobi",
            targets: [.p1: row, .p2: row, .p3: row, .p4: row])
        let events: [(String, ClockEvent.Kind)] = [
            ("2026-03-05 16:36", graded(.p2)), ("2026-03-06 09:24", .responded),
            ("2026-03-06 10:40", .paused), ("2026-03-09 09:15", .resumed),
        ]
        let clock = ServiceClock(
            origin: try at("2026-03-05 16:10", nairobi),
            events: try events.map { ClockEvent(try at($0, nairobi), $1) },
            terms: try ClockTerms(policy, calendars: CalendarBook([calendar])))
        let now = try at("2026-03-10 10:24", nairobi)
        let state = clock.state(at: now)
        #expect(state.response.elapsed == .minutes(134) && state.response.verdict == .met)
        #expect(state.response.due == (try at("2026-03-06 11:10", nairobi)))
        #expect(state.solution.elapsed == .minutes(12 * 60 + 39))
        #expect(state.solution.due == (try at("2026-03-11T11:45Z")))
        #expect(state.solution.paused == .minutes(6 * 60 + 35))
        let drawn = clock.explanation(of: .solution, at: now).map { part in
            "\(calendar.zone.wall(part.from).short)–\(calendar.zone.wall(part.to).clock) "
                + "\(part.kind.rawValue) \(part.counted.seconds / 60) \(part.total.seconds / 60) \(part.reason)"
        }
        #expect(
            drawn == [
                "03-05 16:10–17:00 counted 50 50 received", "03-05 17:00–08:00 outside_hours 0 50 night",
                "03-06 08:00–10:40 counted 160 210 ", "03-06 10:40–09:15 paused 395 210 waiting_on_customer",
                "03-09 09:15–12:30 counted 195 405 resumed", "03-09 12:30–13:30 outside_hours 0 405 break",
                "03-09 13:30–17:00 counted 210 615 ", "03-09 17:00–08:00 outside_hours 0 615 night",
                "03-10 08:00–10:24 counted 144 759 ", "03-10 10:24–12:30 to_count 126 885 ",
                "03-10 12:30–13:30 outside_hours 0 885 break", "03-10 13:30–17:00 to_count 210 1095 ",
                "03-10 17:00–08:00 outside_hours 0 1095 night", "03-11 08:00–12:30 to_count 270 1365 ",
                "03-11 12:30–13:30 outside_hours 0 1365 break", "03-11 13:30–14:45 to_count 75 1440 ",
            ])
    }

    @Test func whyTimeIsOutsideHours() throws {
        let set = try HolidaySet(id: "s", daysOff: ["2026-03-10"])
        let origin = try at("2026-03-06T11:00Z")
        let clock = ServiceClock(
            origin: origin, events: [ClockEvent(origin, graded(.p1))],
            terms: try terms(office(holidays: [set])))
        let reasons = clock.explanation(of: .solution, at: origin)
            .filter { $0.kind == .outsideHours }.map(\.reason)
        #expect(reasons == ["break", "weekend", "break", "holiday", "break", "night"])
    }

    // MARK: Edits

    /// Re-evaluates after an edit: the facts that keep what must stay, and the clock with them.
    func edited(
        _ facts: [(Double, ClockEvent.Kind)], _ old: ClockTerms, _ new: ClockTerms, at now: Double
    ) -> (kept: [ClockEvent], clock: ServiceClock) {
        let before = clock(facts, old).state(at: h(now))
        var after = clock(facts, new)
        let kept = ServiceClock.keeping(old: before, new: after.state(at: h(now)), at: h(now))
        after.events += kept
        return (kept, after)
    }

    @Test func anEditNeverMovesADueInstantIntoThePast() throws {
        let long = try terms(.hours(100), always)
        let short = try terms(.hours(10), always)
        let facts: [(Double, ClockEvent.Kind)] = [(0, graded(.p2))]
        let (kept, clock) = edited(facts, long, short, at: 20)
        #expect(kept.count == 2)
        for now in [20.0, 60, 100] {
            #expect(clock.state(at: h(now)).solution.due == h(100))
            #expect(clock.state(at: h(now)).solution.verdict == .pending)
        }
        #expect(clock.state(at: h(101)).solution.verdict == .missed)
        #expect(clock.state(at: h(30)).solution.remaining == .hours(70))
        // A pause after it still moves it.
        var paused = clock
        paused.events += [ClockEvent(h(30), .paused), ClockEvent(h(35), .resumed)]
        #expect(paused.state(at: h(36)).solution.due == h(105))
        #expect(paused.state(at: h(32)).solution.due == nil)
        // From the future to a nearer future it may move, and needs no fact.
        let near = edited(facts, long, short, at: 5)
        #expect(near.kept.isEmpty && near.clock.state(at: h(5)).solution.due == h(10))
    }

    @Test func anEditKeepsVerdictsAndMisses() throws {
        let long = try terms(.hours(100), always)
        let short = try terms(.hours(10), always)
        // Stopped in time: stays met. Answered at 1 h: the same under both, so only the due instant.
        let stopped = edited(
            [(0, graded(.p2)), (1, .responded), (50, .solutionGiven(interim: false))], long, short, at: 60)
        #expect(stopped.clock.state(at: h(70)).solution.verdict == .met)
        #expect(stopped.clock.state(at: h(70)).response.due == h(100))
        // Missed: stays missed under terms that would have been kinder.
        let missed = edited([(0, graded(.p2))], short, long, at: 20)
        #expect(missed.clock.state(at: h(21)).solution.verdict == .missed)
        #expect(missed.clock.state(at: h(21)).solution.missedAt == h(10))
        // Paused with time left: the same due instant as if the pause ended at the edit.
        let paused = edited([(0, graded(.p2)), (15, .paused)], long, short, at: 40)
        #expect(paused.clock.state(at: h(50)).solution.verdict == .pending)
        var resumed = paused.clock
        resumed.events.append(ClockEvent(h(60), .resumed))
        #expect(resumed.state(at: h(61)).solution.due == h(145))
    }

    @Test func ticketsAreNotBornBreachedByACalendarEdit() throws {
        // Friday 16:00, four hours on business hours: due Monday 11:00. On Saturday somebody makes the
        // calendar run round the clock.
        let origin = try at("2026-03-06T16:00Z")
        let now = try at("2026-03-07T10:00Z")
        let facts = [ClockEvent(origin, graded(.p2))]
        let old = ServiceClock(origin: origin, events: facts, terms: try terms(office()))
        var new = ServiceClock(origin: origin, events: facts, terms: try terms())
        #expect(new.state(at: now).response.verdict == .missed)
        new.events += ServiceClock.keeping(old: old.state(at: now), new: new.state(at: now), at: now)
        #expect(new.state(at: now).response.due == (try at("2026-03-09T11:00Z")))
        #expect(new.state(at: now).response.verdict == .pending)
    }

    @Test func pausesSurviveAnEditOfThePolicy() throws {
        let facts: [(Double, ClockEvent.Kind)] = [(0, graded(.p2)), (1, .paused), (21, .resumed)]
        let edit = edited(facts, try terms(.hours(100), always), try terms(.hours(50), always), at: 30)
        #expect(edit.kept.filter { if case .kept(.solution, _, _) = $0.kind { true } else { false } }.isEmpty)
        #expect(edit.clock.state(at: h(30)).solution.due == h(70))
    }

    // MARK: Against stepping

    @Test func dueInstantsAgreeWithSteppingMinuteByMinute() throws {
        let seed = SeededRandom.seed()
        var random = SeededRandom(seed)
        let calendars = [
            always, try office("America/New_York"), try office("Asia/Shanghai"),
            try WorkCalendar(
                .weekly(
                    id: "odd", zone: "Europe/Berlin", weekdays: [1, 2, 4, 6, 7],
                    spans: [DaySpan(from: 4 * 3600, to: 9 * 3600), DaySpan(from: 20 * 3600, to: 86_400)])),
        ]
        for round in 0..<160 {
            let calendar = calendars[round % calendars.count]
            let origin = Instant(
                seconds: (29_500_000 + Int64.random(in: 0..<500_000, using: &random)) * 60)
            // Two targets: provisional and graded alike, then perhaps corrected.
            let targets = (0..<2).map { _ in Int64.random(in: 30...1800, using: &random) }
            func amount(_ i: Int) -> GradeTargets {
                let t = Target(.counted(targets[i] * 60))
                return GradeTargets(response: t, solution: t)
            }
            let policy = try ServiceLevelPolicy(
                id: "x", scope: .house, effectiveFrom: .earliest, responseCalendar: calendar.id,
                solutionCalendar: calendar.id,
                targets: [.p1: amount(1), .p2: amount(0), .p3: amount(0), .p4: amount(0)])
            var events = [ClockEvent(origin, graded(.p2))]
            var holds: [(Instant, Instant)] = []
            var t = origin
            var changed: Instant?
            for _ in 0..<Int.random(in: 0...4, using: &random) {
                t = t + .minutes(Int64.random(in: 1...1500, using: &random))
                let end = t + .minutes(Int64.random(in: 1...3000, using: &random))
                if changed == nil, Bool.random(using: &random) {
                    changed = t
                    events.append(ClockEvent(t, misjudged(.p1)))
                }
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    events += [ClockEvent(t, .paused), ClockEvent(end, .resumed)]
                    holds.append((t, end))
                case 1:
                    events += [
                        ClockEvent(t, .solutionGiven(interim: false)), ClockEvent(end, .solutionRefused),
                    ]
                    holds.append((t, end))
                default:
                    events += [
                        ClockEvent(t, .solutionGiven(interim: false)), ClockEvent(end, .decisionReturned),
                    ]
                }
                t = end
            }
            let clock = ServiceClock(
                origin: origin, events: events,
                terms: try ClockTerms(policy, calendars: CalendarBook([calendar])))
            // The model: minute by minute, knowing nothing of positions and totals.
            func run(_ minutes: Int64) -> Instant {
                var left = minutes
                var now = origin
                while left > 0 {
                    if isOpen(calendar, now), !holds.contains(where: { $0.0 <= now && now < $0.1 }) {
                        left -= 1
                    }
                    now = now + .minutes(1)
                }
                return now
            }
            let first = run(targets[0])
            let due = changed == nil ? first : run(targets[1])
            let now = t + .minutes(Int64.random(in: 1...4000, using: &random))
            let state = clock.state(of: .solution, at: now)
            let missed = (changed.map { first < $0 } ?? false) || due < now
            let name: Comment = "seed \(seed) round \(round) \(calendar.id) \(origin.rfc3339)"
            #expect(state.due == due, name)
            #expect(state.verdict == (missed ? .missed : .pending), name)
            var elapsed: Int64 = 0
            var minute = origin
            while minute < now {
                if isOpen(calendar, minute), !holds.contains(where: { $0.0 <= minute && minute < $0.1 }) {
                    elapsed += 1
                }
                minute = minute + .minutes(1)
            }
            #expect(state.elapsed == .minutes(elapsed), name)
        }
    }

    @Test func theBenchRuns() throws {
        var t: UInt64 = 0
        let rate = try ClockBench.evaluationsPerSecond(calendar: office(), count: 100) {
            t += 1_000_000
            return t
        }
        #expect(rate == 100_000)
    }
}
